namespace ZeroDown.Core.Supervision;

// Facts about listeners.
public static partial class Supervisor
{
    internal static void Take(Turn turn, ListenerOpened opened)
    {
        if (!turn.Listeners.TryGetValue(opened.Listener, out var listener) || listener.Phase == ListenerPhase.Open)
            return; // said twice, or closed since
        turn.Set(opened.Listener, listener with { Phase = ListenerPhase.Open, BoundAddress = opened.BoundAddress });
        turn.Announce(new FleetNews.ListenerOpen(opened.Listener, opened.BoundAddress), null);
    }

    private static void Take(Turn turn, ListenerFailed failed)
    {
        if (!turn.Listeners.TryGetValue(failed.Listener, out var listener) || listener.Phase == ListenerPhase.Open)
            return; // said twice, or closed since
        turn.Remove(failed.Listener);
        turn.Announce(new FleetNews.ListenerFailed(failed.Listener, failed.Problem), Handover.WhoseRequest(turn, failed.Listener));
        var cause = new FailureCause.NoListener(failed.Listener, failed.Problem);
        foreach (var app in turn.Apps)
        {
            Handover.ListenerFailed(app, failed.Listener, failed.Errno);
            Rolls.ListenerFailed(app, failed.Listener, cause);
            foreach (var slot in app.State.Slots)
            {
                if (Launching.IsDue(app, slot) && Launching.Needs(app, slot, failed.Listener))
                    app.Set(slot with { Phase = WorkerPhase.Errored, FailedTries = slot.FailedTries + 1, LastFailure = cause });
            }
        }
    }
}
