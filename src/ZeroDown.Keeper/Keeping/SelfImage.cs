using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>How to start ourselves again, in whatever role: always from the very file that runs now, so that a file replaced on disk cannot mix versions. Only an update changes it.</summary>
internal static class SelfImage
{
    /// <summary>Program and leading arguments for the trampoline.</summary>
    internal static string[] Running { get; } = [SelfExecutable.Current.Path, .. SelfExecutable.Current.Arguments];

    /// <summary>The program's version, for people.</summary>
    internal static string Version { get; } = typeof(SelfImage).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>
    /// The same for a keeper or daemon, by its path while that is still our file, so that the process list shows its name ("exe" otherwise). A JIT build is found by
    /// its path alone.
    /// </summary>
    internal static string[] Named =>
        Environment.ProcessPath is { } path && File.Exists(path) && (!SelfExecutable.Current.IsNative || IsOurs(path))
            ? [path, .. SelfExecutable.Current.Arguments]
            : Running;

    private static bool IsOurs(string path)
    {
        using var onDisk = FdHandle.TryOpen(path, Constants.O_RDONLY);
        using var running = FdHandle.TryOpen(SelfExecutable.Current.Path, Constants.O_RDONLY);
        return onDisk is not null && running is not null && onDisk.IsSame(running);
    }
}
