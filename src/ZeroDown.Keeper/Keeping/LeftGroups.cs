using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>Members of groups whose leader has exited, for a keeper that ends workers itself: each is asked to stop once, and killed at the end.</summary>
internal sealed class LeftGroups
{
    private readonly List<PinnedProcess> _members = [];

    internal bool AreGone
    {
        get
        {
            foreach (var ended in _members.FindAll(member => member.HasEnded))
            {
                ended.Dispose();
                _members.Remove(ended);
            }

            return _members.Count == 0;
        }
    }

    /// <param name="leader">It has exited and is not reaped yet, so the group's number is its own.</param>
    /// <param name="signal">For the others of its group.</param>
    internal void Ask(int leader, int signal)
    {
        foreach (var process in OperatingSystem.IsLinux() ? ProcStat.ReadAll() : [])
        {
            if (process.Group == leader && process.Pid != leader && !process.HasEnded
                && PinnedProcess.Pin(new ProcessIdentity(process.Pid, process.StartTicks, Machine.BootId)) is { } member)
            {
                _members.Add(member);
                _ = member.Signal(signal);
            }
        }
    }

    internal void Kill() => _members.ForEach(member => member.Signal(Signals.Kill));
}
