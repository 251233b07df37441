using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// Something that has happened. Everything that the supervisor learns, it learns through one of these: requests of users,
/// facts about workers and listeners, deadlines. Past tense, no behaviour.
/// </summary>
public abstract record SupervisorEvent;

/// <summary>An event and the moment it is handled at. Core has no other clock.</summary>
/// <param name="Now">CLOCK_MONOTONIC since boot.</param>
/// <param name="Event">What happened.</param>
public readonly record struct Stamped(TimeSpan Now, SupervisorEvent Event);

/// <summary>What a command is about: an app or some of its slots, and the spec that the user's file gives it now.</summary>
/// <param name="App">The app's name; unknown names are refused before, except where <paramref name="NewSpec"/> makes it known.</param>
/// <param name="Slots">Null: all of them.</param>
/// <param name="NewSpec">The spec to apply; null keeps the present one. In a restart of the whole app it may bear another name: the app is renamed.</param>
public sealed record Target(AppName App, ImmutableArray<int>? Slots = null, AppSpec? NewSpec = null)
{
    /// <summary>Of an app that is new: the slots (from 0) that are started, as they ran when it was saved; the others are registered and stay stopped. Null: all or none of
    /// them, as <c>autostart</c> says.</summary>
    public ImmutableArray<int>? Running { get; init; }

    /// <summary>Of an app that is new: it was scaled to 0 when it was saved.</summary>
    public bool ScaledToZero { get; init; }

    /// <summary>What is free for newcomers and what one old worker of this app uses, in bytes, when it is known.</summary>
    public MemoryFacts? Memory { get; init; }
}

/// <summary>Facts that limit the size of a roll's batch.</summary>
public sealed record MemoryFacts(long AvailableBytes, long BytesPerWorker);

// ---- the daemon itself ----------------------------------------------------------------------------------------------

/// <summary>A daemon has taken the place of one that died; the state is what that one wrote down before it acted for the last time.
/// See <see cref="Supervisor.TakeOver"/>.</summary>
public sealed record DaemonTookOver(TakeOverFacts Facts) : SupervisorEvent;

// ---- requests -------------------------------------------------------------------------------------------------------

/// <summary>A user's command. Exactly one <see cref="AnswerRequest"/> follows.</summary>
public abstract record Requested(RequestId Request) : SupervisorEvent;

/// <summary>Start what is new or stopped; what already runs is rolled (to the new spec, where one is given).</summary>
public sealed record StartRequested(RequestId Request, ImmutableArray<Target> Targets) : Requested(Request);

/// <summary>Replace the workers without a gap; stopped targets are refused with the advice to start them.</summary>
public sealed record ReloadRequested(RequestId Request, ImmutableArray<Target> Targets, bool WaitDrained = false) : Requested(Request);

/// <summary>Stop, then start; the listeners stay open in between. Stopped targets are started.</summary>
public sealed record RestartRequested(RequestId Request, ImmutableArray<Target> Targets) : Requested(Request);

public sealed record StopRequested(RequestId Request, ImmutableArray<Target> Targets) : Requested(Request);

/// <summary>Stop and forget.</summary>
public sealed record DeleteRequested(RequestId Request, ImmutableArray<Target> Targets) : Requested(Request);

/// <param name="Request">Whom to answer.</param>
/// <param name="App">The app.</param>
/// <param name="Amount">The number asked for, or the difference.</param>
/// <param name="Relative">True: <paramref name="Amount"/> is a difference to what is asked for now.</param>
public sealed record ScaleRequested(RequestId Request, AppName App, int Amount, bool Relative) : Requested(Request);

/// <summary>Zero the restart and crash counters.</summary>
public sealed record ResetRequested(RequestId Request, ImmutableArray<Target> Targets) : Requested(Request);

/// <summary>Pass a signal of the user's own on to whoever stands for the targets.</summary>
/// <param name="Request">Whom to answer.</param>
/// <param name="Targets">Whose workers.</param>
/// <param name="Signal">Name with the SIG prefix.</param>
public sealed record SignalRequested(RequestId Request, ImmutableArray<Target> Targets, string Signal) : Requested(Request);

/// <summary>Watch files, or stop watching. Nothing is rolled for it.</summary>
/// <param name="Request">Whom to answer.</param>
/// <param name="Targets">Whole apps: files are watched for all instances together.</param>
/// <param name="On">Null: the other of what it is now.</param>
public sealed record WatchRequested(RequestId Request, ImmutableArray<Target> Targets, bool? On) : Requested(Request);

/// <summary>Stop every app, then end the daemon: <c>zd kill</c>, or the keeper was told to end.</summary>
public sealed record ShutdownRequested(RequestId Request) : Requested(Request);

// ---- facts about workers --------------------------------------------------------------------------------------------

/// <summary>A fact about one worker. One that is not known any more makes it old news, which changes nothing.</summary>
public abstract record WorkerFact(WorkerId Worker) : SupervisorEvent;

/// <summary>The keeper has a process for it, which waits at the gate: no line of the program has run yet.</summary>
public sealed record WorkerSpawned(WorkerId Worker, int Pid) : WorkerFact(Worker);

/// <summary>The program was executed.</summary>
public sealed record WorkerExecuted(WorkerId Worker) : WorkerFact(Worker);

/// <summary>There is no process, or it ended before the program was executed.</summary>
public sealed record LaunchFailed(WorkerId Worker, LaunchProblem Problem) : WorkerFact(Worker);

/// <summary>The launched process has exited.</summary>
public sealed record WorkerExited(WorkerId Worker, ExitStatus Status) : WorkerFact(Worker)
{
    /// <summary>What lives of its tree; null when nothing does.</summary>
    public TreeRest? Rest { get; init; }

    /// <summary>What it printed last: a few short lines.</summary>
    public EquatableArray<string> LastWords { get; init; } = [];
}

/// <summary>After the worker itself: a process of its tree lost its parent, and nothing shows that it was asked to stop.</summary>
public sealed record WorkerProcessUnasked(WorkerId Worker, TreeProcess Process) : WorkerFact(Worker);

/// <summary>After the worker itself: no process of its tree is left that we may end.</summary>
public sealed record WorkerTreeEnded(WorkerId Worker) : WorkerFact(Worker);

/// <summary>READY=1 on the notify socket, or the word on a channel.</summary>
public sealed record WorkerSaidReady(WorkerId Worker) : WorkerFact(Worker);

/// <summary>It watches every declared listener. When the system does not let us look: it holds them and lives.</summary>
/// <param name="Worker">Who.</param>
/// <param name="Inferred">True: could not be seen, taken for granted after it lived with the sockets for a while.</param>
public sealed record WorkerListens(WorkerId Worker, bool Inferred) : WorkerFact(Worker);

/// <summary>STOPPING=1: it leaves by its own will.</summary>
public sealed record WorkerSaidStopping(WorkerId Worker) : WorkerFact(Worker);

/// <summary>STATUS=…, shown to people.</summary>
public sealed record WorkerSaidStatus(WorkerId Worker, string Text) : WorkerFact(Worker);

/// <summary>EXTEND_TIMEOUT_USEC: the deadline of what it is doing now is at least this far from now.</summary>
public sealed record WorkerExtendedTimeout(WorkerId Worker, TimeSpan Extension) : WorkerFact(Worker);

/// <summary>A worker of a Node cluster asks for a listening socket. <see cref="HandOverListener"/> or <see cref="RefuseListener"/> follows, unless it is to leave.</summary>
public sealed record WorkerAskedToListen(WorkerId Worker, ListenAsk Ask) : WorkerFact(Worker);

/// <summary>A worker of a Node cluster listens on what it asked for, with the real port.</summary>
public sealed record WorkerListensOn(WorkerId Worker, ListenPoint Point) : WorkerFact(Worker);

/// <summary>A worker of a Node cluster has closed what it asked for.</summary>
/// <param name="Worker">Who.</param>
/// <param name="Key">Of the <see cref="ListenPoint"/>.</param>
public sealed record WorkerStoppedListening(WorkerId Worker, string Key) : WorkerFact(Worker);

/// <summary>It can be told to drain without a signal: a library of ours lives in it, or it is a worker of a Node cluster.</summary>
public sealed record WorkerOpenedChannel(WorkerId Worker) : WorkerFact(Worker);

/// <summary>The channel ended while the worker lives: it can no longer be told to drain by a message, and if it was
/// draining it has let go.</summary>
public sealed record WorkerClosedChannel(WorkerId Worker) : WorkerFact(Worker);

/// <summary>It takes no new connection, as it was told, and says what it still has open.</summary>
public sealed record WorkerSaidDraining(WorkerId Worker, int Connections) : WorkerFact(Worker);

/// <summary>What a leaving worker still has open, as it is seen from outside: nothing follows from it about what it takes.</summary>
public sealed record WorkerConnectionsCounted(WorkerId Worker, int Connections) : WorkerFact(Worker);

/// <summary>Nothing waits any more on the sockets that it accepts on and that we do not have.</summary>
public sealed record WorkerEmptiedQueue(WorkerId Worker) : WorkerFact(Worker);

/// <summary>It has let go of everything.</summary>
public sealed record WorkerDrained(WorkerId Worker) : WorkerFact(Worker);

/// <summary>The worker's process tree was measured, and holds more than its app allows.</summary>
public sealed record WorkerOverMemory(WorkerId Worker, long Bytes) : WorkerFact(Worker);

/// <summary>Somebody has looked on which sockets, beside ours, the worker's processes listen. While there are some, a newcomer cannot stand beside it.</summary>
/// <param name="Worker">Who.</param>
/// <param name="Addresses">TCP addresses; none: it listens on no socket of its own.</param>
public sealed record WorkerBindsOwnPort(WorkerId Worker, EquatableArray<string> Addresses) : WorkerFact(Worker)
{
    /// <summary>The system does not let us look at all of its processes, so there may be more.</summary>
    public bool Hidden { get; init; }
}

// ---- occasions for an app's upkeep ----------------------------------------------------------------------------------

/// <summary>The moment that an app's schedule names has come. Core has no calendar.</summary>
/// <param name="App">Whose schedule.</param>
/// <param name="Pattern">What it said; one that is no longer the app's makes this old news.</param>
/// <param name="Memory">Limits the size of the roll's batch, when it is known.</param>
public sealed record CronCame(AppName App, string Pattern, MemoryFacts? Memory = null) : SupervisorEvent;

/// <summary>Files that an app watches have changed, and are quiet again.</summary>
/// <param name="App">Who watches.</param>
/// <param name="Path">One of them, to be shown.</param>
/// <param name="Memory">Limits the size of the roll's batch, when it is known.</param>
public sealed record FilesChanged(AppName App, string Path, MemoryFacts? Memory = null) : SupervisorEvent;

// ---- facts about listeners, and time --------------------------------------------------------------------------------

/// <param name="Listener">The address that was asked for: the listener's identity.</param>
/// <param name="BoundAddress">What the kernel made of it (a port for 0).</param>
public sealed record ListenerOpened(ListenerAddress Listener, string BoundAddress) : SupervisorEvent;

/// <param name="Listener">The address that was asked for.</param>
/// <param name="Problem">Why not, in words for the user: who holds the port, what to do.</param>
/// <param name="Errno">The kernel's number, 0 if there is none.</param>
public sealed record ListenerFailed(ListenerAddress Listener, string Problem, int Errno = 0) : SupervisorEvent;

/// <summary>A deadline that was armed is over. An old epoch makes it old news.</summary>
public sealed record DeadlinePassed(DeadlineId Deadline) : SupervisorEvent;
