namespace ZeroDown.Platform;

/// <summary>Which processes belong to a worker. Linux; elsewhere only the worker itself is known.</summary>
public static class ProcessTree
{
    private const int MostDescribed = 16;

    /// <summary>Everything in the session that a worker leads, and everything that descends from it, also in sessions of its own. The living only, the worker first.</summary>
    /// <remarks>A grandchild that left the session and whose parent has ended is not found: nothing connects it with the worker any more.</remarks>
    public static IReadOnlyList<int> Of(int leaderPid)
    {
        if (!OperatingSystem.IsLinux())
        {
            return [leaderPid];
        }

        return Of(leaderPid, ProcStat.ReadAll());
    }

    /// <summary>Command and pid of each, for people; the number of the rest when there are many.</summary>
    public static IReadOnlyList<string> Describe(int leaderPid)
    {
        var pids = OperatingSystem.IsLinux() ? Of(leaderPid) : [];
        var named = pids.Take(MostDescribed).Select(pid => new TreeMember(pid, 0, 0).ToString());
        return [.. named, .. pids.Count > MostDescribed ? [$"{pids.Count - MostDescribed} more"] : Array.Empty<string>()];
    }

    /// <summary>The same, out of a look at all processes that was taken before.</summary>
    internal static IReadOnlyList<int> Of(int leaderPid, List<ProcStat> all)
    {
        var childrenOf = all.ToLookup(process => process.ParentPid);
        var found = new HashSet<int>();
        var waiting = new Queue<int>(all.Where(process => process.Pid == leaderPid || process.Session == leaderPid).Select(process => process.Pid).OrderBy(pid => pid != leaderPid));
        while (waiting.TryDequeue(out var pid))
        {
            if (found.Add(pid))
            {
                foreach (var child in childrenOf[pid])
                {
                    waiting.Enqueue(child.Pid);
                }
            }
        }

        var ended = all.Where(process => process.HasEnded).Select(process => process.Pid).ToHashSet();
        return [.. found.Where(pid => !ended.Contains(pid))];
    }

    /// <summary>The members of a session that are alive.</summary>
    internal static List<int> Session(int leaderPid) =>
        [.. ProcStat.ReadAll().Where(process => process.Session == leaderPid && !process.HasEnded).Select(process => process.Pid)];
}
