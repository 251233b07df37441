using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>
/// What workers left behind when they ended: it has come to us as their subreaper, or as pid 1. Each process is asked to stop once its parent in the tree has ended, and killed
/// later. Never ended: what <c>treekill: false</c> excepts, and what <see cref="TreeGlance.Spared"/> says.
/// </summary>
internal sealed class LeftBehind
{
    /// <summary>Between a request to end and SIGKILL.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>From the first look to SIGKILL, also when each request has brought up another process to ask.</summary>
    private static readonly TimeSpan LongestGrace = TimeSpan.FromSeconds(6);

    /// <summary>In which a process that was asked by its parent shows it by ending.</summary>
    private static readonly TimeSpan Courtesy = TimeSpan.FromMilliseconds(500);

    /// <summary>From SIGKILL on to the moment in which we end without them: whoever waits in the kernel (a dead network disk) does not hear SIGKILL either.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(5);

    /// <summary>They belong to another user (of a sudo, say), or do not end.</summary>
    private readonly HashSet<ProcessIdentity> _beyondUs = [];

    /// <summary>When each was first seen without a parent, and null once it was asked.</summary>
    private readonly Dictionary<ProcessIdentity, TimeSpan?> _roots = [];

    private TimeSpan? _since;
    private TimeSpan _lastAsked;

    /// <returns>True when nobody is left whom we end.</returns>
    internal bool IsGone(bool inHaste, SparedProcesses spared, TimeSpan now)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        var tree = TreeGlance.At(WorkerTree.Below(Environment.ProcessId));
        var excepted = tree.WithAllBelow(spared.Has);
        var left = tree.Mortal.Where(member => !excepted.Contains(member) && !_beyondUs.Contains(member.Identity)).ToList();
        if (left.Count == 0)
        {
            SayWhatLivesOn([.. tree.Spared.Union(excepted).Where(member => !_beyondUs.Contains(member.Identity))]);
            return true;
        }

        if (_since is null)
        {
            (_since, _lastAsked) = (now, now);
            KeeperLog.Say($"processes that workers left behind are ended: {Names(left)}");
        }

        var killAt = Min(_lastAsked + Grace, _since.Value + LongestGrace);
        if (now > killAt + LastPatience)
        {
            LeaveAlone(left, "do not end");
        }
        else if (inHaste || now > killAt)
        {
            End(left, Signals.Kill);
        }
        else
        {
            End(Unasked(tree.Roots.Intersect(left), now), Signals.Terminate);
        }

        return false;
    }

    private List<TreeMember> Unasked(IEnumerable<TreeMember> roots, TimeSpan now)
    {
        List<TreeMember> unasked = [];
        foreach (var root in roots)
        {
            // Those of the first look have lost their parent before; nobody has just asked them.
            var seen = _roots.TryGetValue(root.Identity, out var at) ? at : now;
            _roots[root.Identity] = seen;
            if (seen is not null && (now == _since || now - seen >= Courtesy))
            {
                _roots[root.Identity] = null;
                _lastAsked = now;
                unasked.Add(root);
            }
        }

        return unasked;
    }

    private void End(List<TreeMember> processes, int signal)
    {
        var foreign = processes.FindAll(process => process.Identity.Signal(signal) == SignalOutcome.NotPermitted);
        if (foreign.Count > 0)
        {
            LeaveAlone(foreign, "may not be ended by this user");
        }
    }

    private void LeaveAlone(List<TreeMember> processes, string why)
    {
        Say($"these processes {why} and stay behind: {Names(processes)}");
        processes.ForEach(process => _beyondUs.Add(process.Identity));
    }

    private static void SayWhatLivesOn(List<TreeMember> processes)
    {
        if (processes.Count > 0)
        {
            Say($"these processes live on (treekill: false, or a zd command): {Names(processes)}");
        }
    }

    private static void Say(string words)
    {
        KeeperLog.Say(words);
        Foreground.SayToUser(words);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static string Names(List<TreeMember> processes) => string.Join(", ", processes);
}
