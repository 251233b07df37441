using System.Collections.Immutable;
using System.Net;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>
/// A short story about a fleet: tell it what happens, ask what was ordered. Every step is checked against the invariants.
/// </summary>
internal sealed class FleetStory
{
    private static readonly TimeSpan Bit = TimeSpan.FromMilliseconds(10);
    private readonly List<SupervisorAction> _last = [];
    private long _request;

    public FleetState State { get; private set; } = FleetState.Empty;

    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

    /// <summary>What the last event led to.</summary>
    public IReadOnlyList<SupervisorAction> Orders => _last;

    public List<SupervisorAction> AllOrders { get; } = [];

    public IEnumerable<FleetNews> News => AllOrders.OfType<Announce>().Select(announce => announce.News);

    public static ListenerAddress.Tcp Port(int port) => new(IPAddress.Loopback, port);

    public static AppSpec Spec(string name = "api", int instances = 1, ReadySign sign = ReadySign.Listening, int? port = 4000) => new()
    {
        Name = new AppName(name),
        Launch = new LaunchSpec { Script = "/srv/" + name, Program = "/srv/" + name, WorkingDirectory = "/srv" },
        Instances = instances,
        Listen = port is { } number ? [new ListenerSpec(Port(number), "web")] : [],
        // Stories count a worker with its sign; ReadinessTests have the waits that are standard.
        Ready = new ReadyRule { Sign = sign, MinReady = TimeSpan.Zero },
    };

    public FleetStory Happens(SupervisorEvent happened)
    {
        Now += Bit;
        var stamped = new Stamped(Now, happened);
        var step = Supervisor.Step(State, stamped);
        Assert.Null(Invariants.Broken(new Look(State, stamped, step.State, step.Actions)));
        State = step.State;
        _last.Clear();
        _last.AddRange(step.Actions);
        AllOrders.AddRange(step.Actions);
        return this;
    }

    /// <summary>The daemon dies, and another takes over.</summary>
    public FleetStory TakesOver(TakeOverFacts facts) => Happens(new DaemonTookOver(facts));

    /// <summary>The same, with everything as it should be: every worker that is known runs, every socket is given back.</summary>
    /// <param name="change">What is different about a worker's process; null: it is not known.</param>
    /// <param name="facts">What else is different.</param>
    public FleetStory TakesOver(Func<Worker, KeptProcess, KeptProcess?>? change = null, Func<TakeOverFacts, TakeOverFacts>? facts = null)
    {
        var processes = ImmutableSortedDictionary<long, KeptProcess>.Empty;
        foreach (var worker in Workers())
        {
            var process = new KeptProcess(worker.Pid == 0 ? KeptStage.AtGate : KeptStage.Started, worker.Pid == 0 ? 1000 + (int)worker.Id.Number : worker.Pid);
            if ((change is null ? process : change(worker, process)) is { } kept)
                processes = processes.Add(worker.Id.Number, kept);
        }

        var all = new TakeOverFacts
        {
            Processes = processes,
            Listeners = State.Listeners.Where(pair => pair.Value.Phase == ListenerPhase.Open).ToImmutableDictionary(pair => pair.Key, pair => pair.Value.BoundAddress!),
        };
        return TakesOver(facts is null ? all : facts(all));
    }

    public FleetStory Later(TimeSpan time)
    {
        Now += time;
        return this;
    }

    public RequestId Ask(Func<RequestId, Requested> make)
    {
        var request = new RequestId(++_request);
        Happens(make(request));
        return request;
    }

    public RequestId Start(params AppSpec[] specs) =>
        Ask(id => new StartRequested(id, [.. specs.Select(spec => new Target(spec.Name, NewSpec: spec))]));

    public RequestId Reload(string app = "api", AppSpec? spec = null, bool waitDrained = false) =>
        Ask(id => new ReloadRequested(id, [new Target(new AppName(app), NewSpec: spec)], waitDrained));

    public RequestId Restart(string app = "api", AppSpec? spec = null) =>
        Ask(id => new RestartRequested(id, [new Target(new AppName(app), NewSpec: spec)]));

    public RequestId Stop(string app = "api") => Ask(id => new StopRequested(id, [new Target(new AppName(app))]));

    public RequestId Delete(string app = "api") => Ask(id => new DeleteRequested(id, [new Target(new AppName(app))]));

    public RequestId Scale(int amount, string app = "api") => Ask(id => new ScaleRequested(id, new AppName(app), amount, false));

    /// <summary>Opens every listener that is asked for.</summary>
    public FleetStory ListenersOpen()
    {
        foreach (var address in State.Listeners.Where(pair => pair.Value.Phase == ListenerPhase.Opening).Select(pair => pair.Key).ToList())
            Happens(new ListenerOpened(address, address.ToString()!));
        return this;
    }

    public FleetStory Runs(WorkerId worker) => Happens(new WorkerSpawned(worker, 1000 + (int)worker.Number)).Happens(new WorkerExecuted(worker));

    public FleetStory GetsReady(WorkerId worker) => Runs(worker).Happens(new WorkerListens(worker, false));

    /// <summary>Starts the app and brings every worker up.</summary>
    public static FleetStory Running(AppSpec spec)
    {
        var story = new FleetStory();
        story.Start(spec);
        story.ListenersOpen().EverybodyGetsReady();
        return story;
    }

    public FleetStory EverybodyGetsReady()
    {
        foreach (var worker in Starting())
            GetsReady(worker);
        return this;
    }

    public FleetStory EverybodySaysReady()
    {
        foreach (var worker in Starting())
            Happens(new WorkerSaidReady(worker));
        return this;
    }

    /// <summary>Everybody who was asked to leave exits.</summary>
    public FleetStory LeaversExit()
    {
        foreach (var worker in Workers().Where(worker => worker.Leaving is not null).ToList())
            Happens(new WorkerExited(worker.Id, new ExitStatus(0)));
        return this;
    }

    public FleetStory Exits(WorkerId worker, int code = 1) => Happens(new WorkerExited(worker, new ExitStatus(code)));

    /// <summary>The worker's (or the slot's) deadline of this kind passes, at its time.</summary>
    public FleetStory Passes(DeadlineKind kind, WorkerId? worker = null)
    {
        var armed = AllOrders.OfType<ArmDeadline>().Last(order => order.Deadline.Kind == kind && (worker is null || order.Deadline.Worker == worker));
        Now = armed.At > Now ? armed.At : Now;
        return Happens(new DeadlinePassed(armed.Deadline));
    }

    /// <summary>How far away from now a worker's deadline is.</summary>
    public TimeSpan Wait(DeadlineKind kind, WorkerId worker) => Find(worker)!.Deadlines.Single(armed => armed.Kind == kind).At - Now;

    /// <summary>The worker's deadlines pass one after the other until it is ready.</summary>
    public FleetStory UntilReady(WorkerId worker)
    {
        while (Find(worker) is { Phase: WorkerPhase.Starting } starting)
            Passes(starting.Deadlines.MinBy(armed => armed.At).Kind, worker);
        return this;
    }

    public AppState App(string name = "api") => State.Find(new AppName(name))!;

    public SlotState Slot(int slot, string app = "api") => App(app).Slots.Single(candidate => candidate.Slot == slot);

    public WorkerId Current(int slot, string app = "api") => Slot(slot, app).Current!.Value;

    public WorkerId Newcomer(int slot, string app = "api") => Slot(slot, app).Newcomer!.Value;

    public Worker? Find(WorkerId worker) => Workers().FirstOrDefault(candidate => candidate.Id == worker);

    public IEnumerable<Worker> Workers() => State.Apps.SelectMany(app => app.Workers.Values);

    public ImmutableArray<WorkerId> Starting() =>
        [.. Workers().Where(worker => worker is { Phase: WorkerPhase.Starting, Leaving: null }).Select(worker => worker.Id)];

    public Answer? AnswerTo(RequestId request) =>
        AllOrders.OfType<AnswerRequest>().SingleOrDefault(order => order.Request == request)?.Answer;
}
