using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Simulation;

/// <summary>What a story came to.</summary>
/// <param name="Rule">The rule that was broken; null when all is well.</param>
/// <param name="Finding">What was found.</param>
/// <param name="Steps">How many events the core was given.</param>
internal sealed record Ending(string? Rule, string? Finding, int Steps);

/// <summary>
/// Plays a story: virtual time, processes that live out their fates, a kernel that gives or refuses addresses, a user. Every
/// step of the core is checked against the invariants; the world adds what only it can see (which processes really live).
/// Daemons die between any two orders, and another takes over from what was written down before the first of them; what waited in the
/// mailbox is lost, and told again where its source still has it. At last the faults stop, and everything must come to rest: wanted slots ready, requests answered, nobody draining; a reload
/// of everything must succeed; a shutdown must end.
/// </summary>
internal sealed partial class World
{
    private const int MostSteps = 20_000;
    private static readonly TimeSpan Boot = TimeSpan.FromHours(1);

    private readonly PriorityQueue<Action, (long At, long Order)> _agenda = new();
    private readonly Dictionary<long, SimulatedWorker> _workers = [];
    private readonly Dictionary<DeadlineId, object> _armed = [];
    private readonly Dictionary<ListenerAddress, int> _open = [];
    private readonly Dictionary<RequestId, Requested> _asked = [];
    private readonly Queue<Letter> _mailbox = new();
    private readonly Dictionary<RequestId, Answer> _answers = [];
    private readonly List<string>? _trace;
    private readonly Core _core;
    private long _order;
    private int _openings;
    private int _steps;
    private bool _ended;
    private bool _pumping;
    private int _tick;

    private World(Story story, List<string>? trace, Core core)
    {
        Story = story;
        _trace = trace;
        _core = core;
    }

    /// <summary>What is put to the test: <see cref="Supervisor.Step"/>, or a spoilt one, to see that the rules notice.</summary>
    internal delegate StepResult Core(FleetState state, Stamped stamped);

    public Story Story { get; }

    /// <summary>Milliseconds since the story began.</summary>
    public long Now { get; private set; }

    public TimeSpan Clock => Boot + TimeSpan.FromMilliseconds(Now) + TimeSpan.FromTicks(_tick);

    /// <summary>How many events the core was given.</summary>
    public int Steps => _steps;

    public bool Faults { get; private set; } = true;

    public FleetState Fleet { get; private set; } = FleetState.Empty;

    public IEnumerable<SimulatedWorker> Workers => _workers.Values;

    /// <param name="story">What to play.</param>
    /// <param name="trace">Gets a line per event and order, if it is given.</param>
    /// <param name="core">Whose judgement; null: the real one.</param>
    public static Ending Play(Story story, List<string>? trace = null, Core? core = null)
    {
        var world = new World(story, trace, core ?? Supervisor.Step);
        try
        {
            world.Play();
            return new Ending(null, null, world._steps);
        }
        catch (BrokenRuleException broken)
        {
            return new Ending(broken.Rule, broken.Message, world._steps);
        }
        catch (Exception thrown) when (thrown is InvalidOperationException or ArgumentException or NullReferenceException or IndexOutOfRangeException)
        {
            return new Ending(thrown.GetType().Name, thrown.Message + Environment.NewLine + thrown.StackTrace, world._steps);
        }
    }

    public void In(long delay, Action what) => _agenda.Enqueue(what, (Now + delay, _order++));

    /// <summary>Brings news to the core, if there is a daemon to hear it; some come twice. (Not those of listeners: the daemon itself binds,
    /// and says it once.)</summary>
    public void Tell(SupervisorEvent happened)
    {
        Post(happened);
        Echo(happened);
    }

    public void Echo(SupervisorEvent happened)
    {
        if (Story.Echoes && Dice.Fixed(Story.Seed, _order, 77, 16) == 0)
            In(Dice.Fixed(Story.Seed, _order, 78, 300), () => Post(happened));
    }

    /// <summary>The same for what comes over a channel: what is read again there is read again in its order.</summary>
    public void EchoInOrder(SupervisorEvent happened)
    {
        if (Story.Echoes && Dice.Fixed(Story.Seed, _order, 79, 8) == 0)
            Post(happened);
    }

    /// <summary>Puts a letter into the mailbox and, unless that is being done, empties it.</summary>
    /// <param name="happened">What it says.</param>
    /// <param name="handled">Called when all that it led to is done.</param>
    public void Post(SupervisorEvent happened, Action? handled = null)
    {
        if (!_lives || _ended)
            return;
        _mailbox.Enqueue(new Letter(happened, handled));
        if (_pumping)
            return;
        _pumping = true;
        while (_mailbox.TryDequeue(out var letter))
            Take(letter);
        _pumping = false;
    }

    private void Play()
    {
        foreach (var act in Story.Acts)
            _agenda.Enqueue(() => Do(act), (act.AtMs, _order++));
        var last = Story.Acts.IsEmpty ? 0 : Story.Acts.Max(act => act.AtMs);

        RunUntil(last + 20_000);
        Faults = false;
        foreach (var worker in _workers.Values.ToList())
            worker.Recover();
        RunUntil(last + 600_000);
        CheckRest();
        if (!_ended)
            CheckReload();
        if (!_ended)
            CheckShutdown();
    }

    private void RunUntil(long end)
    {
        while (_agenda.TryPeek(out _, out var next) && next.At <= end)
        {
            var what = _agenda.Dequeue();
            if (Now != next.At)
                _tick = 0;
            Now = next.At;
            what();
        }

        Now = end;
    }

    private void Take(Letter letter)
    {
        if (_ended)
            return;
        if (++_steps > MostSteps)
            throw new BrokenRuleException("Settles", $"{MostSteps} events and no end");
        _tick++; // no two steps at the same time, as on a real clock
        var stamped = new Stamped(Clock, letter.News);
        var step = _core(Fleet, stamped);
        var look = new Look(Fleet, stamped, step.State, step.Actions);
        if (_trace is not null)
        {
            _trace.Add($"{Now,8} {StoryText.Of(letter.News)}");
            _trace.AddRange(step.Actions.Select(order => $"           → {StoryText.Of(order)}"));
        }

        if (Invariants.Broken(look) is { } broken)
            throw new BrokenRuleException(broken[..broken.IndexOf(':')], broken);
        var (crash, at) = NextCrash(step.Actions);
        if (crash is not null && at < 0)
        {
            Die(crash);
            return;
        }

        WriteDown(letter.News, step);
        _again = letter.News is DaemonTookOver;
        for (var order = 0; order < step.Actions.Length; order++)
        {
            if (crash is not null && order == at)
            {
                Die(crash);
                return;
            }

            Execute(step.Actions[order]);
        }

        if (_again)
            CheckTakeOver();
        if (crash is not null && !_ended)
            Die(crash);
        else
            letter.Handled?.Invoke();
    }

    private void Execute(SupervisorAction order)
    {
        switch (order)
        {
            case OpenListener open:
                var binder = Life;
                In(Dice.Fixed(Story.Seed, _order, 5, 20), () =>
                {
                    if (binder == Life && _lives)
                        Bind(open.Listener.Address);
                });
                break;
            case CloseListener close:
                Demand(_open.Remove(close.Listener), "Listeners", $"{close.Listener} was closed and is not open");
                Demand(!_workers.Values.Any(worker => worker.Holds(close.Listener) && !worker.IsStranded), "Truth", $"{close.Listener} was closed under a worker that asked for it");
                break;
            case SteerListener steer:
                Demand(_open.ContainsKey(steer.Listener), "Truth", $"{steer.Listener} is to get connections and is not open");
                _steered[steer.Listener] = steer.To;
                break;
            case AwaitEmptyQueue wait:
                Of(wait.Worker).EmptiesQueue(wait.NotBefore);
                break;
            case LaunchWorker launch:
                Launch(launch);
                break;
            case OpenGate gate:
                Of(gate.Worker).OpenGate();
                break;
            case WatchForListening watch:
                Of(watch.Worker).Watch();
                break;
            case CountConnections count:
                Of(count.Worker).CountConnections();
                break;
            case TellDrain tell:
                Of(tell.Worker).Drain(tell.Order.Reason);
                break;
            case HandOverListener given:
                Demand(_open.ContainsKey(given.Listener), "Truth", $"{given.Worker} is given {given.Listener}, which is not open");
                Of(given.Worker).Gets(given.Ask, given.Listener);
                break;
            case RefuseListener refused:
                Of(refused.Worker).IsRefused(refused.Ask);
                break;
            case SendShutdown shutdown:
                Signal(shutdown.Worker, "shutdown");
                break;
            case SignalWorker signal:
                Signal(signal.Worker, signal.Signal);
                break;
            case WatchTree watch:
                Of(watch.Worker).WatchRest();
                break;
            case SignalProcess signal:
                Of(signal.Worker).SignalRest(signal.Process);
                break;
            case KillTree kill:
                Of(kill.Worker).KillRest();
                break;
            case RelaySignal relay:
                Demand(Of(relay.Worker).IsAlive, "Truth", $"{relay.Worker} was to get {relay.Signal} and does not live");
                break;
            case ForgetWorker forget:
                Forget(forget.Worker);
                break;
            case ArmDeadline arm:
                Arm(arm);
                break;
            case DisarmDeadline disarm:
                Disarm(disarm.Deadline);
                break;
            case AnswerRequest answer:
                Demand(_answers.ContainsKey(answer.Request), "OneAnswer", $"{answer.Request} is answered and that was not written down");
                foreach (var outcome in answer.Answer.Apps)
                    CheckWhoIsGivenConnections(outcome);
                break;
            case Announce:
                break;
            case EndDaemon:
                _ended = true;
                Demand(_workers.Values.All(worker => !worker.IsAlive), "Truth", "the daemon ends and workers live");
                Demand(_open.Count == 0, "Truth", "the daemon ends and listeners are open");
                break;
            default:
                throw new InvalidOperationException($"the world does not know {order.GetType().Name}");
        }
    }

    private void Launch(LaunchWorker launch)
    {
        Demand(!_workers.ContainsKey(launch.Worker.Number), "Truth", $"{launch.Worker} is launched twice");
        foreach (var listener in launch.Spec.Listen)
            Demand(_open.ContainsKey(listener.Address), "Truth", $"{launch.Worker} is launched and {listener.Address} is not open");
        var fate = Faults ? Story.FateOf(_workers.Count) : Fate.Healthy;
        var service = Story.Programs.First(program => program.Name == launch.Spec.Name);
        var worker = new SimulatedWorker(this, launch, service, fate);
        _workers.Add(launch.Worker.Number, worker);
        worker.Launch();
    }

    private void Bind(ListenerAddress address)
    {
        var number = _openings++;
        if (Faults && number < Story.ListenerFails.Length && Story.ListenerFails[number])
        {
            Post(new ListenerFailed(address, "somebody has it"));
            return;
        }

        Demand(_open.TryAdd(address, ++_sockets), "Listeners", $"{address} was opened twice");
        Post(new ListenerOpened(address, address.ToString()!));
    }

    private void Arm(ArmDeadline arm)
    {
        var at = Math.Max(Now, (long)Math.Ceiling((arm.At - Boot).TotalMilliseconds));
        var arming = new object(); // the next daemon arms the same deadline again
        _armed.Add(arm.Deadline, arming);
        _agenda.Enqueue(
            () =>
            {
                if (_armed.GetValueOrDefault(arm.Deadline) != arming)
                    return;
                _armed.Remove(arm.Deadline);
                Tell(new DeadlinePassed(arm.Deadline));
            },
            (at, _order++));
    }

    private void Disarm(DeadlineId deadline)
    {
        Demand(_armed.Remove(deadline), "Deadlines", $"{deadline} was disarmed and is not armed");
        // It may be in the mailbox already.
        if (Story.Echoes && Dice.Fixed(Story.Seed, deadline.Epoch, 3, 4) == 0)
            In(Dice.Fixed(Story.Seed, deadline.Epoch, 4, 500), () => Post(new DeadlinePassed(deadline)));
    }

    private void Do(Act act)
    {
        if (!_lives && !_ended)
        {
            _postponed.Add(act); // the command tries until somebody answers
            return;
        }

        if (UserRequests.Event(act, Story, Fleet, new RequestId(_asked.Count + 1)) is { } request)
            Ask(request);
        foreach (var occasion in UserRequests.Occasions(act, Story))
            Tell(occasion);
    }

    private void Ask(Requested request)
    {
        if (_ended)
            return;
        _asked.Add(request.Request, request);
        Post(request);
    }

    private void CheckWhoIsGivenConnections(AppOutcome outcome)
    {
        if (outcome.Kind != OutcomeKind.Reloaded || Fleet.Find(outcome.App) is not { } app)
            return;
        foreach (var worker in app.Workers.Values.Where(worker => worker.Generation < outcome.Generation))
            Demand(_workers.GetValueOrDefault(worker.Id.Number) is not { IsGivenConnections: true }, "Truth", $"{outcome.App} is {outcome.Kind}, and {worker.Id}@g{worker.Generation} still takes connections");
    }

    private void CheckRest()
    {
        foreach (var request in _asked.Keys)
            Demand(_ended || _answers.ContainsKey(request), "Liveness", $"{request} was never answered");
        Demand(_ended || !Fleet.ShuttingDown, "Liveness", "the shutdown never ends");
        if (!_ended)
            CheckQuiet(errored: true);
    }

    private void CheckReload()
    {
        var requests = new List<(AppName App, RequestId Request)>();
        foreach (var app in Fleet.Apps)
        {
            if (!app.Slots.Any(slot => slot.Wanted))
                continue;
            var id = new RequestId(_asked.Count + 1);
            requests.Add((app.Spec.Name, id));
            // A roll fails, and rightly, when the new spec's program listens on less than the one before; a restart is how the user accepts it.
            var shrinks = app.Spec.IsNodeCluster && app.Workers.Values.Any(worker => worker.Spec != app.Spec);
            Ask(shrinks
                ? new RestartRequested(id, [new Target(app.Spec.Name)])
                : new ReloadRequested(id, [new Target(app.Spec.Name)], WaitDrained: true));
        }

        RunUntil(Now + 300_000);
        foreach (var (app, request) in requests)
        {
            var answer = _answers.GetValueOrDefault(request);
            Demand(answer?.Kind == AnswerKind.Done, "Liveness", $"without faults, the reload of {app} came to {StoryText.Of(answer)}");
            var state = Fleet.Find(app)!;
            Demand(
                state.Workers.Values.All(worker => worker.Generation == state.Serving && worker.Spec == state.Spec),
                "Liveness",
                $"{app} serves mixed generations: {string.Join(", ", state.Workers.Values.Select(worker => $"{worker.Id}@g{worker.Generation}"))}");
        }

        CheckQuiet(errored: false);
    }

    private void CheckShutdown()
    {
        _closing = true;
        Ask(new ShutdownRequested(new RequestId(_asked.Count + 1)));
        RunUntil(Now + 300_000);
        Demand(_ended, "Liveness", "the shutdown never ends");
    }

    private void CheckQuiet(bool errored)
    {
        foreach (var app in Fleet.Apps)
        {
            Demand(!app.RenewDue, "Liveness", $"{app.Spec.Name} has stranded workers and does nothing about them");
            Demand(app.Changed is null, "Liveness", $"{app.Spec.Name} has not acted on changed files");
            Demand(app.Roll is null && !app.Deleting, "Liveness", $"{app.Spec.Name} is still being rolled or deleted");
            foreach (var slot in app.Slots)
            {
                var rests = slot.Wanted
                    ? slot.Phase == WorkerPhase.Ready || (errored && slot.Phase == WorkerPhase.Errored)
                    : slot is { Phase: WorkerPhase.Stopped, Current: null };
                Demand(rests, "Liveness", $"{app.Spec.Name}/{slot.Slot} is {slot.Phase} and {(slot.Wanted ? "wanted" : "not wanted")}");
            }

            foreach (var worker in app.Workers.Values)
                Demand(worker.Leaving is null, "Liveness", $"{worker.Id} still leaves for {worker.Leaving}");
        }

        CheckSockets();
        var known = Fleet.Apps.SelectMany(app => app.Workers.Keys).ToHashSet();
        foreach (var worker in _workers.Values)
        {
            Demand(worker.IsAlive == known.Contains(worker.Id.Number), "Truth", $"{worker.Id} lives: {worker.IsAlive}; known: {!worker.IsAlive}");
            Demand(!worker.Hangs, "Liveness", $"{worker.Id} asked for a socket and was never answered");
            Demand(worker.IsKept == worker.IsAlive, "Truth", $"{worker.Id} lives: {worker.IsAlive}; the keeper knows it: {worker.IsKept}");
        }
    }

    private SimulatedWorker Of(WorkerId worker) => _workers[worker.Number];

    private static void Demand(bool holds, string rule, string finding)
    {
        if (!holds)
            throw new BrokenRuleException(rule, finding);
    }
}

internal sealed class BrokenRuleException(string rule, string finding) : Exception(finding)
{
    public string Rule => rule;
}
