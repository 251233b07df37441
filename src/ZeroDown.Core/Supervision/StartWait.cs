using System.Collections.Immutable;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// When a command that starts slots has seen enough to tell the truth. A slot is settled when its worker is ready, when it
/// will not get one any more, when <c>listen_timeout</c> is over, or when it has failed so often (or will pause so long) that
/// waiting on would only hide the cause. The slots go on trying whatever was answered.
/// </summary>
internal static class StartWait
{
    /// <summary>A first failure may be bad luck, a third is an answer.</summary>
    private const int TriesToSee = 3;

    private enum Sight
    {
        Waiting,
        Ready,
        Still,
        Failed,
        Superseded,
    }

    public static Errand Look(Turn turn, Errand errand)
    {
        var app = turn.Find(errand.Target.App);
        if (app is null || app.State.Deleting || turn.ShuttingDown)
            return Answers.Done(errand, OutcomeKind.Superseded);

        var failures = ImmutableArray.CreateBuilder<SlotFailure>();
        var withoutWord = ImmutableArray.CreateBuilder<int>();
        var ended = ImmutableArray.CreateBuilder<SlotEnd>();
        var worst = Sight.Ready;
        foreach (var number in errand.Slots)
        {
            var (sight, cause) = LookAt(app, number);
            if (sight == Sight.Waiting)
                return errand;
            if (cause is not null && app.FindSlot(number) is { } slot)
                failures.Add(new SlotFailure(number, slot.PmId, cause is FailureCause.NotReady ? slot.Current : slot.LastFailed, cause));
            if (sight == Sight.Ready && app.Find(app.Slot(number).Current) is { WithoutWord: true } wordless)
                withoutWord.Add(wordless.PmId);
            if (sight == Sight.Ready && app.Slot(number) is { EndedWell: true } rests)
                ended.Add(new SlotEnd(number, rests.PmId, rests.LastExit?.Code ?? 0));
            worst = Worse(worst, sight);
        }

        var kind = worst switch
        {
            Sight.Ready => errand.Promise,
            Sight.Still => OutcomeKind.StillStarting,
            Sight.Failed => OutcomeKind.Failed,
            _ => OutcomeKind.Superseded,
        };
        return errand with
        {
            Stage = ErrandStage.Done,
            Outcome = new AppOutcome(app.Name, kind, failures.ToImmutable())
            {
                CountedWithoutWord = withoutWord.ToImmutable(),
                EndedWell = ended.ToImmutable(),
                Generation = app.State.Serving,
            },
        };
    }

    private static (Sight Sight, FailureCause? Cause) LookAt(AppDraft app, int number)
    {
        if (app.FindSlot(number) is not { } slot)
            return (Sight.Superseded, null);
        var current = app.Find(slot.Current);
        if (current is { Phase: WorkerPhase.Ready, Leaving: null })
            return (Sight.Ready, null);
        if (slot is { Wanted: false, EndedWell: true })
            return (Sight.Ready, null);
        if (!slot.Wanted && slot.LastFailure is null)
            return (Sight.Superseded, null);
        if (!slot.Wanted || slot.Phase == WorkerPhase.Errored || HasSeenEnough(slot))
            return (Sight.Failed, slot.LastFailure);
        if (current is { Leaving: null, Overdue: true } && !Readiness.IsWaitedFor(current))
        {
            return (Sight.Still, Readiness.Cause(current));
        }

        return IsTooLate(app, slot) ? (Sight.Failed, slot.LastFailure) : (Sight.Waiting, null);
    }

    private static bool HasSeenEnough(SlotState slot) =>
        slot.LastFailure is not null
        && (slot.FailedTries >= TriesToSee || slot.LastFailure is FailureCause.NotLaunched { Problem.Temporary: false });

    /// <summary>The last try ended, or the next one comes, after <c>listen_timeout</c>. No clock is asked: nobody would wake us.</summary>
    private static bool IsTooLate(AppDraft app, SlotState slot)
    {
        var end = (slot.TryingSince ?? app.Now) + app.Spec.Ready.ListenTimeout;
        return slot.LastFailedAt >= end || (slot.LastFailure is not null && slot.Pause?.At >= end);
    }

    private static Sight Worse(Sight one, Sight other) => one > other ? one : other;
}
