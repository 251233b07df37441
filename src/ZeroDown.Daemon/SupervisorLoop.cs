using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon;

/// <summary>
/// The one place where state changes. Events from everywhere land in one mailbox; this loop takes them one by one, asks
/// the core what they mean, and hands the orders to the executor. Readers get <see cref="Current"/>, an immutable snapshot.
/// </summary>
internal sealed class SupervisorLoop(Func<TimeSpan> now, Action<SupervisorAction> execute)
{
    private readonly object _gate = new();
    private readonly Queue<(SupervisorEvent? News, Action? Handled)> _mailbox = new();
    private readonly Deadlines _deadlines = new();
    private volatile FleetState _current = FleetState.Empty;
    private bool _ended;

    /// <summary>What is true after the last event.</summary>
    public FleetState Current => _current;

    /// <summary>Set once at start: writes a step down where a successor finds it, before any of its orders is carried out; on the loop's thread.</summary>
    public Action<StepResult>? WriteDown { get; set; }

    /// <summary>Set once at start: told on the loop's thread when anything about the apps has changed; must not block.</summary>
    public Action<FleetState>? AppsChanged { get; set; }

    /// <summary>Set once at start: what the core must know of the machine before it can judge a deadline; on the loop's thread.</summary>
    public Func<DeadlineId, SupervisorEvent?>? LookBefore { get; set; }

    /// <summary>Never blocks; from any thread.</summary>
    public void Post(SupervisorEvent news) => Post(news, null);

    /// <summary>The same, and tells when the event and all that it ordered is done: then, and not before, its source may be consumed.</summary>
    /// <param name="news">What happened; null to learn only that the loop still turns.</param>
    /// <param name="handled">Called on the loop's thread; must not block.</param>
    public void Post(SupervisorEvent? news, Action? handled)
    {
        lock (_gate)
        {
            _mailbox.Enqueue((news, handled));
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Before <see cref="Run"/>: goes on from what a daemon that is gone had written down, ahead of everything that was posted meanwhile.</summary>
    public void TakeOver(FleetState remembered, TakeOverFacts facts)
    {
        _current = remembered;
        Handle(new DaemonTookOver(facts));
        AppsChanged?.Invoke(_current);
    }

    /// <summary>Runs on the calling thread until the core orders the end of the daemon.</summary>
    public void Run()
    {
        while (!_ended)
        {
            var (news, handled) = Take();
            if (news is DeadlinePassed passed && LookBefore?.Invoke(passed.Deadline) is { } fact)
                Handle(fact);
            if (news is not null)
                Handle(news);
            handled?.Invoke();
        }
    }

    private (SupervisorEvent? News, Action? Handled) Take()
    {
        lock (_gate)
        {
            while (true)
            {
                // The mailbox first: a worker that said ready in time is ready, also when we were late to read it.
                if (_mailbox.TryDequeue(out var letter))
                    return letter;

                if (_deadlines.TryTakeDue(now(), out var due))
                    return (new DeadlinePassed(due), null);

                if (_deadlines.Next is { } next)
                    Monitor.Wait(_gate, Until(next));
                else
                    Monitor.Wait(_gate);
            }
        }
    }

    private TimeSpan Until(TimeSpan next)
    {
        // One millisecond more than nothing, or a deadline that is a few microseconds away would make us spin.
        var wait = next - now();
        return wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1)
            : wait > TimeSpan.FromDays(1) ? TimeSpan.FromDays(1)
            : wait;
    }

    private void Handle(SupervisorEvent news)
    {
        var before = _current;
        var step = Supervisor.Step(before, new Stamped(now(), news));
        var (state, actions) = step;
        // Old news changes nothing and orders nothing: what is written down says it already.
        if (!ReferenceEquals(before, state) || !actions.IsEmpty)
            WriteDown?.Invoke(step);
        _current = state;
        foreach (var action in actions)
        {
            switch (action)
            {
                case ArmDeadline arm:
                    _deadlines.Arm(arm.Deadline, arm.At);
                    break;
                case DisarmDeadline disarm:
                    _deadlines.Disarm(disarm.Deadline);
                    break;
                case EndDaemon:
                    _ended = true;
                    execute(action);
                    break;
                default:
                    execute(action);
                    break;
            }
        }

        if (!ReferenceEquals(before.Apps, state.Apps))
            AppsChanged?.Invoke(state);
    }
}
