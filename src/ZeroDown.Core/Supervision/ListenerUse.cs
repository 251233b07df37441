using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// Listeners are opened when the first launch needs them and closed when their last user is gone. A user is a living worker
/// that was given the listener, or an app that wants to run: so it stays open while an app restarts, crashes or pauses, and
/// clients wait in the backlog. An app whose slots have all given up is no user: a clear refusal is better than a backlog
/// that nobody will ever empty.
/// </summary>
internal static class ListenerUse
{
    /// <summary>True when a worker of this spec can be launched; orders what is missing.</summary>
    public static bool AreOpen(Turn turn, AppSpec spec)
    {
        var open = true;
        foreach (var wanted in spec.Listen)
        {
            if (!turn.Listeners.TryGetValue(wanted.Address, out var listener))
            {
                turn.Set(wanted.Address, new Listener(wanted, ListenerPhase.Opening));
                turn.Order(new OpenListener(wanted));
                open = false;
            }
            else if (listener.Phase != ListenerPhase.Open)
            {
                open = false;
            }
        }

        return open;
    }

    public static void CloseUnused(Turn turn)
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

    public static bool Names(AppSpec spec, ListenerAddress address)
    {
        foreach (var listener in spec.Listen)
        {
            if (listener.Address == address)
                return true;
        }

        return false;
    }

    private static bool IsUsed(Turn turn, ListenerAddress address)
    {
        foreach (var app in turn.Apps)
        {
            if (!turn.ShuttingDown && WantsToRun(app) && Names(app.Spec, address))
                return true;
            if (app.Roll is { } roll && Names(roll.Spec, address))
                return true;
            foreach (var (_, worker) in app.State.Workers)
            {
                if (Names(worker.Spec, address))
                    return true;
            }
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
