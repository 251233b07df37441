using System.Globalization;

namespace ZeroDown.EndToEnd.Harness;

/// <summary>A process as /proc shows it.</summary>
internal sealed record RunningProcess(int Pid, string CommandLine, string State)
{
    public override string ToString() => $"{Pid} {State} {CommandLine}";

    public void Kill()
    {
        try
        {
            System.Diagnostics.Process.GetProcessById(Pid).Kill();
        }
        catch (ArgumentException)
        {
            // It has ended by itself.
        }
    }
}

/// <summary>
/// Finds what belongs to a home: keeper, daemon and workers all carry <c>ZD_HOME</c> in the environment that they were started with, or
/// the home's path in their command line.
/// </summary>
internal static class ProcessTable
{
    public static IReadOnlyList<RunningProcess> OfHome(string home) =>
        [.. Pids().Select(pid => Look(pid, home)).OfType<RunningProcess>()];

    /// <summary>Those whose command line contains the text, among a home's.</summary>
    public static IReadOnlyList<RunningProcess> OfHome(string home, string commandLinePart) =>
        [.. OfHome(home).Where(process => process.CommandLine.Contains(commandLinePart, StringComparison.Ordinal))];

    public static bool Exists(int pid) => Directory.Exists($"/proc/{pid}");

    /// <summary>
    /// When it started, which tells it from every other that gets its number; null once its last thread has ended. Until then it holds its locks and sockets, though its first thread may be a
    /// zombie already and its command line gone.
    /// </summary>
    public static string? LivesSince(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "X" || (fields[0] == "Z" && fields[17] is "0" or "1") ? null : fields[19];
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static IEnumerable<int> Pids() => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
        .Where(pid => pid > 0 && pid != Environment.ProcessId);

    private static RunningProcess? Look(int pid, string home)
    {
        try
        {
            var commandLine = File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ').Trim();
            if (!commandLine.Contains(home, StringComparison.Ordinal)
                && !File.ReadAllText($"/proc/{pid}/environ").Split('\0').Contains($"ZD_HOME={home}"))
            {
                return null;
            }

            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return new RunningProcess(pid, commandLine, stat[(stat.LastIndexOf(')') + 2)..][..1]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // gone meanwhile, or another user's
        }
    }
}
