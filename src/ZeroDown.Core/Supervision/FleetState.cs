using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// All that the supervisor knows and wants. Immutable, so a reader may keep it for as long as it likes; the only writer is
/// <see cref="Supervisor.Step"/>.
/// </summary>
public sealed record FleetState
{
    public static readonly FleetState Empty = new();

    /// <summary>In the order in which they were first started: the order of <c>all</c>.</summary>
    public ImmutableList<AppState> Apps { get; init; } = [];

    public ImmutableDictionary<ListenerAddress, Listener> Listeners { get; init; } = ImmutableDictionary<ListenerAddress, Listener>.Empty;

    public long NextWorker { get; init; } = 1;

    public int NextPmId { get; init; }

    public long NextEpoch { get; init; } = 1;

    public bool ShuttingDown { get; init; }

    /// <summary>The daemon was told that it may end.</summary>
    public bool Ended { get; init; }

    /// <summary>Commands that are not answered yet, in the order in which they came.</summary>
    public ImmutableList<PendingRequest> Requests { get; init; } = [];

    /// <summary>CLOCK_MONOTONIC of the step that led to this state. Its orders are the only ones of which a daemon that takes over cannot
    /// know whether they were carried out: each step waits for those of the step before.</summary>
    public TimeSpan LastStepAt { get; init; }

    /// <summary>Orders of the last step that nothing else in the state implies (<see cref="RefuseListener"/>, <see cref="RelaySignal"/>). A
    /// daemon that takes over gives them again. <see cref="SignalProcess"/> is not given again: whether the process is leaving shows.</summary>
    public ImmutableArray<SupervisorAction> Unconfirmed { get; init; } = [];

    public AppState? Find(AppName name) => Apps.Find(app => app.Spec.Name == name);
}

/// <summary>One app: what is asked of it, its slots and its processes.</summary>
public sealed record AppState
{
    /// <summary>What is asked for now; workers carry the spec that they were launched with. A roll's spec takes its place
    /// only when the roll has succeeded.</summary>
    public required AppSpec Spec { get; init; }

    /// <summary>The newest generation that was started, also by a roll that failed. Never falls.</summary>
    public int Generation { get; init; } = 1;

    /// <summary>The generation that <see cref="Spec"/> belongs to: a worker that is replaced outside a roll gets it.</summary>
    public int Serving { get; init; } = 1;

    /// <summary>It is forgotten as soon as its last worker is gone.</summary>
    public bool Deleting { get; init; }

    public ImmutableArray<SlotState> Slots { get; init; } = [];

    /// <summary>Every process that is launched and not forgotten: current, newcomers of a roll, old ones that drain.</summary>
    public ImmutableSortedDictionary<long, Worker> Workers { get; init; } = ImmutableSortedDictionary<long, Worker>.Empty;

    public Roll? Roll { get; init; }

    /// <summary>Watched files changed while something else was being done with the app: its workers are replaced afterwards.</summary>
    public FilesChanged? Changed { get; init; }

    /// <summary>The newcomer of its last automatic roll died while the old worker ran, so the next automatic roll stops the old one first.</summary>
    public bool StopFirst { get; init; }

    /// <summary>Some of its workers are <see cref="Worker.Stranded"/>: they are replaced as soon as nothing else is being done with the app.</summary>
    public bool RenewDue { get; init; }

    /// <summary>It was scaled to 0. One stopped slot is kept for lists, and <see cref="AppSpec.Instances"/> is the number of before, which a start brings back.</summary>
    public bool ScaledToZero { get; init; }

    /// <summary>The last roll, if it failed. The next one that succeeds, or a command that starts the whole app anew, clears it.</summary>
    public FailedRoll? FailedRoll { get; init; }
}

/// <summary>A roll that failed.</summary>
/// <param name="Generation">The one that it was to bring.</param>
/// <param name="At">CLOCK_MONOTONIC of its end.</param>
/// <param name="Failures">Why, slot by slot; of many slots only the first.</param>
public sealed record FailedRoll(int Generation, TimeSpan At, ImmutableArray<SlotFailure> Failures)
{
    /// <summary>More of them would say the same again.</summary>
    public const int MostFailures = 4;
}

/// <summary>A stable position 0 … n-1 of an app. It outlives its workers.</summary>
public sealed record SlotState
{
    public required int Slot { get; init; }

    /// <summary>Daemon-wide number, as pm2 shows it.</summary>
    public required int PmId { get; init; }

    /// <summary>CLOCK_MONOTONIC at which the slot came to be.</summary>
    public TimeSpan CreatedAt { get; init; }

    /// <summary>The intent: true when a worker is wanted here.</summary>
    public bool Wanted { get; init; } = true;

    /// <summary>The worker that stands for the slot, null when there is none.</summary>
    public WorkerId? Current { get; init; }

    /// <summary>The worker that a roll brings up to stand for the slot.</summary>
    public WorkerId? Newcomer { get; init; }

    /// <summary>Of <see cref="Current"/> if there is one. Else Backoff, Errored, Stopped, or Starting: a worker is due and is
    /// launched as soon as the listeners are open and its predecessor is gone (in a roll: unless a newcomer comes first).</summary>
    public WorkerPhase Phase { get; init; } = WorkerPhase.Stopped;

    /// <summary>Quick exits in a row.</summary>
    public int Crashes { get; init; }

    /// <summary>pm2's restart_time: automatic restarts, restarts and reloads.</summary>
    public int Restarts { get; init; }

    /// <summary>The last growing pause, before jitter.</summary>
    public TimeSpan? PreviousBackoff { get; init; }

    public ExitStatus? LastExit { get; init; }

    /// <summary>Its last worker was a job that ended well, and nothing was asked of the slot since.</summary>
    public bool EndedWell { get; init; }

    /// <summary>The armed end of a pause between two starts.</summary>
    public ArmedDeadline? Pause { get; init; }

    /// <summary>Listeners that the worker which stands for the slot, or stood last, asked for and listened on. They stay open as
    /// long as the slot is wanted, and its next worker is expected to listen on as many.</summary>
    public EquatableArray<ListenerAddress> ListenedOn { get; init; } = [];

    /// <summary>The same for addresses that its workers listen on by themselves.</summary>
    public EquatableArray<string> OwnPorts { get; init; } = [];

    /// <summary>False from a command (start, restart) until a worker is ready: then <see cref="ListenedOn"/> and <see cref="OwnPorts"/> are of the time
    /// before, and no measure for what comes.</summary>
    public bool KnowsItsListeners { get; init; }

    /// <summary>Whose command brings it up, for the news.</summary>
    public RequestId? Request { get; init; }

    /// <summary>When the first worker since the last command was launched.</summary>
    public TimeSpan? TryingSince { get; init; }

    /// <summary>Workers that ended since the last command without having been asked to.</summary>
    public int FailedTries { get; init; }

    /// <summary>Why the last of them ended; null when none has since the last command.</summary>
    public FailureCause? LastFailure { get; init; }

    /// <summary>Whose end <see cref="LastFailure"/> was, so that an answer can quote its last words.</summary>
    public WorkerId? LastFailed { get; init; }

    /// <summary>When it ended.</summary>
    public TimeSpan? LastFailedAt { get; init; }
}

/// <summary>One process and what is known of it.</summary>
public sealed record Worker
{
    public required WorkerId Id { get; init; }

    public required int Slot { get; init; }

    /// <summary>The slot's daemon-wide number; kept here because the worker may outlive its slot.</summary>
    public required int PmId { get; init; }

    public required int Generation { get; init; }

    /// <summary>What it was launched with.</summary>
    public required AppSpec Spec { get; init; }

    public WorkerPhase Phase { get; init; } = WorkerPhase.Starting;

    /// <summary>0 until the keeper has a process.</summary>
    public int Pid { get; init; }

    /// <summary>CLOCK_MONOTONIC of the order to launch.</summary>
    public TimeSpan LaunchedAt { get; init; }

    /// <summary>Null while it waits at the gate.</summary>
    public TimeSpan? ExecutedAt { get; init; }

    public TimeSpan? ReadyAt { get; init; }

    /// <summary>Whose command launched it, or told it to leave, for the news.</summary>
    public RequestId? Request { get; init; }

    /// <summary>It has lived long enough to count, where no other sign is asked for.</summary>
    public bool Settled { get; init; }

    /// <summary>While it starts: when its sign of readiness was seen; null when there is none. It counts when <see cref="DeadlineKind.Confirm"/> is over.</summary>
    public TimeSpan? SignedAt { get; init; }

    /// <summary>Its <c>listen_timeout</c> is over.</summary>
    public bool Overdue { get; init; }

    /// <summary>It never said ready, and was counted because it listens.</summary>
    public bool WithoutWord { get; init; }

    public bool SaidReady { get; init; }

    public bool Listens { get; init; }

    public bool HasChannel { get; init; }

    /// <summary>Node cluster: sockets that it asked for and has not been answered about.</summary>
    public ImmutableArray<ListenAsk> Asks { get; init; } = [];

    /// <summary>Node cluster: sockets that it asked for and has.</summary>
    public ImmutableArray<Grant> Grants { get; init; } = [];

    /// <summary>Node cluster: what its predecessor listened on.</summary>
    public EquatableArray<ListenerAddress> Expects { get; init; } = [];

    /// <summary>A newcomer whose predecessor listens by itself: on which addresses.</summary>
    public EquatableArray<string> ExpectsPorts { get; init; } = [];

    /// <summary>It is started as its predecessor was, so it must listen on the same addresses; else on as many.</summary>
    public bool ExpectsSame { get; init; }

    /// <summary>Old and new values of variables that changed since its predecessor. An address that one of them names may have moved.</summary>
    public EquatableArray<string> ToldAnew { get; init; } = [];

    /// <summary>It takes connections, so it may hold some.</summary>
    public bool ListensSomewhere => Listens || Grants.Any(grant => grant.Listening);

    public string? Status { get; init; }

    /// <summary>While it drains: how many connections it still has open; null when nobody has counted.</summary>
    public int? OpenConnections { get; init; }

    /// <summary>TCP addresses that it listens on by itself, beside the sockets that are ours.</summary>
    public EquatableArray<string> OwnPorts { get; init; } = [];

    /// <summary>One of them; null when all its sockets are ours.</summary>
    public string? OwnPort => OwnPorts.Count > 0 ? OwnPorts[0] : null;

    /// <summary>When a roll that was to replace it for its memory began. It is still there, so that roll has failed or still runs.</summary>
    public TimeSpan? OutgrownAt { get; init; }

    /// <summary>The intent: it is to leave. <see cref="Reconcile"/> makes it so.</summary>
    public DrainReason? Leaving { get; init; }

    /// <summary>When leaving began.</summary>
    public TimeSpan? LeftAt { get; init; }

    /// <summary>What its library was told.</summary>
    public DrainReason? Told { get; init; }

    /// <summary>It has let go, or its time to drain is over: the stop signal is due.</summary>
    public bool DrainOver { get; init; }

    /// <summary>It lets go of its last connections; said once.</summary>
    public bool Disconnected { get; init; }

    /// <summary>When its stop signal, or the message in its place, was ordered; null also when the keeper that sent it is gone.</summary>
    public TimeSpan? SignalledAt { get; init; }

    /// <summary>Until when a worker that has its stop signal may go on serving open connections.</summary>
    public TimeSpan LastMoment { get; init; }

    /// <summary>The kill timeout is over, and open connections are still being served.</summary>
    public bool ServesOn { get; init; }

    /// <summary>SIGKILL is due.</summary>
    public bool KillDue { get; init; }

    public bool Killed { get; init; }

    /// <summary>It said that it leaves by its own will.</summary>
    public bool SaidStopping { get; init; }

    /// <summary>It outlived the keeper and the daemon, and accepts on a socket that we do not have: its address had to be bound anew.</summary>
    public bool Stranded { get; init; }

    /// <summary>It is to leave and goes on accepting for a while: nobody else takes what waits on its socket, and that goes with it.</summary>
    public bool EmptiesQueue { get; init; }

    /// <summary>How the launched process exited, while others of its tree live; null as long as it lives itself.</summary>
    public ExitStatus? LeaderExit { get; init; }

    /// <summary>Other processes of its tree that got the stop signal.</summary>
    public ImmutableArray<TreeProcess> Asked { get; init; } = [];

    public ImmutableArray<ArmedDeadline> Deadlines { get; init; } = [];
}

/// <summary>A deadline of a worker or a slot that has not passed yet.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Epoch">Tells it from every other arming.</param>
/// <param name="At">CLOCK_MONOTONIC since boot.</param>
public readonly record struct ArmedDeadline(DeadlineKind Kind, long Epoch, TimeSpan At);

/// <summary>An address that is bound, or is being bound, for whoever uses it.</summary>
public sealed record Listener(ListenerSpec Spec, ListenerPhase Phase, string? BoundAddress = null)
{
    /// <summary>While it stands beside one that <see cref="Worker.Stranded"/> workers accept on: where new connections go. Null when it stands alone, or the kernel
    /// spreads them over both and takes no orders.</summary>
    public Steering? Steered { get; init; }
}

/// <summary>Who of two sockets on one address gets new connections.</summary>
public enum Steering
{
    /// <summary>The one that is lost to us.</summary>
    Old,

    /// <summary>Both, since workers accept on both.</summary>
    Both,

    /// <summary>Ours.</summary>
    New,
}

public enum ListenerPhase
{
    Opening,
    Open,
}
