namespace ZeroDown.Core.Supervision;

/// <summary>
/// The one place that starts and stops workers: it compares what is wanted with what is and orders the difference. It may be
/// called at any time, any number of times; when nothing differs it does nothing.
/// </summary>
internal static class Reconcile
{
    public static void Fleet(Turn turn)
    {
        for (var index = turn.Apps.Count - 1; index >= 0; index--)
        {
            var app = turn.Apps[index];
            if (app.State.Deleting && app.State.Workers.IsEmpty)
                turn.Remove(app);
        }

        OldSockets.Steer(turn);
        foreach (var app in turn.Apps)
        {
            foreach (var (_, worker) in app.State.Workers)
                Leaving.Further(app, worker);
        }

        foreach (var app in turn.Apps)
        {
            foreach (var (_, worker) in app.State.Workers)
                Handover.Further(app, worker);
        }

        if (!turn.ShuttingDown)
        {
            foreach (var app in turn.Apps)
                LaunchWhatIsDue(app);
        }

        ListenerUse.CloseUnused(turn);
    }

    private static void LaunchWhatIsDue(AppDraft app)
    {
        foreach (var slot in app.State.Slots)
        {
            if (Launching.IsDue(app, slot))
                Launching.TryLaunch(app, slot);
        }

        if (app.Roll is not { } roll)
            return;
        foreach (var number in roll.Batch)
        {
            if (app.Slot(number) is { Newcomer: null } slot && !Rolls.HasEndedWell(roll, number))
                Launching.TryLaunchNewcomer(app, slot, roll);
        }
    }
}
