using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>Everything that the keeper, or one before it, kept for the daemon: what a new one gets before its first event. Empty for the very first.</summary>
/// <param name="Held">By key. The handles are the receiver's.</param>
/// <param name="Workers">Every launch that is not forgotten, also those that have exited or failed; in launch order.</param>
/// <param name="Predecessors">How many daemons of this keeper, and of those that it succeeded, ended before this one; above 0 the keeper knows every worker that was ever launched and not forgotten.</param>
/// <param name="QuickDeaths">How many of the last ones in a row ended within 10 s of their start (or never got ready).</param>
/// <param name="KeeperPid">The keeper's own.</param>
/// <param name="ContractVersion">What the keeper speaks; ours is <see cref="KeeperClient.ContractVersion"/>.</param>
/// <param name="AloneSince">When the last daemon was gone (CLOCK_MONOTONIC); for the first one, when the keeper began.</param>
public sealed record GiveBack(
    IReadOnlyDictionary<string, HeldFd> Held,
    IReadOnlyList<KeptWorker> Workers,
    int Predecessors,
    int QuickDeaths,
    int KeeperPid,
    int ContractVersion,
    TimeSpan AloneSince)
{
    /// <summary>The keeper's program version, for people; empty if it does not say.</summary>
    public string KeeperVersion { get; init; } = "";

    /// <summary>How many of the last ones in a row ended quickly and by a failure of their own: one that is killed from outside does not count.</summary>
    public int Failures { get; init; }

    /// <summary>
    /// This keeper succeeded one that was killed, and no daemon has taken over under it yet: what was ordered of the dead one and not answered (launches, signals) it does not know.
    /// </summary>
    public bool AfterSuccession { get; init; }

    /// <summary>The last update, which may be the one that this daemon was started for; null if there was none.</summary>
    public UpdateNote? Update { get; init; }
}

/// <summary>How an update stands.</summary>
/// <param name="Token">The asker's word for it.</param>
/// <param name="Stage">How far it came.</param>
/// <param name="Text">Why not further; a sentence for people.</param>
public sealed record UpdateNote(string Token, UpdateStage Stage, string Text);

public enum UpdateStage : byte
{
    Underway = 0,

    /// <summary>Daemon and keeper are of the new program.</summary>
    Done = 1,

    /// <summary>The daemon is, the keeper could not become it and goes on as it was.</summary>
    DaemonOnly = 2,

    /// <summary>The new daemon did not start; the old program's daemon is back.</summary>
    Returned = 3,
}

/// <summary>A descriptor that was on hold.</summary>
/// <param name="Fd">The receiver's.</param>
/// <param name="Kind">As it was given.</param>
/// <param name="DiscardedBytes">Of an output FIFO: what the keeper threw away while nobody read, since the last give-back.</param>
public sealed record HeldFd(FdHandle Fd, HoldKind Kind, long DiscardedBytes);

/// <summary>A launch as the keeper knows it.</summary>
/// <param name="LaunchId">The order's.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Pid">0 if there never was a process.</param>
/// <param name="StartTime">See <see cref="KeeperEvent.Spawned"/>.</param>
/// <param name="Note">The last one, as given.</param>
/// <param name="Exit">Set in <see cref="KeptState.Exited"/>; unknown if it was no child of this keeper.</param>
/// <param name="Failure">Set in <see cref="KeptState.Failed"/>.</param>
public sealed record KeptWorker(
    long LaunchId,
    KeptState State,
    int Pid,
    long StartTime,
    ReadOnlyMemory<byte> Note,
    ChildExit? Exit,
    LaunchFailure? Failure);

/// <summary>Why a launch failed.</summary>
public sealed record LaunchFailure(LaunchStep Step, Errno Errno, string Text);

public enum KeptState : byte
{
    /// <summary>The process waits at its gate: the last daemon was gone before it could open it. Open it, or kill it.</summary>
    AtGate = 0,

    /// <summary>The gate is open, execve has not happened yet.</summary>
    Starting = 1,

    /// <summary>The program runs.</summary>
    Started = 2,

    /// <summary>Gone; <see cref="KeptWorker.Exit"/> says how.</summary>
    Exited = 3,

    /// <summary>Never ran; <see cref="KeptWorker.Failure"/> says why.</summary>
    Failed = 4,
}

/// <summary>What a held descriptor is. Only <see cref="Output"/> makes a difference to the keeper.</summary>
public enum HoldKind : byte
{
    Other = 0,

    /// <summary>A listening socket.</summary>
    Listener = 1,

    /// <summary>The read end of a worker's stdout or stderr. While no daemon is attached, the keeper keeps it from filling up.</summary>
    Output = 2,

    /// <summary>The write end of a worker's stdin.</summary>
    Input = 3,

    /// <summary>Our end of a Node or library channel.</summary>
    Channel = 4,

    /// <summary>A notify socket.</summary>
    Notify = 5,
}
