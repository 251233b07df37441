using System.Collections.Immutable;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// Carries a roll on: from batch to batch while newcomers get ready, back when one fails. It only changes intent (who stands
/// for a slot, who is to leave, which slots are taken); <see cref="Reconcile"/> launches and drains.
/// </summary>
internal static class RollProgress
{
    public static void Advance(AppDraft app)
    {
        switch (app.Roll?.Stage)
        {
            case null:
                break;
            case RollStage.WaitingForDrains:
                if (MayBegin(app))
                    BeginRolling(app, app.Roll);
                break;
            case RollStage.Rolling:
                if (app.Roll.Broken.Length > 0)
                    TurnBack(app);
                else if (app.Roll.Batch.All(number => NewcomerIsDone(app, number)))
                    TakeOver(app, app.Roll);
                break;
            case RollStage.RollingBack:
                GoBack(app, app.Roll);
                break;
            default:
                throw new InvalidOperationException($"a roll's stage is {app.Roll.Stage}");
        }
    }

    /// <summary>At most two generations drain at a time; those that the roll replaces are counted.</summary>
    public static bool MayBegin(AppDraft app)
    {
        var generations = new HashSet<int>();
        foreach (var (_, worker) in app.State.Workers)
        {
            if (worker.Leaving == DrainReason.Reload)
                generations.Add(worker.Generation);
        }

        if (generations.Count == 0)
            return true;
        foreach (var slot in app.State.Slots)
        {
            if (app.Roll!.Waiting.Contains(slot.Slot) && app.Find(slot.Current) is { Leaving: null } current)
                generations.Add(current.Generation);
        }

        return generations.Count <= 2;
    }

    public static int DrainingGenerations(AppDraft app) =>
        app.State.Workers.Values.Where(worker => worker.Leaving == DrainReason.Reload).Select(worker => worker.Generation).Distinct().Count();

    /// <summary>Sends the newcomer of a slot away.</summary>
    public static void Dismiss(AppDraft app, int number, DrainReason reason, RequestId? request)
    {
        if (app.FindSlot(number) is not { Newcomer: { } id } slot)
            return;
        app.Set(slot with { Newcomer = null });
        if (app.Find(id) is { } newcomer)
            Leaving.Ask(app, newcomer, reason, request);
    }

    /// <summary>Newcomers leave, finished slots are to go back; when there are none, the roll is over.</summary>
    public static void TurnBack(AppDraft app)
    {
        var roll = app.Roll!;
        var leftWithout = ImmutableArray<int>.Empty;
        foreach (var number in roll.Batch)
        {
            Dismiss(app, number, DrainReason.RollBack, roll.Request);
            // In place the old worker may be gone or going: its slot is brought back too.
            if (roll.InPlace && app.Slot(number) is { } slot && app.Find(slot.Current) is not { Leaving: null })
                leftWithout = leftWithout.Add(number);
        }

        foreach (var number in roll.Added)
            SlotNumbers.Remove(app, number, DrainReason.RollBack, roll.Request);
        foreach (var number in roll.Woken)
            PutToSleep(app, number, roll);
        ImmutableArray<int> back =
        [
            .. leftWithout.Except(roll.Added).Except(roll.Woken),
            .. roll.Finished.Except(roll.Added).Except(roll.Woken),
        ];
        foreach (var number in back)
            WantAgain(app, number);
        // These know a worker of the new spec, and the old one need not listen where that did.
        foreach (var number in roll.Finished.Intersect(back))
            app.Set(app.Slot(number) with { KnowsItsListeners = false });
        app.Set(roll with
        {
            Stage = RollStage.RollingBack,
            Spec = app.Spec,
            Batch = [],
            Waiting = back,
            Finished = [],
            Broken = [],
            Added = [], // gone, and their numbers may come to stand for others
            Woken = [],
            Surplus = [],
            EndedWell = [],
        });
        GoBack(app, app.Roll!);
    }

    private static void BeginRolling(AppDraft app, Roll roll)
    {
        app.Turn.Announce(
            new FleetNews.RollBegan(app.Name, roll.FromGeneration, roll.ToGeneration, roll.BatchSize, roll.InPlace) { GapBecauseOf = roll.GapBecauseOf }, roll.Request);
        if (roll.LimitedFrom is { } wanted)
            app.Turn.Announce(new FleetNews.BatchLimitedByMemory(app.Name, roll.BatchSize, wanted), roll.Request);
        NextBatch(app, app.Set(roll with { Stage = RollStage.Rolling }));
    }

    private static void NextBatch(AppDraft app, Roll roll)
    {
        var size = Math.Min(roll.BatchSize, roll.Waiting.Length);
        var batch = roll.Waiting[..size];
        app.Set(roll with { Batch = batch, Waiting = roll.Waiting[size..], Broken = [] });
        if (!roll.InPlace)
            return;
        foreach (var number in batch)
        {
            if (app.Find(app.Slot(number).Current) is { } old)
                Leaving.Ask(app, old, DrainReason.Reload, roll.Request);
        }
    }

    private static bool NewcomerIsDone(AppDraft app, int number) =>
        Rolls.HasEndedWell(app.Roll!, number) || app.Find(app.Slot(number).Newcomer) is { Phase: WorkerPhase.Ready };

    /// <summary>The whole batch is ready: each newcomer stands for its slot now, and each old worker is to leave.</summary>
    private static void TakeOver(AppDraft app, Roll roll)
    {
        foreach (var number in roll.Batch)
            Promote(app, number, DrainReason.Reload);
        roll = app.Set(app.Roll! with { Finished = roll.Finished.AddRange(roll.Batch), Batch = [] });
        if (roll.Waiting.Length > 0)
            NextBatch(app, roll);
        else
            Succeed(app, roll);
    }

    private static void Promote(AppDraft app, int number, DrainReason farewell)
    {
        var roll = app.Roll!;
        var slot = app.Resume(app.Slot(number));
        if (app.Find(slot.Newcomer) is not { } newcomer)
        {
            PutToRest(app, slot, farewell);
            return;
        }

        app.Turn.Announce(
            new FleetNews.NewWorkerListening(app.Name, number, slot.PmId, newcomer.Id) { Listens = Readiness.Listens(newcomer) }, roll.Request);
        var old = app.Find(slot.Current);
        app.Set(slot with
        {
            Current = newcomer.Id,
            Newcomer = null,
            Phase = newcomer.Phase,
            Wanted = true,
            Crashes = 0,
            PreviousBackoff = null,
            FailedTries = 0,
            LastFailure = null,
            LastFailedAt = null,
            EndedWell = false,
            Restarts = roll.Added.Contains(number) || roll.Woken.Contains(number) ? slot.Restarts : slot.Restarts + 1,
        });
        Readiness.RememberListeners(app, newcomer);
        if (newcomer.WithoutWord)
            app.Set(app.Roll! with { WithoutWord = app.Roll!.WithoutWord.Add(newcomer.PmId) });
        if (old is not null)
            Leaving.Ask(app, old, farewell, roll.Request);
    }

    /// <summary>The newcomer was a job that ended well. Its slot rests, and the worker that it replaces leaves.</summary>
    private static void PutToRest(AppDraft app, SlotState slot, DrainReason farewell)
    {
        var roll = app.Roll!;
        var old = app.Find(slot.Current);
        var counts = !roll.Added.Contains(slot.Slot) && !roll.Woken.Contains(slot.Slot);
        app.Set(Jobs.AtRest(slot) with { Current = null, Restarts = counts ? slot.Restarts + 1 : slot.Restarts });
        if (old is not null)
            Leaving.Ask(app, old, farewell, roll.Request);
    }

    private static void Succeed(AppDraft app, Roll roll)
    {
        app.Set(app.State with { Spec = roll.Spec, Serving = roll.ToGeneration, StopFirst = false, FailedRoll = null });
        foreach (var number in roll.Surplus)
            SlotNumbers.Remove(app, number, DrainReason.Scale, roll.Request);
        app.Turn.Announce(new FleetNews.RollEnded(app.Name, roll.ToGeneration), roll.Request);
        Commands.Finish(app, roll, OutcomeKind.Reloaded);
        app.Set(app.State with { Roll = null });
    }

    /// <summary>Each slot that can be brought back is; one that cannot keeps what it has. Then the roll is over.</summary>
    private static void GoBack(AppDraft app, Roll roll)
    {
        foreach (var number in roll.Batch)
        {
            if (NewcomerIsDone(app, number))
                Promote(app, number, DrainReason.RollBack);
            else if (roll.Broken.Contains(number))
                LeaveAlone(app, number);
            else
                continue;
            app.Set(app.Roll! with { Batch = app.Roll!.Batch.Remove(number) });
        }

        roll = app.Roll!;
        if (roll.Batch.Length > 0)
            return;
        // One that ended meanwhile was replaced by the old spec already.
        var waiting = roll.Waiting.RemoveAll(number =>
            app.Find(app.Slot(number).Current) is { Leaving: null } current && current.Generation == roll.FromGeneration);
        if (waiting.Length > 0)
        {
            NextBatch(app, roll with { Waiting = waiting });
            return;
        }

        var besideOld = roll.Failures.Any(failure => failure.Cause is FailureCause.Exited { BesideOld: true });
        // One that stopped the old worker first and failed too has shown that the overlap was not the reason.
        if (roll.Automatic && app.State.StopFirst != besideOld)
            app.Set(app.State with { StopFirst = besideOld });
        app.Turn.Announce(
            new FleetNews.RollFailed(app.Name, roll.FromGeneration, Commands.AnyServes(app)) { InPlace = roll.InPlace, BesideOld = besideOld, Automatic = roll.Automatic }, roll.Request);
        Commands.Finish(app, roll, OutcomeKind.RolledBack);
        app.Set(app.State with { Roll = null, FailedRoll = FailureOf(app, roll) });
    }

    /// <summary>Why it failed. One that was given up for another command did not.</summary>
    private static FailedRoll? FailureOf(AppDraft app, Roll roll) =>
        roll.Failures.IsEmpty
            ? app.State.FailedRoll
            : new FailedRoll(roll.ToGeneration, app.Now, roll.Failures.Length > FailedRoll.MostFailures ? roll.Failures[..FailedRoll.MostFailures] : roll.Failures);

    /// <summary>The slot could not be rolled back. Its newcomer goes, unless the slot has nobody else: then it stands for the
    /// slot and goes on starting, as it would outside a roll.</summary>
    private static void LeaveAlone(AppDraft app, int number)
    {
        var roll = app.Roll!;
        var slot = app.Slot(number);
        if (app.Find(slot.Current) is { Leaving: null })
        {
            app.Set(roll with { LeftOnNewGeneration = roll.LeftOnNewGeneration.Add(number) });
            Dismiss(app, number, DrainReason.RollBack, roll.Request);
        }
        else
        {
            WantAgain(app, number);
            if (app.Find(slot.Newcomer) is { } newcomer)
            {
                app.Set(app.Slot(number) with { Current = newcomer.Id, Newcomer = null, Phase = newcomer.Phase });
                OwnPorts.ExpectNoMore(app, newcomer);
            }
        }
    }

    /// <summary>It was wanted before the roll. Whatever the new spec's workers did to it meanwhile does not count.</summary>
    private static void WantAgain(AppDraft app, int number)
    {
        var slot = app.Resume(app.Slot(number));
        app.Set(slot with
        {
            Wanted = true,
            Phase = slot.Current is null ? WorkerPhase.Starting : slot.Phase,
            EndedWell = false,
            Crashes = 0,
            PreviousBackoff = null,
        });
    }

    private static void PutToSleep(AppDraft app, int number, Roll roll)
    {
        if (app.FindSlot(number) is not { } slot)
            return;
        if (app.Find(slot.Current) is { } worker)
            Leaving.Ask(app, worker, DrainReason.RollBack, roll.Request);
        slot = app.Resume(app.Slot(number));
        app.Set(slot with { Wanted = false, Phase = slot.Current is null ? WorkerPhase.Stopped : slot.Phase });
    }
}
