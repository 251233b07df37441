namespace ZeroDown.Daemon.Survival;

/// <summary>A state that was written down cannot be read; the message is for people.</summary>
internal sealed class UnreadableStateException(string message, Exception? inner = null) : Exception(message, inner);
