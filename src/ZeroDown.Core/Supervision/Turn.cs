using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// One step in the making: the state as it is so far, and the orders so far. Everything in the core changes state through
/// here, so nobody works on a stale copy. It lives for one call of <see cref="Supervisor.Step"/>.
/// </summary>
internal sealed class Turn
{
    private readonly FleetState _before;
    private readonly ImmutableArray<SupervisorAction>.Builder _actions = ImmutableArray.CreateBuilder<SupervisorAction>();
    private readonly List<AppDraft> _apps;
    private bool _sameApps = true;
    private ImmutableDictionary<ListenerAddress, Listener> _listeners;
    private ImmutableList<PendingRequest> _requests;
    private long _nextWorker;
    private int _nextPmId;
    private long _nextEpoch;

    public Turn(FleetState before, TimeSpan now)
    {
        _before = before;
        Now = now;
        _apps = new List<AppDraft>(before.Apps.Count);
        foreach (var app in before.Apps)
            _apps.Add(new AppDraft(this, app));
        _listeners = before.Listeners;
        _requests = before.Requests;
        _nextWorker = before.NextWorker;
        _nextPmId = before.NextPmId;
        _nextEpoch = before.NextEpoch;
        ShuttingDown = before.ShuttingDown;
        Ended = before.Ended;
    }

    public TimeSpan Now { get; }

    /// <summary>The state that the step began with.</summary>
    public FleetState Before => _before;

    /// <summary>Grows with every change and every order; a round that leaves it as it was has nothing more to do.</summary>
    public int Changes { get; private set; }

    public IReadOnlyList<AppDraft> Apps => _apps;

    public ImmutableList<PendingRequest> Requests => _requests;

    public ImmutableDictionary<ListenerAddress, Listener> Listeners => _listeners;

    public bool ShuttingDown { get; private set; }

    public bool Ended { get; private set; }

    public void ShutDown()
    {
        ShuttingDown = true;
        Changed();
    }

    public void End()
    {
        Ended = true;
        Order(new EndDaemon());
    }

    public void Changed() => Changes++;

    public AppDraft? Find(AppName name)
    {
        foreach (var app in _apps)
        {
            if (app.Name == name)
                return app;
        }

        return null;
    }

    public AppDraft Add(AppState app)
    {
        var draft = new AppDraft(this, app);
        _apps.Add(draft);
        _sameApps = false;
        Changed();
        return draft;
    }

    public void Remove(AppDraft app)
    {
        _apps.Remove(app);
        if (_apps.Count == 0)
            _nextPmId = 0; // as pm2 numbers: scripts that begin with `delete all` count from 0
        _sameApps = false;
        Changed();
    }

    /// <summary>The worker and its app, or false for old news.</summary>
    public bool TryFind(WorkerId id, out AppDraft app, out Worker worker)
    {
        foreach (var candidate in _apps)
        {
            if (candidate.State.Workers.TryGetValue(id.Number, out var found))
            {
                (app, worker) = (candidate, found);
                return true;
            }
        }

        (app, worker) = (null!, null!);
        return false;
    }

    public bool KnewBefore(WorkerId id)
    {
        foreach (var app in _before.Apps)
        {
            if (app.Workers.ContainsKey(id.Number))
                return true;
        }

        return false;
    }

    /// <summary>Somebody knows workers up to this number.</summary>
    public void NumberAbove(long last)
    {
        if (_nextWorker > last)
            return;
        _nextWorker = last + 1;
        Changed();
    }

    public WorkerId NewWorker() => new(_nextWorker++);

    public int NewPmId() => _nextPmId++;

    public long NewEpoch() => _nextEpoch++;

    public void Set(ListenerAddress address, Listener listener)
    {
        _listeners = _listeners.SetItem(address, listener);
        Changed();
    }

    public void Remove(ListenerAddress address)
    {
        _listeners = _listeners.Remove(address);
        Changed();
    }

    public void Add(PendingRequest request)
    {
        _requests = _requests.Add(request);
        Changed();
    }

    public void Set(PendingRequest old, PendingRequest request)
    {
        _requests = _requests.Replace(old, request, ReferenceEqualityComparer.Instance);
        Changed();
    }

    public void Remove(PendingRequest request)
    {
        _requests = _requests.Remove(request, ReferenceEqualityComparer.Instance);
        Changed();
    }

    public void Order(SupervisorAction action)
    {
        _actions.Add(action);
        Changed();
    }

    public void Announce(FleetNews news, RequestId? cause) =>
        Order(new Announce(news, cause is { } id && IsPending(id) ? cause : null));

    public StepResult Result() => new(State(), _actions.ToImmutable());

    private bool IsPending(RequestId id)
    {
        foreach (var request in _requests)
        {
            if (request.Id == id)
                return true;
        }

        return false;
    }

    private FleetState State()
    {
        if (Changes == 0)
            return _before;
        return _before with
        {
            Apps = AppsNow(),
            Listeners = _listeners,
            Requests = _requests,
            NextWorker = _nextWorker,
            NextPmId = _nextPmId,
            NextEpoch = _nextEpoch,
            LastStepAt = Now,
            Unconfirmed = UnconfirmedNow(),
            ShuttingDown = ShuttingDown,
            Ended = Ended,
        };
    }

    private ImmutableArray<SupervisorAction> UnconfirmedNow()
    {
        ImmutableArray<SupervisorAction> unconfirmed = [];
        foreach (var action in _actions)
        {
            if (action is RefuseListener or RelaySignal or SignalProcess)
                unconfirmed = unconfirmed.Add(action);
        }

        return unconfirmed;
    }

    private ImmutableList<AppState> AppsNow()
    {
        if (!_sameApps)
            return [.. _apps.Select(app => app.State)];

        var apps = _before.Apps;
        for (var index = 0; index < _apps.Count; index++)
        {
            if (!ReferenceEquals(apps[index], _apps[index].State))
                apps = apps.SetItem(index, _apps[index].State);
        }

        return apps;
    }
}
