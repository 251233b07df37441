using System.Globalization;

namespace ZeroDown.Platform;

/// <summary>
/// Which processes a worker has started, also after it has itself exited. Linux; elsewhere none is found.
/// </summary>
/// <remarks>
/// A process whose parent has ended is adopted by the keeper, the subreaper of all workers. So every root of what a worker leaves behind is a child of the keeper, and no look
/// at all of /proc is needed. Which worker it belonged to, the kernel does not record: its session says so, or the notify socket in its environment (one path per worker), or
/// that it was seen below the worker before.
/// </remarks>
/// <param name="leader">The launched process.</param>
/// <param name="startTime">When it started.</param>
/// <param name="notifySocket">The path in its NOTIFY_SOCKET.</param>
/// <param name="keeperPid">Who adopts orphans.</param>
/// <param name="anywhere">The worker was launched by an earlier keeper, so its orphans have gone to somebody else: all processes are looked at.</param>
public sealed class WorkerTree(int leader, long startTime, string notifySocket, int keeperPid, bool anywhere = false)
{
    /// <summary>A tree that grows without end must not take the daemon with it. What is beyond is found when others have ended.</summary>
    private const int Largest = 4096;

    private const int Readings = 5;

    private readonly object _gate = new();
    private readonly HashSet<(int Pid, long StartTime)> _seen = [];

    /// <summary>The tree of a process that was just launched or taken over.</summary>
    public static WorkerTree Of(int leader, long startTime, string notifySocket, int keeperPid)
    {
        var isChild = OperatingSystem.IsLinux() && ProcStat.Read(leader) is { } stat && stat.StartTicks == startTime && stat.ParentPid == keeperPid;
        return new WorkerTree(leader, startTime, notifySocket, keeperPid, anywhere: !isChild);
    }

    /// <summary>Its processes, the worker first while it lives. They are remembered: one that changes session and environment later is found all the same.</summary>
    public IReadOnlyList<TreeMember> All(Predicate<int> isWorker)
    {
        if (!OperatingSystem.IsLinux() || leader == 0)
        {
            return [];
        }

        var found = new Dictionary<int, TreeMember>();
        if (ProcStat.Read(leader) is { HasEnded: false } stat && stat.StartTicks == startTime)
        {
            Walk(TreeMember.From(stat), found);
        }

        foreach (var root in Orphans(isWorker))
        {
            Walk(root, found);
        }

        lock (_gate)
        {
            foreach (var member in found.Values)
            {
                _ = _seen.Count < Largest && _seen.Add((member.Pid, member.StartTime));
            }
        }

        return [.. found.Values];
    }

    /// <summary>What is left when the worker itself has exited.</summary>
    /// <param name="isWorker">Other workers' own processes, which need no look.</param>
    public IReadOnlyList<TreeMember> Rest(Predicate<int> isWorker)
    {
        // A process that starts another one and ends while we look can hide it once.
        var rest = Look();
        return rest.Count > 0 ? rest : Look();

        List<TreeMember> Look() => [.. All(isWorker).Where(member => member.Pid != leader || member.StartTime != startTime)];
    }

    /// <summary>Everything that descends from a process, without it.</summary>
    public static IReadOnlyList<TreeMember> Below(int pid)
    {
        var found = new Dictionary<int, TreeMember>();
        foreach (var child in OperatingSystem.IsLinux() ? ChildrenOf(pid) : [])
        {
            if (ProcStat.Read(child) is { HasEnded: false } stat && stat.ParentPid == pid)
            {
                Walk(TreeMember.From(stat), found);
            }
        }

        return [.. found.Values];
    }

    private IEnumerable<TreeMember> Orphans(Predicate<int> isWorker)
    {
        foreach (var pid in anywhere ? ProcFs.Pids() : ChildrenOf(keeperPid))
        {
            if (pid != leader && pid != Environment.ProcessId && !isWorker(pid)
                && ProcStat.Read(pid) is { HasEnded: false } stat && (anywhere || stat.ParentPid == keeperPid) && Belongs(stat))
            {
                yield return TreeMember.From(stat);
            }
        }
    }

    private bool Belongs(ProcStat stat) =>
        stat.StartTicks >= startTime
        && (stat.Session == leader || IsSeen(stat) || ProcessEnvironment.Has(stat.Pid, "NOTIFY_SOCKET", notifySocket));

    private bool IsSeen(ProcStat stat)
    {
        lock (_gate)
        {
            return _seen.Contains((stat.Pid, stat.StartTicks));
        }
    }

    private static void Walk(TreeMember root, Dictionary<int, TreeMember> found)
    {
        var waiting = new Queue<TreeMember>([root]);
        while (waiting.TryDequeue(out var member) && found.Count < Largest)
        {
            if (!found.TryAdd(member.Pid, member))
            {
                continue;
            }

            foreach (var child in ChildrenOf(member.Pid))
            {
                if (ProcStat.Read(child) is { HasEnded: false } stat && stat.ParentPid == member.Pid)
                {
                    waiting.Enqueue(TreeMember.From(stat));
                }
            }
        }
    }

    /// <remarks>The kernel skips one now and then when another ends in the same moment; so it is asked until it says the same twice.</remarks>
    private static HashSet<int> ChildrenOf(int pid)
    {
        var before = ReadChildren(pid);
        for (var reading = 1; reading < Readings; reading++)
        {
            var now = ReadChildren(pid);
            if (now.SetEquals(before))
            {
                return now;
            }

            now.UnionWith(before);
            before = now;
        }

        return before;
    }

    private static HashSet<int> ReadChildren(int pid)
    {
        HashSet<int> children = [];
        foreach (var thread in ProcFs.Numbers($"/proc/{pid}/task") ?? [])
        {
            var text = ProcFs.ReadText($"/proc/{pid}/task/{thread}/children");
            if (text is null && thread == pid && ProcFs.ReadLink($"/proc/{pid}/ns/pid") is not null)
            {
                return [.. ProcStat.ReadAll().Where(process => process.ParentPid == pid).Select(process => process.Pid)]; // a kernel without CONFIG_PROC_CHILDREN
            }

            foreach (var word in (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var child))
                {
                    children.Add(child);
                }
            }
        }

        return children;
    }
}
