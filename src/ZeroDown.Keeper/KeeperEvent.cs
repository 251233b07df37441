using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>What the keeper tells the daemon, in the order in which it happened.</summary>
public abstract record KeeperEvent
{
    private KeeperEvent()
    {
    }

    /// <summary>The process exists and waits at its gate; nothing of the program has run. Record it, then <see cref="KeeperClient.OpenGate"/>.</summary>
    /// <param name="LaunchId">The order's.</param>
    /// <param name="Pid">Of the worker, for its whole life: the program replaces the trampoline in place. It is also its session and its process group.</param>
    /// <param name="StartTime">Clock ticks from boot to its start (field 22 of /proc/PID/stat): both together are never reused.</param>
    public sealed record Spawned(long LaunchId, int Pid, long StartTime) : KeeperEvent;

    /// <summary>execve succeeded: the program itself runs now.</summary>
    public sealed record Started(long LaunchId) : KeeperEvent;

    /// <summary>The program never ran, and the process (if there was one) is gone. No <see cref="Exited"/> follows.</summary>
    /// <param name="LaunchId">The order's.</param>
    /// <param name="Step">How far it came.</param>
    /// <param name="Errno">Why.</param>
    /// <param name="Text">One line for people, with the path in question.</param>
    public sealed record LaunchFailed(long LaunchId, LaunchStep Step, Errno Errno, string Text) : KeeperEvent;

    /// <summary>The worker is gone and reaped. Kept by the keeper until <see cref="KeeperClient.Forget"/>.</summary>
    public sealed record Exited(long LaunchId, ChildExit Exit) : KeeperEvent;

    /// <summary>The answer to <see cref="KeeperClient.Signal"/>.</summary>
    public sealed record Signalled(long SignalId, long LaunchId, SignalAnswer Answer, Errno Errno) : KeeperEvent;

    /// <summary>The answer to <see cref="KeeperClient.Look"/>.</summary>
    /// <param name="LookId">The question's.</param>
    /// <param name="LaunchId">The worker's.</param>
    /// <param name="Sights">One for each inode, in the order of the question. Empty if there is no such worker any more.</param>
    public sealed record Looked(long LookId, long LaunchId, IReadOnlyList<WatchState> Sights) : KeeperEvent;

    /// <summary>The keeper asks whether the daemon's loop still turns. Pass it through that loop and answer with <see cref="KeeperClient.Beat"/>; after 10 s without an answer the daemon is killed and replaced.</summary>
    public sealed record BeatWanted : KeeperEvent;

    /// <summary>Somebody ended the keeper (SIGTERM, SIGINT): drain every worker, then <see cref="KeeperClient.Shutdown"/>. May come more than once.</summary>
    public sealed record ShutdownRequested : KeeperEvent;

    /// <summary>An update is over, one way or the other.</summary>
    public sealed record Updated(UpdateNote Note) : KeeperEvent;

    /// <summary>
    /// The keeper is gone: <see cref="KeeperClient.StartSuccessor(string)"/>. Until that has worked, exits of living workers are still told and signals delivered, a launch
    /// fails, and every other order is only written down.
    /// </summary>
    public sealed record Lost : KeeperEvent;
}

public enum SignalScope : byte
{
    /// <summary>Only the worker's own process.</summary>
    Process = 0,

    /// <summary>Every process of the worker's group.</summary>
    Group = 1,
}

public enum SignalAnswer : byte
{
    /// <summary>Delivered to the kernel.</summary>
    Sent = 0,

    /// <summary>The worker has exited already; nothing was sent.</summary>
    Gone = 1,

    /// <summary>No worker of that launch id is known.</summary>
    Unknown = 2,

    /// <summary>The kernel refused; the errno says why.</summary>
    Refused = 3,
}
