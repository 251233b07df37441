namespace ZeroDown.Platform;

/// <summary>What a running process was started from, and where the system counts it.</summary>
public static class RunningProgram
{
    private const string Deleted = " (deleted)";

    /// <summary>True when its file has been replaced or removed since. Null if that may not be seen, and on macOS.</summary>
    public static bool? IsReplaced(int pid) => ProcFs.ReadLink($"/proc/{pid}/exe")?.EndsWith(Deleted, StringComparison.Ordinal);

    /// <summary>Where its file lies, or lay. Null if that may not be seen, and on macOS.</summary>
    public static string? PathOf(int pid) => ProcFs.ReadLink($"/proc/{pid}/exe") is { } path
        ? path.EndsWith(Deleted, StringComparison.Ordinal) ? path[..^Deleted.Length] : path
        : null;

    /// <summary>Path of its control group, version 2 if there is one; null if that may not be seen, and on macOS.</summary>
    public static string? ControlGroup(int pid)
    {
        var lines = (ProcFs.ReadText($"/proc/{pid}/cgroup") ?? "").Split('\n');
        var line = Array.Find(lines, text => text.StartsWith("0::", StringComparison.Ordinal) && text != "0::/")
            ?? Array.Find(lines, text => text.Contains(":name=systemd:", StringComparison.Ordinal))
            ?? Array.Find(lines, text => text.StartsWith("0::", StringComparison.Ordinal));
        return line?.Split(':', 3)[2];
    }
}
