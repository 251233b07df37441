using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>How to start ourselves again: as trampoline from the very file that runs now, in another role from the file on disk.</summary>
internal static class SelfImage
{
    /// <summary>Program and leading arguments for the trampoline: an update on disk cannot mix versions.</summary>
    internal static string[] Running { get; } = [SelfExecutable.Current.Path, .. SelfExecutable.Current.Arguments];

    /// <summary>Program and leading arguments for a keeper or daemon, so that the process list shows its name ("exe" otherwise). The running file if the other is gone.</summary>
    internal static string[] OnDisk { get; } =
        Environment.ProcessPath is { } path && File.Exists(path) ? [path, .. SelfExecutable.Current.Arguments] : Running;
}
