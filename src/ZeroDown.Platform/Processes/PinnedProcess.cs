using ZeroDown.Platform.Launching;

namespace ZeroDown.Platform;

/// <summary>A process that is not our child, held by a pidfd: it can be watched, signalled and asked how it ended, and never mistaken for a later one with its number.</summary>
/// <remarks>
/// Where there are no pidfds (macOS, Linux before 5.3, a sandbox that forbids them, no descriptor left) it is known by its number and start time, and looked for at every question: it can
/// still not be mistaken for another, but for the moment between the look and a signal; nobody is woken by its end, so whoever waits has to ask again and again
/// (<see cref="LookEvery"/>); and how it ended is known only as long as nobody has reaped it.
/// <para>
/// How it ended, the kernel tells through the pidfd once it is reaped (PIDFD_GET_INFO, Linux 6.15), or shows in /proc while it is not; whoever reaps it may be quick, so both
/// are asked. A group is signalled through its leader's pidfd too (PIDFD_SIGNAL_PROCESS_GROUP, Linux 6.9), which reaches its members and nobody else even when the leader
/// is gone; older kernels know only the number, and that is safe no longer than the leader lives.
/// </para>
/// </remarks>
internal sealed unsafe class PinnedProcess : IDisposable
{
    private const int InfoSize = 64;
    private const int ExitCodeOffset = 60;

    private readonly ProcessIdentity _identity;

    private PinnedProcess(ProcessIdentity identity, FdHandle? handle) => (_identity, Handle) = (identity, handle);

    /// <summary>How often to ask for one without a <see cref="Handle"/>.</summary>
    internal static TimeSpan LookEvery { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Readable when it has ended. Null where there are no pidfds.</summary>
    internal FdHandle? Handle { get; }

    internal int Pid => _identity.Pid;

    /// <summary>Null if it has ended already.</summary>
    internal static PinnedProcess? Pin(ProcessIdentity identity) => identity.OpenPidFd() is { } handle ? new PinnedProcess(identity, handle)
        : identity.IsAlive() ? new PinnedProcess(identity, null)
        : null;

    /// <summary>One that somebody else has pinned and handed to us.</summary>
    /// <param name="pid">Its number.</param>
    /// <param name="startTime">See <see cref="ProcessIdentity"/>.</param>
    /// <param name="handle">Owned from now on; null where there are no pidfds.</param>
    internal static PinnedProcess Adopt(int pid, long startTime, FdHandle? handle) => new(new ProcessIdentity(pid, startTime, Machine.BootId), handle);

    internal bool HasEnded
    {
        get
        {
            if (Handle is null)
            {
                return !_identity.IsAlive();
            }

            var list = new PollList();
            var at = list.Add(Handle, FdInterest.Read);
            list.Wait(TimeSpan.Zero);
            return list.Happened(at) != FdEvents.None;
        }
    }

    /// <summary>To the process alone.</summary>
    internal SignalOutcome Signal(int signal) => Handle is null ? SignalByNumber(Pid, signal) : ProcessIdentity.Outcome(Interop.PidFdSendSignal(Handle, signal, 0));

    /// <summary>To all of the group that it leads.</summary>
    internal SignalOutcome SignalGroup(int signal)
    {
        if (Handle is null)
        {
            return SignalByNumber(-Pid, signal);
        }

        var result = Interop.PidFdSendSignal(Handle, signal, Constants.PIDFD_SIGNAL_PROCESS_GROUP);
        return result != 0 && Errno.Last == Errno.EINVAL
            ? SignalByNumber(-Pid, signal)
            : ProcessIdentity.Outcome(result);
    }

    private SignalOutcome SignalByNumber(int pid, int signal) => HasEnded ? SignalOutcome.Gone : ProcessIdentity.Outcome(Interop.Kill(pid, signal));

    /// <summary>Waits for its end.</summary>
    /// <returns>False if it lives on after that time.</returns>
    internal bool WaitForEnd(TimeSpan patience)
    {
        var list = new PollList();
        var deadline = MonotonicClock.Now + patience;
        while (!HasEnded)
        {
            if (MonotonicClock.Now >= deadline)
            {
                return false;
            }

            var rest = deadline - MonotonicClock.Now;
            if (Handle is null)
            {
                Thread.Sleep(rest < LookEvery ? rest : LookEvery);
                continue;
            }

            list.Clear();
            list.Add(Handle, FdInterest.Read);
            list.Wait(rest);
        }

        return true;
    }

    /// <summary>How it ended; unknown if nobody can tell any more. It must have ended.</summary>
    internal ChildExit Exit() => ExitByInfo() ?? ExitByProc() ?? ExitByInfo() ?? ChildExit.Unknown();

    private ChildExit? ExitByInfo()
    {
        if (Handle is null)
        {
            return null;
        }

        var info = stackalloc byte[InfoSize];
        new Span<byte>(info, InfoSize).Clear();
        *(ulong*)info = Constants.PIDFD_INFO_EXIT;
        return Interop.Ioctl(Handle, Constants.PIDFD_GET_INFO, info) == 0 && (*(ulong*)info & Constants.PIDFD_INFO_EXIT) != 0
            ? ChildExit.FromStatus(*(int*)(info + ExitCodeOffset))
            : null;
    }

    /// <summary>The same for one that could not be pinned any more.</summary>
    internal static ChildExit ExitOf(ProcessIdentity identity) => ExitByProc(identity) ?? ChildExit.Unknown();

    private ChildExit? ExitByProc() => ExitByProc(_identity);

    private static ChildExit? ExitByProc(ProcessIdentity identity) =>
        OperatingSystem.IsLinux() && ProcStat.Read(identity.Pid) is { HasEnded: true } stat && stat.StartTicks == identity.StartTime
            ? ChildExit.FromStatus(stat.ExitStatus)
            : null;

    public void Dispose() => Handle?.Dispose();
}
