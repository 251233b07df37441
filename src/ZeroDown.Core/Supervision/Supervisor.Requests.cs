using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

// Requests of users. An arm checks that the command makes sense for all its targets, then records for each app what is
// wanted and what the command waits for.
public static partial class Supervisor
{
    private static void Take(Turn turn, Requested request)
    {
        switch (request)
        {
            case StartRequested start:
                ForEach(turn, Verb.Start, start.Request, start.Targets, target => Start(turn, target, start.Request));
                break;
            case ReloadRequested reload:
                ForEach(turn, Verb.Reload, reload.Request, reload.Targets, target => Reload(turn, target, reload.Request), reload.WaitDrained);
                break;
            case RestartRequested restart:
                ForEach(turn, Verb.Restart, restart.Request, restart.Targets, target => Restart(turn, target, restart.Request));
                break;
            case StopRequested stop:
                ForEach(turn, Verb.Stop, stop.Request, stop.Targets, target => Stop(turn, target, stop.Request));
                break;
            case DeleteRequested delete:
                ForEach(turn, Verb.Delete, delete.Request, delete.Targets, target => Delete(turn, target, delete.Request));
                break;
            case ScaleRequested scale:
                ForEach(turn, Verb.Scale, scale.Request, [new Target(scale.App)], target => Scaling.Scale(turn.Find(target.App)!, target, scale));
                break;
            case ResetRequested reset:
                ForEach(turn, Verb.Reset, reset.Request, reset.Targets, target => Reset(turn, target));
                break;
            case SignalRequested signal:
                ForEach(turn, Verb.Signal, signal.Request, signal.Targets, target => Signal(turn, target, signal));
                break;
            case WatchRequested watch:
                ForEach(turn, Verb.Watch, watch.Request, watch.Targets, target => Upkeep.Watch(turn.Find(target.App)!, target, watch.On));
                break;
            case ShutdownRequested shutdown:
                ShutDown(turn, shutdown.Request);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(request), request.GetType().Name, "no arm for this request");
        }
    }

    private static void ForEach(
        Turn turn, Verb verb, RequestId id, ImmutableArray<Target> targets, Func<Target, Errand> take, bool waitDrained = false)
    {
        var apps = OncePerApp(targets);
        var refusals = apps.Select(target => Refusals.Of(turn, verb, target)).ToImmutableArray();
        // The request is known before it is acted on, so that its news find it.
        var request = new PendingRequest(id, verb, []) { WaitDrained = waitDrained };
        turn.Add(request);
        var refused = refusals.Any(refusal => refusal is not null);
        var errands = ImmutableArray.CreateBuilder<Errand>(apps.Length);
        for (var index = 0; index < apps.Length; index++)
        {
            errands.Add(refused
                ? Answers.Done(new Errand(apps[index], ErrandStage.Done), refusals[index] ?? OutcomeKind.Untouched)
                : take(apps[index]));
        }

        turn.Set(turn.Requests[^1], request with { Errands = errands.ToImmutable() });
    }

    private static Errand Start(Turn turn, Target target, RequestId id)
    {
        var app = turn.Find(target.App);
        if (app is null || app.State.Deleting)
            return StartNew(turn, app, target, id);

        var targeted = app.State.Slots.Where(slot => Rolls.IsIn(target, slot.Slot)).ToList();
        var running = targeted.FindAll(slot => app.Find(slot.Current) is { Leaving: null });
        if (running.Count == 0)
        {
            if (target.NewSpec is { Autostart: false } && app.State.Workers.IsEmpty)
            {
                Intent.ApplySpec(app, target, id);
                return Answers.Done(new Errand(target, ErrandStage.Done), OutcomeKind.Registered, app.State.Serving);
            }

            target = Intent.Wake(app, target);
            Intent.ApplySpec(app, target, id);
            return Intent.BringUp(app, target, id, OutcomeKind.Started);
        }

        var underWay = running.Count == targeted.Count && running.TrueForAll(slot => slot.Phase == WorkerPhase.Starting);
        if (underWay && (target.NewSpec is null || target.NewSpec == app.Spec))
            return Intent.Waiting(app, target, [.. targeted.Select(slot => slot.Slot)], OutcomeKind.Started);
        return new Errand(target, ErrandStage.Queued) { Promise = OutcomeKind.Reloaded };
    }

    private static Errand StartNew(Turn turn, AppDraft? deleting, Target target, RequestId id)
    {
        var spec = target.NewSpec!;
        var app = deleting ?? turn.Add(new AppState { Spec = spec });
        if (deleting is not null)
        {
            // It was being deleted: what is left of it goes on leaving, and everything else is as if it were new.
            foreach (var slot in app.State.Slots)
                SlotNumbers.Remove(app, slot.Slot, DrainReason.Delete, id);
            var next = app.State.Generation + 1;
            app.Set(app.State with { Spec = spec, Deleting = false, ScaledToZero = false, Generation = next, Serving = next });
        }

        if (target.Running is { } running)
            return StartSaved(app, target with { Running = null }, running, id);
        SlotNumbers.Grow(app, spec.Instances, wanted: spec.Autostart);
        target = target with { Slots = null };
        return spec.Autostart
            ? Intent.BringUp(app, target, id, OutcomeKind.Started)
            : Answers.Done(new Errand(target, ErrandStage.Done), OutcomeKind.Registered, app.State.Serving);
    }

    private static Errand StartSaved(AppDraft app, Target target, ImmutableArray<int> running, RequestId id)
    {
        if (target.ScaledToZero)
            return Scaling.StartAtZero(app, target);
        var added = SlotNumbers.Grow(app, app.Spec.Instances, wanted: false);
        ImmutableArray<int> slots = [.. running.Where(index => index < added.Length).Select(index => added[index])];
        return slots.IsEmpty
            ? Answers.Done(new Errand(target with { Slots = null }, ErrandStage.Done), OutcomeKind.Registered, app.State.Serving)
            : Intent.BringUp(app, target with { Slots = slots.Length == added.Length ? null : slots }, id, OutcomeKind.Started);
    }

    private static Errand Reload(Turn turn, Target target, RequestId id)
    {
        var app = turn.Find(target.App)!;
        if (Refusals.AnyToRoll(app, target, wake: false))
            return new Errand(target, ErrandStage.Queued) { Promise = OutcomeKind.Reloaded };
        if (target is { NewSpec: { } spec, Slots: null } && Jobs.IsAtRest(app))
            return Record(app, target, spec, id);
        var refusal = app.State.ScaledToZero ? OutcomeKind.RefusedScaledToZero : OutcomeKind.RefusedStopped;
        return Answers.Done(new Errand(target, ErrandStage.Done) { Promise = OutcomeKind.Reloaded }, refusal, app.State.Serving);
    }

    /// <summary>A job between two runs: its definition counts from the next one on.</summary>
    private static Errand Record(AppDraft app, Target target, AppSpec spec, RequestId id)
    {
        var kind = spec == app.Spec ? OutcomeKind.Unchanged : OutcomeKind.Recorded;
        Intent.ApplySpec(app, target, id);
        return Answers.Done(new Errand(target, ErrandStage.Done), kind, app.State.Serving);
    }

    private static Errand Restart(Turn turn, Target target, RequestId id)
    {
        var app = turn.Find(target.App)!;
        target = Intent.Wake(app, Intent.TakeCharge(app, target, DrainReason.Restart, id));
        if (target.NewSpec is { } spec && spec.Name != app.Name)
        {
            app.Rename(spec.Name);
            target = target with { App = spec.Name };
        }

        Intent.ApplySpec(app, target, id);
        foreach (var slot in app.State.Slots)
        {
            if (!Rolls.IsIn(target, slot.Slot) || app.Find(slot.Current) is not { } worker)
                continue;
            if (worker.Leaving is null)
                app.Set(slot with { Restarts = slot.Restarts + 1 });
            Leaving.Ask(app, worker, DrainReason.Restart, id);
        }

        return Intent.BringUp(app, target, id, OutcomeKind.Restarted);
    }

    private static Errand Stop(Turn turn, Target target, RequestId id)
    {
        var app = turn.Find(target.App)!;
        var was = app.State;
        target = Intent.TakeCharge(app, target, DrainReason.Stop, id);
        foreach (var slot in app.State.Slots)
        {
            if (Rolls.IsIn(target, slot.Slot))
                Intent.Unwant(app, slot);
        }

        var workers = Intent.SendAway(app, target, DrainReason.Stop, id);
        var any = workers.Length > 0 || was.Slots.Any(slot => Rolls.IsIn(target, slot.Slot) && (slot.Wanted || slot.Phase == WorkerPhase.Errored));
        return new Errand(target, ErrandStage.Leaving)
        {
            Promise = any ? OutcomeKind.Stopped : OutcomeKind.Unchanged,
            Workers = workers,
        };
    }

    private static Errand Delete(Turn turn, Target target, RequestId id)
    {
        var app = turn.Find(target.App)!;
        target = Intent.TakeCharge(app, target, DrainReason.Delete, id);
        var workers = Intent.SendAway(app, target, DrainReason.Delete, id);
        var slots = app.State.Slots.Where(slot => Rolls.IsIn(target, slot.Slot)).ToList();
        if (target.Slots is not null)
        {
            foreach (var slot in slots)
                SlotNumbers.Remove(app, slot.Slot, DrainReason.Delete, id);
            app.Set(app.State with { Spec = app.Spec with { Instances = app.State.Slots.Length } });
        }
        else
        {
            foreach (var slot in slots)
                Intent.Unwant(app, app.Slot(slot.Slot));
            app.Set(app.State with { Deleting = true });
        }

        return new Errand(target, ErrandStage.Leaving) { Promise = OutcomeKind.Deleted, Workers = workers };
    }

    private static Errand Reset(Turn turn, Target target)
    {
        var app = turn.Find(target.App)!;
        foreach (var slot in app.State.Slots)
        {
            if (Rolls.IsIn(target, slot.Slot))
                app.Set(slot with { Restarts = 0, Crashes = 0, PreviousBackoff = null });
        }

        return Answers.Done(new Errand(target, ErrandStage.Done), OutcomeKind.Reset, app.State.Serving);
    }

    /// <summary>Only those that stand for a slot: a worker that leaves has had its word.</summary>
    private static Errand Signal(Turn turn, Target target, SignalRequested signal)
    {
        var app = turn.Find(target.App)!;
        var reached = 0;
        foreach (var slot in app.State.Slots)
        {
            if (!Rolls.IsIn(target, slot.Slot) || app.Find(slot.Current) is not { Pid: > 0, Leaving: null } worker)
                continue;
            turn.Order(new RelaySignal(worker.Id, signal.Signal, signal.Request));
            reached++;
        }

        return Answers.Done(
            new Errand(target, ErrandStage.Done), reached > 0 ? OutcomeKind.Signalled : OutcomeKind.RefusedNotRunning, app.State.Serving);
    }

    /// <summary>Everything stops, but what was wanted stays wanted, for the daemon that comes after this one.</summary>
    private static void ShutDown(Turn turn, RequestId id)
    {
        var request = new PendingRequest(id, Verb.Shutdown, []);
        turn.Add(request);
        turn.ShutDown();
        var errands = ImmutableArray.CreateBuilder<Errand>();
        foreach (var app in turn.Apps)
        {
            var all = new Target(app.Name);
            Rolls.Abandon(app, DrainReason.Shutdown, id);
            foreach (var slot in app.State.Slots)
            {
                var resumed = app.Resume(slot);
                if (resumed.Phase == WorkerPhase.Backoff || resumed is { Phase: WorkerPhase.Starting, Current: null })
                    app.Set(resumed with { Phase = WorkerPhase.Stopped });
            }

            var workers = Intent.SendAway(app, all, DrainReason.Shutdown, id);
            errands.Add(new Errand(all, ErrandStage.Leaving)
            {
                Promise = OutcomeKind.Stopped,
                Workers = workers,
            });
        }

        turn.Set(turn.Requests[^1], request with { Errands = errands.ToImmutable() });
    }

    private static ImmutableArray<Target> OncePerApp(ImmutableArray<Target> targets)
    {
        var apps = new List<Target>();
        foreach (var target in targets)
        {
            var index = apps.FindIndex(known => known.App == target.App);
            if (index < 0)
            {
                apps.Add(target);
                continue;
            }

            var known = apps[index];
            ImmutableArray<int>? slots = known.Slots is { } some && target.Slots is { } more ? [.. some.Union(more).Order()] : null;
            apps[index] = known with { Slots = slots, NewSpec = target.NewSpec ?? known.NewSpec, Memory = target.Memory ?? known.Memory };
        }

        return [.. apps];
    }
}
