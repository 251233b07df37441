namespace ZeroDown.Platform;

/// <summary>One process, told apart from every other that ever had or will have its pid.</summary>
/// <param name="Pid">Its number, which the system uses again after it has been reaped.</param>
/// <param name="StartTime">When it started: clock ticks since boot on Linux, microseconds since 1970 on macOS. Only good for comparing.</param>
/// <param name="BootId">Which boot of the machine; pids and start times begin anew with each.</param>
public sealed record ProcessIdentity(int Pid, long StartTime, string BootId)
{
    /// <summary>Null if there is no such process (a zombie still is one).</summary>
    public static ProcessIdentity? Of(int pid) => StartTimeOf(pid) is { } start ? new ProcessIdentity(pid, start, Machine.BootId) : null;

    /// <summary>Ourselves.</summary>
    public static ProcessIdentity Current { get; } = Of(Environment.ProcessId) ?? throw new InvalidOperationException("/proc is not mounted");

    /// <summary>False once it has ended, also while it waits to be reaped.</summary>
    public bool IsAlive() => BootId == Machine.BootId && (OperatingSystem.IsLinux()
        ? ProcStat.Read(Pid) is { HasEnded: false } stat && stat.StartTicks == StartTime
        : StartTimeOf(Pid) == StartTime);

    /// <summary>Sends a signal to this very process, never to a later one with the same pid.</summary>
    /// <param name="signal">See <see cref="Signals"/>; 0 only asks whether it may be signalled.</param>
    public SignalOutcome Signal(int signal)
    {
        using var pinned = PinnedProcess.Pin(this);
        return pinned?.Signal(signal) ?? SignalOutcome.Gone;
    }

    /// <summary>A descriptor that becomes readable when the process has ended, for the poller; null if it has already, or the kernel has no pidfds.</summary>
    public FdHandle? OpenPidFd()
    {
        var fd = OperatingSystem.IsLinux() ? Interop.PidFdOpen(Pid) : -1;
        if (fd < 0)
        {
            return null;
        }

        // The pidfd pins one process; whether it is ours is asked only now, so the answer cannot change any more.
        var pidfd = new FdHandle(fd);
        if (IsAlive())
        {
            return pidfd;
        }

        pidfd.Dispose();
        return null;
    }

    internal static SignalOutcome Outcome(int result) =>
        result == 0 ? SignalOutcome.Delivered
        : Errno.Last == Errno.ESRCH ? SignalOutcome.Gone
        : Errno.Last == Errno.EPERM ? SignalOutcome.NotPermitted
        : throw SystemCallException.FromLast("kill");

    private static unsafe long? StartTimeOf(int pid)
    {
        if (OperatingSystem.IsLinux())
        {
            return ProcStat.Read(pid)?.StartTicks;
        }

        // struct proc_bsdinfo (PROC_PIDTBSDINFO): 136 bytes, the start in seconds and microseconds at its end.
        const int bsdInfo = 3, size = 136;
        var info = stackalloc byte[size];
        return Interop.ProcPidInfo(pid, bsdInfo, 0, info, size) == size ? (*(long*)(info + 120) * 1_000_000) + *(long*)(info + 128) : null;
    }
}

/// <summary>What became of a signal.</summary>
public enum SignalOutcome
{
    Delivered,

    /// <summary>The process had already ended; nobody else got the signal.</summary>
    Gone,

    NotPermitted,
}
