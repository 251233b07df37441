using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// An order to the shell. Orders never wait and never fail in place: what comes of them is a later event.
/// </summary>
public abstract record SupervisorAction;

/// <summary>Bind the address; <see cref="ListenerOpened"/> or <see cref="ListenerFailed"/> follows.</summary>
public sealed record OpenListener(ListenerSpec Listener) : SupervisorAction
{
    /// <summary>For whose app, see <see cref="ListenerOwner"/>; null: for one of the daemon's own user.</summary>
    public RunAs? Owner { get; init; }

    /// <summary>The app's file names it. Else a worker has asked for it, and gets no more than its user may have.</summary>
    public bool Declared { get; init; }
}

/// <summary>Nobody uses it any more.</summary>
public sealed record CloseListener(ListenerAddress Listener) : SupervisorAction;

/// <summary>Another socket stands on the same address: let new connections go to that one, to ours, or to both.</summary>
public sealed record SteerListener(ListenerAddress Listener, Steering To) : SupervisorAction;

/// <summary>Look when nothing waits any more on the sockets that stand beside ours; <see cref="WorkerEmptiedQueue"/> follows.</summary>
/// <param name="Worker">Who accepts on them.</param>
/// <param name="Listeners">Whose addresses they share.</param>
/// <param name="NotBefore">CLOCK_MONOTONIC: until then handshakes that had begun may still end there.</param>
public sealed record AwaitEmptyQueue(WorkerId Worker, EquatableArray<ListenerAddress> Listeners, TimeSpan NotBefore) : SupervisorAction;

/// <summary>Launch a worker; <see cref="WorkerSpawned"/> or <see cref="LaunchFailed"/> follows.</summary>
/// <param name="Worker">Its identity, for the keeper too.</param>
/// <param name="Spec">What to launch, with the listeners to hand over, in order.</param>
/// <param name="Slot">0 … n-1.</param>
/// <param name="PmId">The slot's daemon-wide number, as pm2 shows it.</param>
/// <param name="Generation">Rises by one with each reload or spec change.</param>
public sealed record LaunchWorker(WorkerId Worker, AppSpec Spec, int Slot, int PmId, int Generation) : SupervisorAction;

/// <summary>The process is known and recorded: let the program run.</summary>
public sealed record OpenGate(WorkerId Worker) : SupervisorAction;

/// <summary>Look whether the worker watches its listeners until <see cref="WorkerListens"/> can be said or it leaves.</summary>
public sealed record WatchForListening(WorkerId Worker) : SupervisorAction;

/// <summary>Count the worker's open connections about once a second until it exits.</summary>
public sealed record CountConnections(WorkerId Worker) : SupervisorAction;

/// <summary>Tell the library in the worker to take no new connection and finish.</summary>
public sealed record TellDrain(WorkerId Worker, DrainOrder Order) : SupervisorAction;

/// <summary>Give the worker the open listener that it asked for.</summary>
public sealed record HandOverListener(WorkerId Worker, ListenAsk Ask, ListenerAddress Listener) : SupervisorAction;

/// <summary>Tell the worker that it does not get what it asked for.</summary>
/// <param name="Worker">Whom.</param>
/// <param name="Ask">What it asked for.</param>
/// <param name="Reason">Why.</param>
/// <param name="Errno">The kernel's number where the kernel refused.</param>
public sealed record RefuseListener(WorkerId Worker, ListenAsk Ask, ListenRefusal Reason, int Errno = 0) : SupervisorAction;

/// <summary>Send the text <c>shutdown</c> over the worker's channel; the signal, when there is no channel any more.</summary>
public sealed record SendShutdown(WorkerId Worker, string OrSignal) : SupervisorAction;

/// <summary>Send a signal. The keeper makes sure that it never reaches a stranger.</summary>
/// <param name="Worker">To whom.</param>
/// <param name="Signal">Name with the SIG prefix.</param>
/// <param name="WholeGroup">True: every process of the worker's session group.</param>
public sealed record SignalWorker(WorkerId Worker, string Signal, bool WholeGroup) : SupervisorAction;

/// <summary>The launched process has exited: look after the others of its tree. <see cref="WorkerProcessUnasked"/> follows for each that has to be asked to stop,
/// <see cref="WorkerTreeEnded"/> when none is left.</summary>
public sealed record WatchTree(WorkerId Worker) : SupervisorAction;

/// <summary>Send a signal to one process of a worker's tree, if it still is that process.</summary>
/// <param name="Worker">Whose tree.</param>
/// <param name="Process">Which process.</param>
/// <param name="Signal">Name with the SIG prefix.</param>
public sealed record SignalProcess(WorkerId Worker, TreeProcess Process, string Signal) : SupervisorAction;

/// <summary>SIGKILL to all that is left of a tree whose launched process has exited.</summary>
public sealed record KillTree(WorkerId Worker) : SupervisorAction;

/// <summary>Pass on a user's own signal. The supervisor wants nothing by it, so it may come at any time and any number of times.</summary>
/// <param name="Worker">To whom.</param>
/// <param name="Signal">Name with the SIG prefix.</param>
/// <param name="Request">Whose command; the same order of the same command is one signal, however often it is given.</param>
public sealed record RelaySignal(WorkerId Worker, string Signal, RequestId Request) : SupervisorAction;

/// <summary>The worker has exited and its story is recorded: release everything that is held for it.</summary>
public sealed record ForgetWorker(WorkerId Worker) : SupervisorAction;

/// <param name="Deadline">Comes back in <see cref="DeadlinePassed"/>.</param>
/// <param name="At">CLOCK_MONOTONIC since boot.</param>
public sealed record ArmDeadline(DeadlineId Deadline, TimeSpan At) : SupervisorAction;

public sealed record DisarmDeadline(DeadlineId Deadline) : SupervisorAction;

/// <summary>The one answer to a request.</summary>
public sealed record AnswerRequest(RequestId Request, Answer Answer) : SupervisorAction;

/// <summary>Something people want to read: goes to the daemon's log, and to the user whose request caused it.</summary>
/// <param name="News">What.</param>
/// <param name="Request">Whose command it belongs to, if anyone's.</param>
public sealed record Announce(FleetNews News, RequestId? Request) : SupervisorAction;

/// <summary>Everything is stopped and answered: the daemon may end.</summary>
public sealed record EndDaemon : SupervisorAction;
