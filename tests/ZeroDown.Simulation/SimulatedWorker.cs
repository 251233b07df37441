using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Simulation;

/// <summary>A process that lives out its fate, and the keeper's view of it.</summary>
internal sealed class SimulatedWorker(World world, LaunchWorker order, Service service, Fate fate)
{
    private readonly int _slot = order.Slot;
    private bool _spawned;
    private bool _executed;
    private bool _listens;
    private bool _boundPort;
    private bool _watched;
    private bool _channel;
    private bool _signalled;
    private long? _leftAt;
    private long _seq;
    private readonly HashSet<long> _answered = [];
    private readonly Dictionary<ListenAsk, ListenerAddress> _sockets = [];
    private bool _closedOnce;

    public WorkerId Id => order.Worker;

    /// <summary>A process exists and its exit has not been reported.</summary>
    public bool IsAlive { get; private set; }

    private AppSpec Spec => order.Spec;

    private IEnumerable<ListenPoint> Points => service.Asks(int.Parse(Spec.Launch.Environment[0].Value, System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>It asked for this listener, got it, and lives with it.</summary>
    public bool Holds(ListenerAddress listener) => IsAlive && _sockets.ContainsValue(listener);

    public void Launch()
    {
        IsAlive = true;
        world.In(Jitter(1, 8), () =>
        {
            if (fate.Launch == LaunchFate.LacksMemory)
            {
                Fail(new LaunchProblem("fork", 12, "no memory", Temporary: true));
                return;
            }

            _spawned = true;
            world.Tell(new WorkerSpawned(Id, 1_000 + (int)Id.Number));
        });
    }

    public void OpenGate() => world.In(Jitter(2, 3), () =>
    {
        if (!IsAlive)
            return;
        if (fate.Launch is LaunchFate.FailsForEver or LaunchFate.DiesAtGate)
        {
            Fail(new LaunchProblem("execve", 2, "no such file", Temporary: fate.Launch == LaunchFate.DiesAtGate));
            return;
        }

        _executed = true;
        world.Tell(new WorkerExecuted(Id));
        LiveOn();
    });

    public void Watch()
    {
        _watched = true;
        if (_listens)
            SayListens();
    }

    public void CountConnections()
    {
        _leftAt ??= world.Now;
        CountOnce();
    }

    public void Drain()
    {
        _leftAt ??= world.Now;
        AskForMoreTime();
        if (fate.ChannelBreaksAfter is { } breaks)
            In(breaks, CloseChannel);
        if (Spec.IsNodeCluster)
            LetGoAsACluster();
        else if (fate.DrainsAfter is { } drains)
            In(Math.Max(drains, Connected() ? fate.ConnectionsFor : 0), () => world.Tell(new WorkerDrained(Id)));
    }

    /// <summary>The answer to a question; it may come twice.</summary>
    public void Gets(ListenAsk ask, ListenerAddress listener)
    {
        if (!IsAlive || !_answered.Add(ask.Seq))
            return;
        _sockets.Add(ask, listener);
        In(Jitter(9, 5), () =>
        {
            if (!_sockets.ContainsKey(ask))
                return;
            world.TellInOrder(new WorkerListensOn(Id, ask.Point with { Port = ask.Point.Port is 0 ? 40_000 : ask.Point.Port }));
            if (fate.ClosesAfter is { } closes && world.Faults && !_closedOnce)
            {
                _closedOnce = true;
                In(closes, () => Close(ask));
            }
        });
    }

    public void IsRefused(ListenAsk ask)
    {
        if (!_answered.Add(ask.Seq))
            return;
        if (fate.AsksAgain)
            In(500, () => AskFor(ask.Point));
        else
            In(1, () => Exit(new ExitStatus(1)));
    }

    public void Signal(string name)
    {
        if (!IsAlive)
            return;
        if (name == "SIGKILL" || !_executed)
        {
            In(1, () => Exit(new ExitStatus(0, name)));
            return;
        }

        if (_signalled)
            throw new BrokenRuleException("Truth", $"{Id} got {name} twice");
        _signalled = true;
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
        if (IsAlive && _executed && Spec.IsNodeCluster && _sockets.Count == 0 && _leftAt is null)
            AskForSockets();
        if (IsAlive && _executed && !_listens)
            GetReady();
        else if (IsAlive && _listens && !fate.Speaks)
            SayReady();
        if (IsAlive && _watched && fate.NeverAsks)
            SayListens();
    }

    private void LiveOn()
    {
        if (Spec.IsNodeCluster ? !Spec.Stop.ByMessage : fate.ChannelAfter is not null)
        {
            In(Spec.IsNodeCluster ? 1 : fate.ChannelAfter!.Value, () =>
            {
                _channel = true;
                world.Tell(new WorkerOpenedChannel(Id));
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
            In(Jitter(3, 30), () => world.Tell(new WorkerBindsOwnPort(Id, ":3000")));
        }

        _listens = true;
        if (Spec.IsNodeCluster && !fate.NeverAsks)
            AskForSockets();
        if (_watched)
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

    private void AskFor(ListenPoint point) => world.TellInOrder(new WorkerAskedToListen(Id, new ListenAsk(++_seq, point)));

    private void Close(ListenAsk ask)
    {
        if (!_sockets.Remove(ask))
            return;
        world.TellInOrder(new WorkerStoppedListening(Id, ask.Point.Key));
        if (_leftAt is null)
            In(100, () => AskFor(ask.Point));
    }

    /// <summary>It closes its servers, and when its connections have ended the channel, which says so.</summary>
    private void LetGoAsACluster()
    {
        foreach (var ask in _sockets.Keys.ToList())
            Close(ask);
        if (fate.DrainsAfter is { } drains)
            In(Math.Max(drains, Connected() ? fate.ConnectionsFor : 0), CloseChannel);
    }

    private void SayReady() => In(Jitter(5, 10), () => world.Tell(new WorkerSaidReady(Id)));

    private void SayListens()
    {
        if (Spec.Listen.Count > 0 && !(Spec.IsNodeCluster && fate.NeverAsks && world.Faults))
            In(Jitter(6, 10), () => world.Tell(new WorkerListens(Id, false)));
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
            world.Tell(new WorkerSaidStopping(Id));
        if (IsAlive)
            Exit(new ExitStatus(fate.ExitCode, fate.ExitCode == 1 ? "SIGSEGV" : null));
    }

    private void AskForMoreTime()
    {
        for (var time = 0; time < fate.Extensions; time++)
            In(1_500 * (time + 1), () => world.Tell(new WorkerExtendedTimeout(Id, TimeSpan.FromMilliseconds(fate.ExtendsBy))));
    }

    private void CountOnce()
    {
        In(1_000, CountOnce);
        if (IsAlive && world.Now > _leftAt)
            world.Tell(new WorkerConnectionsCounted(Id, Connected() ? 3 : 0));
    }

    private bool Connected() => _leftAt is { } left && world.Now < left + fate.ConnectionsFor;

    private void CloseChannel()
    {
        if (!_channel)
            return;
        _channel = false;
        world.Tell(new WorkerClosedChannel(Id));
    }

    private void Fail(LaunchProblem problem)
    {
        if (!IsAlive)
            return;
        IsAlive = false;
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
        world.Tell(!_executed && Jitter(8, 2) == 0
            ? new LaunchFailed(Id, new LaunchProblem("gate", 0, $"ended by {status}"))
            : new WorkerExited(Id, status));
    }

    /// <summary>Later in its life, if it still lives then.</summary>
    private void In(long delay, Action what) => world.In(delay, () =>
    {
        if (IsAlive)
            what();
    });

    private int Jitter(int what, int limit) => Dice.Fixed(world.Story.Seed, Id.Number, what, limit);
}
