using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// Listeners are opened when the first launch needs them, or the first worker of a Node cluster asks, and closed when their last
/// user is gone. A user is a living worker that was given the listener, or an app that wants to run: so it stays open while an app restarts, crashes or pauses, and
/// clients wait in the backlog. An app whose slots have all given up is no user: a clear refusal is better than a backlog
/// that nobody will ever empty.
/// </summary>
public static class ListenerUse
{
    /// <summary>True when a worker of this spec can be launched; orders what is missing.</summary>
    internal static bool AreOpen(Turn turn, AppSpec spec)
    {
        var open = true;
        foreach (var wanted in spec.Listen)
            open &= IsOpen(turn, wanted, spec);
        return open;
    }

    /// <summary>True when the listener is open; orders it when nobody has.</summary>
    /// <param name="turn">The step.</param>
    /// <param name="wanted">Which.</param>
    /// <param name="spec">For whom.</param>
    internal static bool IsOpen(Turn turn, ListenerSpec wanted, AppSpec spec)
    {
        if (turn.Listeners.TryGetValue(wanted.Address, out var listener))
            return listener.Phase == ListenerPhase.Open;
        turn.Set(wanted.Address, new Listener(wanted, ListenerPhase.Opening));
        turn.Order(new OpenListener(wanted) { Owner = spec.Launch.RunAs, Declared = Names(spec, wanted.Address) });
        return false;
    }

    internal static void CloseUnused(Turn turn)
    {
        foreach (var (address, listener) in turn.Listeners)
        {
            // One that is still opening is closed when its outcome is known: else the outcome of an earlier order could be
            // taken for that of a later one.
            if (listener.Phase != ListenerPhase.Open || IsUsed(turn, address))
                continue;
            turn.Remove(address);
            turn.Order(new CloseListener(address));
            turn.Announce(new FleetNews.ListenerClosed(address), null);
        }
    }

    /// <summary>A worker asked for it and has it, or a slot's next worker will want it.</summary>
    /// <param name="app">Whose workers.</param>
    /// <param name="address">The listener.</param>
    /// <param name="next">False: the app is to end, so there is no next worker.</param>
    public static bool IsAskedFor(AppState app, ListenerAddress address, bool next)
    {
        foreach (var (_, worker) in app.Workers)
        {
            foreach (var grant in worker.Grants)
            {
                if (grant.Listener == address)
                    return true;
            }
        }

        foreach (var slot in app.Slots)
        {
            if (next && slot is { Wanted: true, Phase: not WorkerPhase.Errored } && slot.ListenedOn.Items.Contains(address))
                return true;
        }

        return false;
    }

    /// <summary>The worker was given it.</summary>
    public static bool Has(Worker worker, ListenerAddress address) => Names(worker.Spec, address) || worker.Grants.Any(grant => grant.Listener == address);

    public static bool Names(AppSpec spec, ListenerAddress address)
    {
        foreach (var listener in spec.Listen)
        {
            if (listener.Address == address)
                return true;
        }

        return false;
    }

    /// <summary>The app has it, wants it, or has a worker that waits for it.</summary>
    internal static bool IsUsedBy(Turn turn, AppDraft app, ListenerAddress address) =>
        Has(turn, app, address) || app.State.Workers.Values.Any(worker => worker.Asks.Any(ask => Handover.Meant(worker.Spec, ask)?.Address == address));

    private static bool IsUsed(Turn turn, ListenerAddress address)
    {
        foreach (var app in turn.Apps)
        {
            if (Has(turn, app, address))
                return true;
        }

        return false;
    }

    private static bool Has(Turn turn, AppDraft app, ListenerAddress address)
    {
        var wants = !turn.ShuttingDown && WantsToRun(app);
        if ((wants && Names(app.Spec, address)) || IsAskedFor(app.State, address, wants))
            return true;
        if (app.Roll is { } roll && Names(roll.Spec, address))
            return true;
        foreach (var (_, worker) in app.State.Workers)
        {
            if (Names(worker.Spec, address))
                return true;
        }

        return false;
    }

    private static bool WantsToRun(AppDraft app)
    {
        if (app.State.Deleting)
            return false;
        foreach (var slot in app.State.Slots)
        {
            if (slot is { Wanted: true, Phase: not WorkerPhase.Errored })
                return true;
        }

        return false;
    }
}
