using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>What workers left behind when they ended: it has come to us as their subreaper, or as pid 1. Each one that ends may bring further ones.</summary>
internal sealed class LeftBehind
{
    /// <summary>Between the request to end and SIGKILL.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>From then on to the moment in which we end without them: whoever waits in the kernel (a dead network disk) does not hear SIGKILL either.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(5);

    /// <summary>They belong to another user (of a sudo, say), or do not end.</summary>
    private readonly HashSet<int> _beyondUs = [];

    private TimeSpan? _since;

    /// <returns>True when nobody is left whom we can end.</returns>
    internal bool IsGone(bool inHaste, TimeSpan now)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        var left = ProcStat.ReadAll().FindAll(process => process.ParentPid == Environment.ProcessId && !process.HasEnded && !_beyondUs.Contains(process.Pid));
        if (left.Count == 0)
        {
            return true;
        }

        if (_since is not { } since)
        {
            _since = now;
            KeeperLog.Say($"processes that workers left behind are ended: {Names(left)}");
            End(left, Signals.Terminate);
        }
        else if (now - since > Grace + LastPatience)
        {
            LeaveAlone(left, "do not end");
        }
        else if (inHaste || now - since > Grace)
        {
            End(left, Signals.Kill);
        }

        return false;
    }

    private void End(List<ProcStat> processes, int signal)
    {
        var foreign = processes.FindAll(process => Interop.Kill(process.Pid, signal) < 0 && Errno.Last == Errno.EPERM);
        if (foreign.Count > 0)
        {
            LeaveAlone(foreign, "may not be ended by this user");
        }
    }

    private void LeaveAlone(List<ProcStat> processes, string why)
    {
        var words = $"these processes {why} and stay behind: {Names(processes)}";
        KeeperLog.Say(words);
        Foreground.SayToUser(words);
        processes.ForEach(process => _beyondUs.Add(process.Pid));
    }

    private static string Names(List<ProcStat> processes) => string.Join(", ", processes.Select(process => $"{process.Name} (pid {process.Pid})"));
}
