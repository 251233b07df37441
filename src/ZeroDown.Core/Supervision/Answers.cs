using System.Collections.Immutable;

namespace ZeroDown.Core.Supervision;

/// <summary>Makes one answer of what the errands came to.</summary>
internal static class Answers
{
    public static Errand Done(Errand errand, OutcomeKind kind, int generation = 0) =>
        errand with
        {
            Stage = ErrandStage.Done,
            Outcome = new AppOutcome(errand.Target.App, kind, []) { Generation = generation },
        };

    public static Answer Of(ImmutableArray<Errand> errands)
    {
        var outcomes = errands.Select(errand => errand.Outcome!).ToImmutableArray();
        return new Answer(KindOf(outcomes), outcomes);
    }

    private static AnswerKind KindOf(ImmutableArray<AppOutcome> outcomes)
    {
        if (outcomes.IsEmpty)
            return AnswerKind.Done;
        if (outcomes.Any(outcome => outcome.Kind == OutcomeKind.RolledBack))
            return AnswerKind.RollFailed;
        if (outcomes.Any(outcome => outcome.Kind is OutcomeKind.Failed or OutcomeKind.StillStarting or OutcomeKind.Superseded))
            return AnswerKind.Failed;
        // A stopped app among several that were reloaded (or got a signal) stays stopped, and that is no failure.
        if (outcomes.All(outcome => IsRefused(outcome.Kind))
            || outcomes.Any(outcome => IsRefused(outcome.Kind) && outcome.Kind is not (OutcomeKind.RefusedStopped or OutcomeKind.RefusedScaledToZero or OutcomeKind.RefusedNotRunning)))
            return AnswerKind.Refused;
        return AnswerKind.Done;
    }

    private static bool IsRefused(OutcomeKind kind) => kind switch
    {
        OutcomeKind.RefusedRollUnderWay or OutcomeKind.RefusedStopped or OutcomeKind.RefusedScaledToZero or OutcomeKind.RefusedNotRunning or OutcomeKind.RefusedRename or OutcomeKind.RefusedShuttingDown
            or OutcomeKind.RefusedUnknown or OutcomeKind.Untouched => true,
        OutcomeKind.Started or OutcomeKind.Reloaded or OutcomeKind.Restarted or OutcomeKind.Stopped or OutcomeKind.Deleted
            or OutcomeKind.Scaled or OutcomeKind.ScaledToZero or OutcomeKind.Reset or OutcomeKind.Signalled or OutcomeKind.Watched or OutcomeKind.Unwatched
            or OutcomeKind.Unchanged or OutcomeKind.Registered or OutcomeKind.Recorded
            or OutcomeKind.StillStarting or OutcomeKind.Failed or OutcomeKind.RolledBack or OutcomeKind.Superseded => false,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
