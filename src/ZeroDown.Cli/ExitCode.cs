namespace ZeroDown.Cli;

/// <summary>What scripts build upon; a test freezes the numbers.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>Unknown target, not ready, nothing to do, a build that failed.</summary>
    public const int Failed = 1;

    public const int WrongUsage = 2;

    public const int ConfigInvalid = 5;

    public const int DaemonNotReachable = 6;

    /// <summary>A roll failed and the old generation serves on; comes from the daemon.</summary>
    public const int RollFailed = 7;

    /// <summary>Ctrl-C: the command stopped waiting; the daemon goes on.</summary>
    public const int Interrupted = 130;
}

/// <summary>Ends a command with a message for people and its exit code.</summary>
internal sealed class CommandException(int exitCode, string message) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
