namespace ZeroDown.Platform;

/// <summary>Processes that were started as workers of a home, by the socket that they were given there. Linux; elsewhere none is found.</summary>
public static class StrayWorkers
{
    /// <summary>Those that belong to none of the workers that are known.</summary>
    /// <param name="runFolder">Where the notify sockets of the home lie.</param>
    /// <param name="known">Pids of workers; each leads the session of what it has started.</param>
    public static IReadOnlyList<StrayWorker> Find(string runFolder, IReadOnlyCollection<int> known)
    {
        if (!OperatingSystem.IsLinux())
        {
            return [];
        }

        var mark = $"NOTIFY_SOCKET={runFolder.TrimEnd('/')}/";
        List<StrayWorker> strays = [];
        foreach (var process in ProcStat.ReadAll())
        {
            if (!process.HasEnded && !known.Contains(process.Session) && !known.Contains(process.Pid)
                && (ProcFs.ReadText($"/proc/{process.Pid}/environ") ?? "").Split('\0').Any(variable => variable.StartsWith(mark, StringComparison.Ordinal)))
            {
                strays.Add(new StrayWorker(process.Pid, ProcFs.CommandLine(process.Pid), LeadsSession: process.Session == process.Pid));
            }
        }

        return strays;
    }
}

/// <param name="Pid">Its number.</param>
/// <param name="CommandLine">What it runs.</param>
/// <param name="LeadsSession">It was launched as a worker, or has detached itself from one.</param>
public sealed record StrayWorker(int Pid, string CommandLine, bool LeadsSession);
