using System.Collections.Immutable;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// What an app's own rules ask for: a worker that holds too much memory, a schedule, changed files. Each is a roll like any
/// other, of one slot or of all, that nobody waits for; where no worker runs, it is a start. A command always goes first.
/// </summary>
internal static class Upkeep
{
    /// <summary>After a newcomer has failed, the worker that is too large serves on for so long before the next one is tried.</summary>
    public static readonly TimeSpan NextTryAfter = TimeSpan.FromMinutes(1);

    public static void OverMemory(AppDraft app, Worker worker, long bytes)
    {
        if (app.Spec.Upkeep.MaxMemoryBytes is not { } limit || bytes <= limit)
            return; // the limit was raised since it was measured
        if (worker is not { Phase: WorkerPhase.Ready, Leaving: null } || app.FindSlot(worker.Slot) is not { } slot || slot.Current != worker.Id)
            return; // it goes already, or has yet to come
        if (IsBusy(app) || app.Now < worker.OutgrownAt + NextTryAfter)
            return; // it is measured again in a moment
        app.Set(worker with { OutgrownAt = app.Now });
        app.Turn.Announce(new FleetNews.OverMemory(app.Name, slot.Slot, slot.PmId, worker.Id, bytes, limit), null);
        Rolls.Begin(app, new Target(app.Name, [slot.Slot]), null, wake: false, automatic: true);
    }

    /// <summary>As in pm2, a schedule also starts what is stopped: programs that do their work and end are run this way. What was scaled to 0 is left alone.</summary>
    public static void CronCame(Turn turn, CronCame came)
    {
        if (turn.Find(came.App) is not { } app || app.State.Deleting || app.Spec.Upkeep.Cron != came.Pattern || app.State.ScaledToZero)
            return; // the schedule is another one now, or nobody's
        if (IsBusy(app))
        {
            if (!turn.ShuttingDown)
                turn.Announce(new FleetNews.ScheduleSkipped(app.Name, came.Pattern), null);
            return;
        }

        turn.Announce(new FleetNews.OnSchedule(app.Name, came.Pattern), null);
        Replace(app, new Target(app.Name) { Memory = came.Memory });
    }

    public static void FilesChanged(Turn turn, FilesChanged changed)
    {
        if (turn.Find(changed.App) is not { } app || turn.ShuttingDown || app.State.Deleting || app.State.ScaledToZero || !IsWatched(app))
            return; // it is not watched any more
        if (app.Roll is { Stage: RollStage.WaitingForDrains })
            return; // its newcomers will read the new files
        app.Set(app.State with { Changed = changed });
    }

    /// <summary>Acts on changed files as soon as nothing else is being done with the app.</summary>
    public static void Advance(AppDraft app)
    {
        if (app.State.Changed is not { } changed)
            return;
        var stale = app.Turn.ShuttingDown || app.State.Deleting || app.State.ScaledToZero || !IsWatched(app);
        if (!stale && IsBusy(app))
            return;
        app.Set(app.State with { Changed = null });
        // What the user stopped stays stopped; what ended by itself is tried again, because the file may be the remedy.
        ImmutableArray<int> slots = [.. app.State.Slots.Where(slot => slot.Wanted || slot.EndedWell || slot.LastFailure is not null).Select(slot => slot.Slot)];
        if (stale || slots.IsEmpty)
            return;
        app.Turn.Announce(new FleetNews.ChangeDetected(app.Name, changed.Path), null);
        var all = slots.Length == app.State.Slots.Length;
        Replace(app, new Target(app.Name, all ? null : slots) { Memory = changed.Memory });
    }

    /// <summary>Replaces workers that accept on a socket which is lost to us, as soon as nothing else is being done with the app. It is tried
    /// once: they serve on if it fails, and the next reload replaces them too.</summary>
    public static void Renew(AppDraft app)
    {
        if (!app.State.RenewDue)
            return;
        var stale = app.Turn.ShuttingDown || app.State.Deleting;
        if (!stale && IsBusy(app))
            return;
        app.Set(app.State with { RenewDue = false });
        ImmutableArray<int> slots = [.. app.State.Slots.Where(slot => app.Find(slot.Current) is { Stranded: true, Leaving: null }).Select(slot => slot.Slot)];
        if (!stale && !slots.IsEmpty)
            Rolls.Begin(app, new Target(app.Name, slots), null, wake: false);
    }

    /// <summary>Nothing is rolled.</summary>
    public static Errand Watch(AppDraft app, Target target, bool? on)
    {
        var spec = WatchSwitch.Apply(app.State, app.Spec, on);
        var wanted = spec.Upkeep.Watch is { Enabled: true };
        if (spec != app.Spec)
        {
            if (app.Roll is { } roll)
                app.Set(roll with { Spec = roll.Spec with { Upkeep = roll.Spec.Upkeep with { Watch = spec.Upkeep.Watch } } });
            app.Set(app.State with { Spec = spec });
        }

        var kind = wanted ? OutcomeKind.Watched : OutcomeKind.Unwatched;
        return Answers.Done(new Errand(target, ErrandStage.Done), kind, app.State.Serving);
    }

    private static void Replace(AppDraft app, Target target)
    {
        var runs = app.State.Slots.Any(slot => Rolls.IsIn(target, slot.Slot) && app.Find(slot.Current) is { Leaving: null });
        if (runs)
            Rolls.Begin(app, target, null, wake: true, automatic: true);
        else
            Intent.Want(app, target, null);
    }

    private static bool IsWatched(AppDraft app) => app.Spec.Upkeep.Watch is { Enabled: true };

    /// <summary>A roll is under way, or a command waits for the app to become what it asked for.</summary>
    private static bool IsBusy(AppDraft app) =>
        app.Turn.ShuttingDown || app.State.Deleting || app.Roll is not null
        || app.Turn.Requests.Any(request => request.Errands.Any(errand =>
            errand.Target.App == app.Name && errand.Stage is not (ErrandStage.Done or ErrandStage.Heeding or ErrandStage.Draining)));
}
