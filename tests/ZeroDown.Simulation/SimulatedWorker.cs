using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Simulation;

/// <summary>
/// A process that lives out its fate, and the keeper's view of it. Both go on while there is no daemon; what a worker says waits
/// until it is heard and acted upon, what a daemon only looks at has to be looked at again by the next.
/// </summary>
internal sealed class SimulatedWorker(World world, LaunchWorker order, Service service, Fate fate)
{
    private readonly int _slot = order.Slot;
    private readonly List<SupervisorEvent> _unheard = [];
    private bool _spawned;
    private bool _gateOpen;
    private bool _executed;
    private bool _listens;
    private bool _boundPort;
    private int _watchedIn;
    private int _countedIn;
    private bool _channel;
    private bool _signalled;
    private int _signalledBy;
    private int _signalledIn;
    private bool _told;
    private bool _makesRoom;
    private bool _heeds;
    private bool _doomed;
    private ExitStatus? _exit;
    private TimeSpan? _endedAt;
    private LaunchProblem? _problem;
    private long? _leftAt;
    private long _seq;
    private readonly HashSet<long> _answered = [];
    private readonly Dictionary<ListenAsk, ListenerAddress> _sockets = [];
    private readonly Dictionary<ListenerAddress, int> _accepts = [];
    private bool _closedOnce;
    private bool _restLives;
    private int _restWatchedIn;
    private int _restAskedIn;

    public WorkerId Id => order.Worker;

    /// <summary>A process exists and its exit has not been reported.</summary>
    public bool IsAlive { get; private set; }

    private AppSpec Spec => order.Spec;

    private IEnumerable<ListenPoint> Points => service.Asks(int.Parse(Spec.Launch.Environment[0].Value, System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The keeper knows it: its launch was ordered and it was not forgotten.</summary>
    public bool IsKept { get; private set; }

    /// <summary>The sockets on which it accepts are lost to us: ours are others.</summary>
    public bool IsStranded => IsAlive && _executed && _accepts.Any(socket => world.SocketOf(socket.Key) != socket.Value);

    /// <summary>What it says reaches nobody any more.</summary>
    public bool IsDeaf { get; private set; }

    /// <summary>It asked for a socket, stands in its <c>listen()</c>, and nobody has answered.</summary>
    public bool Hangs => IsAlive && !IsDeaf && _leftAt is null && _answered.Count < _seq;

    /// <summary>It asked for this listener, got it, and lives with it.</summary>
    public bool Holds(ListenerAddress listener) => IsAlive && _sockets.ContainsValue(listener);

    public void Launch()
    {
        (IsAlive, IsKept) = (true, true);
        foreach (var listener in Spec.Listen)
            _accepts[listener.Address] = world.SocketOf(listener.Address);
        world.In(Jitter(1, 8), Spawn);
    }

    public void OpenGate()
    {
        if (!IsAlive || _gateOpen)
            return; // it ended, or is told twice
        _gateOpen = true;
        world.In(Jitter(2, 3), () =>
        {
            if (!IsAlive)
                return;
            if (fate.Launch is LaunchFate.FailsForEver or LaunchFate.DiesAtGate)
                Fail(new LaunchProblem("execve", 2, "no such file", Temporary: fate.Launch == LaunchFate.DiesAtGate));
            else
                world.In(Jitter(10, 3), Execute);
        });
    }

    public void Watch()
    {
        _watchedIn = world.Life;
        if (_listens)
            SayListens();
    }

    public void CountConnections()
    {
        _leftAt ??= world.Now;
        if (_countedIn == world.Life)
            return;
        _countedIn = world.Life;
        CountOnce(world.Life);
    }

    /// <summary>Somebody looks whether anything waits for it still.</summary>
    public void EmptiesQueue(TimeSpan notBefore)
    {
        var life = world.Life;
        var wait = (long)(notBefore - world.Clock).TotalMilliseconds;
        world.In(Math.Max(0, wait) + Jitter(12, 3_000), () =>
        {
            if (life == world.Life && IsAlive)
                world.Tell(new WorkerEmptiedQueue(Id));
        });
    }

    public void Forget()
    {
        if (_restLives && Spec.Stop.WholeTree)
            throw new BrokenRuleException("Truth", $"{Id} is forgotten, and processes of its tree live");
        IsKept = false;
    }

    /// <summary>Somebody looks after what it has left behind.</summary>
    public void WatchRest()
    {
        if (_restWatchedIn == world.Life)
            return;
        var life = _restWatchedIn = world.Life;
        if (world.Uncertain.Contains(_restAskedIn))
            _restAskedIn = 0; // nobody knows that it was asked: it is looked at again
        if (!_restLives)
            world.Tell(new WorkerTreeEnded(Id));
        world.In(500, () =>
        {
            if (life == world.Life && _restLives)
                world.Tell(new WorkerProcessUnasked(Id, Child));
        });
    }

    public void SignalRest(TreeProcess process)
    {
        if (!_restLives)
            return;
        if (IsAlive || process != Child)
            throw new BrokenRuleException("Truth", $"{process} of {Id} gets a signal");
        if (_restAskedIn > 0)
            throw new BrokenRuleException("Truth", $"what {Id} has left behind is asked to stop twice");
        _restAskedIn = world.Steps;
        if (fate.RestStopsAfter is { } stops)
            world.In(stops, EndRest);
    }

    public void KillRest() => world.In(1, EndRest);

    private TreeProcess Child => new(5_000 + (int)Id.Number, 1);

    private TreeRest? Rest => _restLives ? new TreeRest(["child"], _boundPort && Jitter(13, 2) == 0 ? ":3000" : null) : null;

    private void LeaveBehind()
    {
        if (!_executed || fate.RestLives is not { } lives || !world.Faults)
            return;
        _restLives = true;
        world.In(lives, EndRest);
    }

    private void EndRest()
    {
        if (!_restLives)
            return;
        _restLives = false;
        if (_restWatchedIn == world.Life)
            world.Tell(new WorkerTreeEnded(Id));
    }

    /// <summary>What the keeper has to tell to a daemon that takes over.</summary>
    public KeptProcess Kept()
    {
        if (!_spawned && IsAlive)
            Spawn(); // it carries out what it was ordered before it reads on
        var pid = _spawned ? 1_000 + (int)Id.Number : 0;
        var stage = _problem is not null ? KeptStage.Failed
            : !IsAlive ? KeptStage.Exited
            : _executed ? KeptStage.Started
            : _gateOpen ? KeptStage.Starting
            : KeptStage.AtGate;
        return new KeptProcess(stage, pid, _exit, _problem, IsDeaf) { EndedAt = _endedAt, Rest = Rest };
    }

    /// <summary>What was said and not acted upon is read again, from the beginning; and what a daemon finds out by looking is found out again.</summary>
    public void IsHeardAgain()
    {
        foreach (var word in _unheard.ToList())
            Post(word);
        if (_boundPort && IsAlive)
            world.Tell(new WorkerBindsOwnPort(Id, [":3000"]));
    }

    /// <summary>The keeper is gone: a gate that nobody can open any more ends who waits at it.</summary>
    public void LosesItsKeeper()
    {
        if (!IsAlive || _executed)
            return;
        if (_gateOpen && !_doomed && fate.Launch == LaunchFate.Works)
            Execute(); // it needs nobody any more
        else
            (IsAlive, IsKept) = (false, false);
    }

    /// <summary>The daemon is gone too, and with it our ends of everything over which it speaks.</summary>
    public void LosesEverybody()
    {
        if (!IsAlive)
        {
            (IsKept, _restLives) = (false, false); // the record of its end is lost
            return;
        }

        var dice = Jitter(11, 6);
        if (dice == 0 || (Spec.IsNodeCluster && dice == 1))
            (IsAlive, IsKept) = (false, false);
        IsDeaf = true;
        _channel = false;
        _unheard.Clear();
    }

    /// <summary>It was told to make room for another generation, will do as it is told, and still takes connections.</summary>
    public bool IsGivenConnections => IsAlive && _channel && !IsDeaf && _makesRoom && !_heeds && !_signalled && fate.HeedsAfter is not null;

    public void Drain(DrainReason reason)
    {
        _leftAt ??= world.Now;
        if (_told)
            return; // a harder reason, or said twice: it drains already
        _told = true;
        _makesRoom = reason is DrainReason.Reload or DrainReason.RollBack or DrainReason.Scale;
        if (fate.HeedsAfter is { } heeds)
            In(heeds, Heed);
        AskForMoreTime();
        if (fate.ChannelBreaksAfter is { } breaks)
            In(breaks, CloseChannel);
        if (!Spec.IsNodeCluster && fate.DrainsAfter is { } drains)
            In(Math.Max(drains, Connected() ? fate.ConnectionsFor : 0), () => Say(new WorkerDrained(Id)));
    }

    /// <summary>The answer to a question; it may come twice.</summary>
    public void Gets(ListenAsk ask, ListenerAddress listener)
    {
        if (!IsAlive || !_answered.Add(ask.Seq))
            return;
        _sockets.Add(ask, listener);
        _accepts[listener] = world.SocketOf(listener);
        In(Jitter(9, 5), () =>
        {
            if (!_sockets.ContainsKey(ask))
                return;
            SayInOrder(new WorkerListensOn(Id, ask.Point with { Port = ask.Point.Port is 0 ? 40_000 : ask.Point.Port }));
            if (fate.ClosesAfter is { } closes && world.Faults && !_closedOnce)
            {
                _closedOnce = true;
                In(closes, () => Close(ask));
            }
        });
    }

    public void IsRefused(ListenAsk ask)
    {
        if (!IsAlive || !_answered.Add(ask.Seq))
            return;
        if (fate.AsksAgain)
            In(500, () => AskFor(ask.Point));
        else
            In(1, () => Exit(new ExitStatus(1)));
    }

    /// <param name="name">The signal, or the message in its place.</param>
    /// <param name="told">The core believes that it was told to drain before.</param>
    public void Signal(string name, bool told)
    {
        if (!IsAlive)
            return;
        if (name == "SIGKILL" && _executed && (!_signalled || _countedIn != world.Life))
            throw new BrokenRuleException("Truth", $"{Id} is killed, and {(_signalled ? "nobody counts its connections" : "was never asked to end")}");
        if (name == "SIGKILL" || !_executed)
        {
            _doomed = true;
            In(1, () => Exit(new ExitStatus(0, name)));
            return;
        }

        if (told && !_told && !IsDeaf)
            throw new BrokenRuleException("Truth", $"{Id} got {name}, and the order to drain never reached it");
        if (_signalled && name != "shutdown" && world.Keeper == _signalledBy)
            return; // the keeper knows, and does not send it twice
        if (_signalled && !world.Uncertain.Contains(_signalledIn))
            throw new BrokenRuleException("Truth", $"{Id} got {name} twice");
        (_signalled, _signalledBy, _signalledIn) = (true, world.Keeper, world.Steps);
        _leftAt ??= world.Now;
        AskForMoreTime();
        if (fate.StopsAfter is { } stops)
        {
            var open = _leftAt.Value + fate.ConnectionsFor - world.Now;
            In(Math.Max(stops, open), () => Exit(stops % 2 == 0 ? new ExitStatus(0) : new ExitStatus(0, name)));
        }
    }

    /// <summary>The faults are over: whoever hangs goes on.</summary>
    public void Recover()
    {
        if (IsAlive && _listens && Spec.IsNodeCluster && fate.NeverAsks && _leftAt is null)
            AskForSockets(); // who asked and got no answer hangs for ever: that is nobody's fault but ours
        if (IsAlive && _executed && !_listens)
            GetReady();
        else if (IsAlive && _listens && !fate.Speaks)
            SayReady();
        if (IsAlive && IsWatched && fate.NeverAsks)
            SayListens();
    }

    private void Execute()
    {
        if (!IsAlive || _doomed)
            return;
        _executed = true;
        world.Tell(new WorkerExecuted(Id));
        LiveOn();
    }

    private void LiveOn()
    {
        if (Spec.IsNodeCluster ? !Spec.Stop.ByMessage : fate.ChannelAfter is not null)
        {
            In(Spec.IsNodeCluster ? 1 : fate.ChannelAfter!.Value, () =>
            {
                _channel = !IsDeaf;
                Say(new WorkerOpenedChannel(Id));
            });
        }

        if (fate.ReadyAfter is { } ready)
            In(ready, GetReady);
        else if (!world.Faults)
            GetReady();
        if (fate.DiesAfter is { } dies)
            In(dies, Die);
        if (fate.OutgrowsAfter is { } outgrows)
            In(outgrows, Measure);
        AskForMoreTime();
    }

    private void GetReady()
    {
        if (_listens)
            return;
        if (service.BindsOwnPort)
        {
            if (world.Workers.Any(other => other._boundPort && other.IsAlive && other._slot == _slot && other.Spec.Name == Spec.Name))
            {
                Exit(new ExitStatus(98)); // the address is in use
                return;
            }

            _boundPort = true;
            In(Jitter(3, 30), () => world.Tell(new WorkerBindsOwnPort(Id, [":3000"])));
        }

        _listens = true;
        if (Spec.IsNodeCluster && !(fate.NeverAsks && world.Faults))
            AskForSockets();
        if (IsWatched)
            SayListens();
        var speaks = Spec.Ready.Sign is ReadySign.Spoken or ReadySign.SpokenStrict || Jitter(4, 4) == 0;
        if (speaks && (fate.Speaks || !world.Faults))
            SayReady();
    }

    private void AskForSockets()
    {
        foreach (var point in Points)
            AskFor(point);
        if (fate.HangsUpAfter is { } hangsUp && world.Faults)
            In(hangsUp, CloseChannel);
    }

    private void AskFor(ListenPoint point) => SayInOrder(new WorkerAskedToListen(Id, new ListenAsk(++_seq, point)));

    private void Close(ListenAsk ask)
    {
        if (!_sockets.Remove(ask, out var listener))
            return;
        _accepts.Remove(listener);
        SayInOrder(new WorkerStoppedListening(Id, ask.Point.Key));
        if (_leftAt is null)
            In(100, () => AskFor(ask.Point));
    }

    private void Heed()
    {
        _heeds = true;
        if (Spec.IsNodeCluster)
            LetGoAsACluster();
        if (!Spec.IsNodeCluster || Jitter(12, 2) == 0)
            Say(new WorkerSaidDraining(Id, Connected() ? 3 : 0));
    }

    /// <summary>It closes its servers, and when its connections have ended the channel, which says so.</summary>
    private void LetGoAsACluster()
    {
        foreach (var ask in _sockets.Keys.ToList())
            Close(ask);
        if (fate.DrainsAfter is { } drains)
            In(Math.Max(drains, Connected() ? fate.ConnectionsFor : 0), CloseChannel);
    }

    private void SayReady() => In(Jitter(5, 10), () => Say(new WorkerSaidReady(Id)));

    private void SayListens()
    {
        if (Spec.Listen.Count > 0 && !(Spec.IsNodeCluster && fate.NeverAsks && world.Faults))
        {
            var life = world.Life;
            In(Jitter(6, 10), () =>
            {
                if (life == world.Life && !IsStranded)
                    world.Tell(new WorkerListens(Id, false));
            });
        }
    }

    private void Measure()
    {
        if (!world.Faults)
            return;
        world.Tell(new WorkerOverMemory(Id, service.MemoryLimit + 1));
        In(5_000, Measure);
    }

    private void Die()
    {
        if (!world.Faults)
            return;
        if (fate.SaysStopping)
            Say(new WorkerSaidStopping(Id));
        if (IsAlive)
            Exit(new ExitStatus(fate.ExitCode, fate.ExitCode == 1 ? "SIGSEGV" : null));
    }

    private void AskForMoreTime()
    {
        for (var time = 0; time < fate.Extensions; time++)
            In(1_500 * (time + 1), () => Say(new WorkerExtendedTimeout(Id, TimeSpan.FromMilliseconds(fate.ExtendsBy))));
    }

    private void CountOnce(int life)
    {
        if (life != world.Life)
            return;
        In(1_000, () => CountOnce(life));
        if (IsAlive && world.Now > _leftAt)
            world.Tell(new WorkerConnectionsCounted(Id, Connected() ? 3 : 0));
    }

    private bool Connected() => _leftAt is { } left && world.Now < left + fate.ConnectionsFor;

    private void CloseChannel()
    {
        if (!_channel)
            return;
        _channel = false;
        Say(new WorkerClosedChannel(Id));
    }

    private void Fail(LaunchProblem problem)
    {
        if (!IsAlive)
            return;
        IsAlive = false;
        _problem = problem;
        _endedAt = world.Clock;
        world.Tell(new LaunchFailed(Id, problem));
    }

    private void Exit(ExitStatus status)
    {
        if (!IsAlive || !_spawned)
            return;
        if (Jitter(7, 2) == 0)
            CloseChannel();
        if (!IsAlive)
            return;
        IsAlive = false;
        if (!world.KeeperLives)
        {
            IsKept = world.Heir;
            return; // nobody saw it
        }

        LeaveBehind();
        _endedAt = world.Clock;
        if (!_executed && Jitter(8, 2) == 0)
            _problem = new LaunchProblem("gate", 0, $"ended by {status}");
        else
            _exit = status;
        world.Tell(_problem is { } problem ? new LaunchFailed(Id, problem) : new WorkerExited(Id, status) { Rest = Rest });
    }

    private bool IsWatched => _watchedIn == world.Life;

    private void Spawn()
    {
        if (_spawned || !IsAlive)
            return;
        if (fate.Launch == LaunchFate.LacksMemory)
        {
            Fail(new LaunchProblem("fork", 12, "no memory", Temporary: true));
            return;
        }

        _spawned = true;
        world.Tell(new WorkerSpawned(Id, 1_000 + (int)Id.Number));
    }

    /// <summary>Over the channel or the notify socket; it stays there until it has been acted upon. Some words are read twice.</summary>
    private void Say(SupervisorEvent word)
    {
        if (IsDeaf)
            return;
        Keep(word);
        world.Echo(word);
    }

    /// <summary>The same for what is read twice in its order only.</summary>
    private void SayInOrder(SupervisorEvent word)
    {
        if (IsDeaf)
            return;
        Keep(word);
        world.EchoInOrder(word);
    }

    private void Keep(SupervisorEvent word)
    {
        _unheard.Add(word);
        Post(word);
    }

    private void Post(SupervisorEvent word) => world.Post(word, handled: () => _unheard.Remove(word));

    /// <summary>Later in its life, if it still lives then.</summary>
    private void In(long delay, Action what) => world.In(delay, () =>
    {
        if (IsAlive)
            what();
    });

    private int Jitter(int what, int limit) => Dice.Fixed(world.Story.Seed, Id.Number, what, limit);
}
