using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// Follows pending commands to their one answer. What a command waits for is read off the state, so that it does not matter
/// who brought it about, and nothing is forgotten when another command takes over.
/// </summary>
internal static class Commands
{
    public static void Advance(Turn turn)
    {
        foreach (var request in turn.Requests)
            Advance(turn, request);

        if (turn is { ShuttingDown: true, Ended: false } && turn.Requests.IsEmpty && turn.Apps.All(app => app.State.Workers.IsEmpty))
            turn.End();
    }

    /// <summary>A roll has come to its end: tells whoever waits for it.</summary>
    public static void Finish(AppDraft app, Roll roll, OutcomeKind kind)
    {
        foreach (var request in app.Turn.Requests)
        {
            if (request.Id != roll.Request)
                continue;
            var index = IndexOf(request, errand => errand.Stage == ErrandStage.Rolling && errand.Target.App == app.Name);
            if (index < 0)
                continue;
            var reloaded = kind == OutcomeKind.Reloaded;
            var outcome = new AppOutcome(app.Name, kind, reloaded ? [] : roll.Failures)
            {
                GapBecauseOf = roll.GapBecauseOf,
                GapInCluster = roll.GapBecauseOf is not null && app.Spec.IsNodeCluster,
                InPlace = roll.InPlace,
                OverlapAsked = roll.GapBecauseOf is not null && app.Spec.Reload.Overlap == true,
                NotBack = kind == OutcomeKind.RolledBack && roll.InPlace ? [.. app.State.Slots.Where(slot => slot.Wanted && !IsReady(app, slot)).Select(slot => slot.PmId)] : [],
                ListensAgain = kind == OutcomeKind.RolledBack && roll.InPlace && app.State.Slots.All(slot => !slot.Wanted || IsKnownToListen(app.Find(slot.Current))),
                Generation = reloaded ? roll.ToGeneration : roll.FromGeneration,
                NobodyServes = !AnyServes(app),
                SlotsLeftOnNewGeneration = roll.LeftOnNewGeneration,
                CountedWithoutWord = reloaded ? roll.WithoutWord : [],
                EndedWell = reloaded ? roll.EndedWell : [],
            };
            var stage = kind == OutcomeKind.Superseded ? ErrandStage.Done
                : reloaded && request.WaitDrained ? ErrandStage.Draining
                : ErrandStage.Heeding;
            var errand = request.Errands[index] with { Stage = stage, Outcome = outcome };
            app.Turn.Set(request, request with { Errands = request.Errands.SetItem(index, errand) });
            return;
        }
    }

    public static bool AnyServes(AppDraft app) =>
        app.State.Workers.Values.Any(worker => worker is { Phase: WorkerPhase.Ready, Leaving: null });

    private static bool IsReady(AppDraft app, SlotState slot) => app.Find(slot.Current) is { Phase: WorkerPhase.Ready, Leaving: null };

    private static bool IsKnownToListen(Worker? worker) => worker is { Phase: WorkerPhase.Ready, Leaving: null } && (Readiness.Listens(worker) || worker.OwnPort is not null);

    /// <summary>A later command decides about the app: whoever was to roll it when its turn came does not any more.</summary>
    public static void Unqueue(AppDraft app)
    {
        foreach (var request in app.Turn.Requests)
        {
            var index = IndexOf(request, errand => errand.Stage == ErrandStage.Queued && errand.Target.App == app.Name);
            if (index < 0)
                continue;
            var errand = Answers.Done(request.Errands[index], OutcomeKind.Superseded, app.State.Serving);
            app.Turn.Set(request, request with { Errands = request.Errands.SetItem(index, errand) });
        }
    }

    /// <summary>Whoever waits for the app waits for it under its new name.</summary>
    public static void Rename(Turn turn, AppName old, AppName name)
    {
        foreach (var request in turn.Requests)
        {
            var errands = request.Errands.Select(errand =>
                errand.Target.App == old ? errand with { Target = errand.Target with { App = name } } : errand).ToImmutableArray();
            if (!errands.SequenceEqual(request.Errands))
                turn.Set(request, request with { Errands = errands });
        }
    }

    private static void Advance(Turn turn, PendingRequest request)
    {
        var errands = request.Errands;
        for (var index = 0; index < errands.Length; index++)
        {
            var errand = errands[index];
            var next = errand.Stage switch
            {
                ErrandStage.Queued => TakeTurn(turn, request, errands, errand),
                ErrandStage.Heeding => LeaversHaveHeeded(turn, errand) ? errand with { Stage = ErrandStage.Done } : errand,
                ErrandStage.Draining => OldOnesAreGone(turn, errand) ? errand with { Stage = ErrandStage.Done } : errand,
                ErrandStage.Starting => StartWait.Look(turn, errand),
                ErrandStage.Leaving => WorkersAreGone(turn, request.Verb, errand),
                ErrandStage.Rolling or ErrandStage.Done => errand,
                var other => throw new InvalidOperationException($"no such stage: {other}"),
            };
            if (!ReferenceEquals(next, errand))
                errands = errands.SetItem(index, next);
        }

        if (errands.All(errand => errand.Stage == ErrandStage.Done))
        {
            turn.Order(new AnswerRequest(request.Id, Answers.Of(errands)));
            turn.Remove(request);
        }
        else if (errands != request.Errands)
        {
            turn.Set(request, request with { Errands = errands });
        }
    }

    /// <summary>Rolls of one command go one after another, and a failure ends the run.</summary>
    private static Errand TakeTurn(Turn turn, PendingRequest request, ImmutableArray<Errand> errands, Errand errand)
    {
        foreach (var other in errands)
        {
            if (ReferenceEquals(other, errand))
                break;
            if (other.Stage == ErrandStage.Rolling)
                return errand;
            if (other is { Promise: OutcomeKind.Reloaded, Outcome.Kind: not (OutcomeKind.Reloaded or OutcomeKind.RefusedStopped or OutcomeKind.RefusedScaledToZero or OutcomeKind.Recorded) })
                return Answers.Done(errand, OutcomeKind.Untouched);
        }

        var wake = request.Verb == Verb.Start;
        var app = turn.Find(errand.Target.App);
        if (turn.ShuttingDown || app is null || app.State.Deleting || app.Roll is not null || !Refusals.AnyToRoll(app, errand.Target, wake))
            return Answers.Done(errand, OutcomeKind.Superseded);
        Rolls.Begin(app, errand.Target, request.Id, wake);
        return errand with { Stage = ErrandStage.Rolling };
    }

    /// <summary>What a roll came to may be told: nobody whom it sent away, or an earlier one did, is yet to say that it takes no new connection.</summary>
    public static bool LeaversHaveHeeded(AppState app, AppOutcome outcome)
    {
        foreach (var (_, worker) in app.Workers)
        {
            var leaves = outcome.Kind == OutcomeKind.Reloaded ? worker.Generation < outcome.Generation : worker.Generation > outcome.Generation;
            if (leaves && Leaving.IsYetToHeed(worker))
                return false;
        }

        return true;
    }

    private static bool LeaversHaveHeeded(Turn turn, Errand errand) =>
        turn.Find(errand.Target.App) is not { } app || LeaversHaveHeeded(app.State, errand.Outcome!);

    private static bool OldOnesAreGone(Turn turn, Errand errand)
    {
        if (turn.Find(errand.Target.App) is not { } app)
            return true;
        foreach (var (_, worker) in app.State.Workers)
        {
            if (worker.Leaving is not null && worker.Generation < errand.Outcome!.Generation)
                return false;
        }

        return true;
    }

    private static Errand WorkersAreGone(Turn turn, Verb verb, Errand errand)
    {
        var app = turn.Find(errand.Target.App);
        foreach (var worker in errand.Workers)
        {
            if (app?.Find(worker) is not null)
                return errand;
        }

        var undone = verb switch
        {
            Verb.Delete => app is { State.Deleting: false } && errand.Target.Slots is null,
            Verb.Stop => app is not null && app.State.Slots.Any(slot => slot.Wanted && Rolls.IsIn(errand.Target, slot.Slot)),
            Verb.Scale => errand.Promise == OutcomeKind.ScaledToZero && app is not { State: { ScaledToZero: true, Deleting: false } },
            _ => false,
        };
        return Answers.Done(errand, undone ? OutcomeKind.Superseded : errand.Promise, app?.State.Serving ?? 0);
    }

    private static int IndexOf(PendingRequest request, Func<Errand, bool> matches)
    {
        for (var index = 0; index < request.Errands.Length; index++)
        {
            if (matches(request.Errands[index]))
                return index;
        }

        return -1;
    }
}
