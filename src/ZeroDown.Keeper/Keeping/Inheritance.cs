using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>What a keeper that was killed leaves to this one, through the daemon that outlived it.</summary>
/// <param name="Keeper">What the dead one had said of itself.</param>
/// <param name="Held">Everything on hold.</param>
/// <param name="Launches">Everything launched and not forgotten; whoever lives is pinned.</param>
internal sealed record Inheritance(KeeperFields Keeper, IReadOnlyDictionary<string, HeldFd> Held, IReadOnlyList<KeptLaunch> Launches)
{
    /// <summary>From the opening of a gate to execve it is milliseconds.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    internal static Inheritance From(GiveBackReader read, IReadOnlyDictionary<string, HeldFd> held)
    {
        List<KeptLaunch> launches = [];
        foreach (var record in read.Launches)
        {
            var launch = KeptLaunch.From(record);
            if (launch.IsAlive)
            {
                launch.Pinned = read.PidFds.Remove(launch.LaunchId, out var pidFd) ? PinnedProcess.Adopt(launch.Pid, launch.StartTime, pidFd) : Pin(launch);
            }

            if (Settle(launch))
            {
                launches.Add(launch);
            }
        }

        return new Inheritance(read.Keeper, held, launches);
    }

    private static PinnedProcess? Pin(KeptLaunch launch) => PinnedProcess.Pin(new ProcessIdentity(launch.Pid, launch.StartTime, Machine.BootId));

    /// <summary>
    /// Finds out how a launch stands whose keeper died under it. A trampoline whose gate was never opened ends by itself, for its keeper's end of the gate is gone; one
    /// whose gate was being opened either becomes its program or ends, and we wait until we know.
    /// </summary>
    /// <returns>False if its program never ran: it is dropped, and the daemon orders it again.</returns>
    private static bool Settle(KeptLaunch launch)
    {
        switch (launch.State)
        {
            case KeptState.AtGate:
                End(launch);
                return false;
            case KeptState.Starting:
                return HasStarted(launch);
            case KeptState.Started when launch.Pinned is null:
                launch.State = KeptState.Exited;
                launch.Exit = PinnedProcess.ExitOf(new ProcessIdentity(launch.Pid, launch.StartTime, Machine.BootId));
                return !launch.ForgetOnExit;
            default:
                return true;
        }
    }

    private static bool HasStarted(KeptLaunch launch)
    {
        var deadline = MonotonicClock.Now + StartPatience;
        while (launch.Pinned is { HasEnded: false } pinned)
        {
            if (!IsTrampoline(launch.Pid))
            {
                launch.State = KeptState.Started;
                return true;
            }

            if (MonotonicClock.Now > deadline)
            {
                break;
            }

            _ = pinned.WaitForEnd(Glance);
        }

        End(launch);
        return false;
    }

    private static void End(KeptLaunch launch)
    {
        if (launch.Pinned is { } pinned)
        {
            _ = pinned.Signal(Signals.Kill);
            _ = pinned.WaitForEnd(StartPatience);
            pinned.Dispose();
            launch.Pinned = null;
        }
    }

    /// <summary>By its words: `/proc/self/exe exec-worker …`, or `dotnet zd.dll exec-worker …`.</summary>
    private static bool IsTrampoline(int pid)
    {
        var words = (ProcFs.ReadText($"/proc/{pid}/cmdline") ?? "").Split('\0');
        return words is [_, WorkerLauncher.Verb, ..] or [_, _, WorkerLauncher.Verb, ..];
    }
}
