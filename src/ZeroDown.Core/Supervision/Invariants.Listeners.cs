using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

// Rules about listeners, and about those who ask for them.
public static partial class Invariants
{
    /// <summary>A worker is launched only onto open listeners, and none of them closes before it is gone.</summary>
    public static string? ListenerOutlivesWorkers(Look look)
    {
        var closed = new HashSet<ListenerAddress>();
        foreach (var order in look.Orders)
        {
            if (order is CloseListener close)
                closed.Add(close.Listener);
            else if (order is OpenListener open)
                closed.Remove(open.Listener.Address);
        }

        foreach (var address in closed)
        {
            if (look.After.Listeners.ContainsKey(address))
                return $"{address} was closed and is still kept";
        }

        foreach (var app in look.After.Apps)
        {
            foreach (var (_, worker) in app.Workers)
            {
                if (worker.Stranded)
                    continue; // its socket is its own, and lost to us
                foreach (var listener in worker.Spec.Listen)
                {
                    if (!look.After.Listeners.TryGetValue(listener.Address, out var known) || known.Phase != ListenerPhase.Open)
                        return $"{Of(app, worker)} lives and {listener.Address} is not open";
                }

                foreach (var grant in worker.Grants)
                {
                    if (!look.After.Listeners.TryGetValue(grant.Listener, out var known) || known.Phase != ListenerPhase.Open)
                        return $"{Of(app, worker)} lives and {grant.Listener}, which it asked for, is not open";
                }
            }
        }

        return null;
    }

    /// <summary>An open listener has a user: a worker, an app that wants to run, or a roll.</summary>
    public static string? ListenersAreUsed(Look look)
    {
        foreach (var (address, listener) in look.After.Listeners)
        {
            if (listener.Phase == ListenerPhase.Open && !look.After.Apps.Any(app => Uses(look.After, app, address)))
                return $"{address} is open and nobody uses it";
        }

        return null;
    }

    /// <summary>A question of a worker that stays is answered at once, or waits for a listener that is being opened.</summary>
    public static string? AsksAreAnswered(Look look)
    {
        var answered = look.Orders.Count(order => order is HandOverListener or RefuseListener);
        var asked = look.Stamped.Event switch
        {
            WorkerAskedToListen => 1,
            DaemonTookOver => look.Before.Unconfirmed.Length + look.Before.Apps.Sum(app => app.Workers.Values.Sum(worker => worker.Grants.Count(grant => grant.Ask is not null))),
            _ => 0,
        };
        if (answered > asked + look.Before.Apps.Sum(app => app.Workers.Values.Sum(worker => worker.Asks.Length)))
            return $"{answered} questions were answered, more than were asked";
        foreach (var app in Changed(look))
        {
            foreach (var (_, worker) in app.Workers)
            {
                foreach (var ask in worker.Asks)
                {
                    if (worker.Leaving is not null)
                        return $"{Of(app, worker)} is to leave and waits for {ask.Point.Key}";
                    if (Handover.Meant(worker.Spec, ask) is not { } meant
                        || !look.After.Listeners.TryGetValue(meant.Address, out var known) || known.Phase != ListenerPhase.Opening)
                        return $"{Of(app, worker)} asked for {ask.Point.Key} and nothing will answer it";
                }
            }
        }

        return null;
    }

    /// <summary>Nobody is told to leave an old socket as its last one while new connections still go there, and none goes to ours alone while others serve on it.</summary>
    public static string? ConnectionsGoWhereSomebodyAccepts(Look look)
    {
        foreach (var (address, listener) in look.After.Listeners)
        {
            if (listener.Steered is not { } to)
                continue;
            var old = look.After.Apps.SelectMany(app => app.Workers.Values).Where(worker => worker.Stranded && ListenerUse.Has(worker, address)).ToList();
            if (old.Any(worker => worker.Leaving is null) == (to == Steering.New))
                return $"new connections to {address} go to {to}, and on the old socket accept [{string.Join(", ", old.Select(worker => $"{worker.Id} {worker.Phase}"))}]";
            var switched = look.Orders.IndexOf(new SteerListener(address, Steering.New));
            var told = look.Orders.IndexOf(look.Orders.FirstOrDefault(order => order is SignalWorker { Signal: not "SIGKILL" } signal && old.Any(worker => worker.Id == signal.Worker))!);
            if (look.Stamped.Event is not DaemonTookOver && told >= 0 && told < switched)
                return $"a worker on the old socket of {address} got its signal before new connections went elsewhere";
        }

        return null;
    }

    private static bool Uses(FleetState fleet, AppState app, ListenerAddress address)
    {
        var wants = !fleet.ShuttingDown && !app.Deleting && app.Slots.Any(slot => slot is { Wanted: true, Phase: not WorkerPhase.Errored });
        if (ListenerUse.IsAskedFor(app, address, wants))
            return true;
        if ((wants && ListenerUse.Names(app.Spec, address)) || (app.Roll is { } roll && ListenerUse.Names(roll.Spec, address)))
            return true;
        foreach (var (_, worker) in app.Workers)
        {
            if (ListenerUse.Names(worker.Spec, address))
                return true;
        }

        return false;
    }
}
