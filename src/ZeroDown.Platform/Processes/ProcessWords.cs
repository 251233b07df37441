namespace ZeroDown.Platform;

/// <summary>The command line of a process, word by word.</summary>
public static class ProcessWords
{
    /// <summary>Empty if there is no such process, it has ended, or the system does not tell (macOS).</summary>
    public static string[] Of(int pid) =>
        OperatingSystem.IsLinux() && ProcFs.ReadText($"/proc/{pid}/cmdline") is { Length: > 0 } text ? text.TrimEnd('\0').Split('\0') : [];
}
