namespace ZeroDown.Core.Supervision;

/// <summary>
/// More or fewer workers of an app. Scaled to 0, it keeps one stopped slot and its number of instances: a start or a restart brings them back, or a scale
/// says another number. A schedule and changed files do not wake it.
/// </summary>
public static class Scaling
{
    /// <summary>How many workers are asked for.</summary>
    public static int InstancesOf(AppState app) => app.ScaledToZero ? 0 : app.Spec.Instances;

    internal static Errand Scale(AppDraft app, Target target, ScaleRequested scale)
    {
        var count = Math.Max(0, scale.Relative ? InstancesOf(app.State) + scale.Amount : scale.Amount);
        if (count == 0)
            return ToZero(app, target, scale.Request);
        return app.State.ScaledToZero ? FromZero(app, target, count, scale.Request) : To(app, target, count, scale.Request);
    }

    /// <summary>The app is new here, and was scaled to 0 when it was saved.</summary>
    internal static Errand StartAtZero(AppDraft app, Target target)
    {
        app.Set(app.State with { ScaledToZero = true });
        SlotNumbers.Grow(app, 1, wanted: false);
        return Answers.Done(new Errand(target with { Slots = null, ScaledToZero = false }, ErrandStage.Done), OutcomeKind.ScaledToZero, app.State.Serving);
    }

    private static Errand ToZero(AppDraft app, Target target, RequestId id)
    {
        var was = app.State.ScaledToZero;
        target = Intent.TakeCharge(app, target, DrainReason.Scale, id);
        var workers = Intent.SendAway(app, target, DrainReason.Scale, id);
        SlotNumbers.Shrink(app, 1, DrainReason.Scale, id);
        Intent.Unwant(app, app.State.Slots[0]);
        app.Set(app.State with { ScaledToZero = true });
        return new Errand(target, ErrandStage.Leaving)
        {
            Promise = was && workers.IsEmpty ? OutcomeKind.Unchanged : OutcomeKind.ScaledToZero,
            Workers = workers,
        };
    }

    private static Errand FromZero(AppDraft app, Target target, int count, RequestId id)
    {
        app.Set(app.State with { Spec = app.Spec with { Instances = count } });
        return Intent.BringUp(app, Intent.Wake(app, target), id, OutcomeKind.Scaled);
    }

    private static Errand To(AppDraft app, Target target, int count, RequestId id)
    {
        var before = app.State.Slots.Length;
        if (app.Roll is not null)
        {
            Rolls.GiveUp(app, [.. app.State.Slots.Where((_, index) => index >= count).Select(slot => slot.Slot)], DrainReason.Scale, id);
            before = app.State.Slots.Length;
        }

        if (count == before)
            return Answers.Done(new Errand(target, ErrandStage.Done), OutcomeKind.Unchanged, app.State.Serving);

        app.Set(app.State with { Spec = app.Spec with { Instances = count } });
        if (count < before)
        {
            var leaving = SlotNumbers.Shrink(app, count, DrainReason.Scale, id);
            return new Errand(target, ErrandStage.Leaving) { Promise = OutcomeKind.Scaled, Workers = leaving };
        }

        var runs = app.State.Slots.Any(slot => slot.Wanted);
        var added = SlotNumbers.Grow(app, count, wanted: runs);
        foreach (var number in added)
            app.Set(app.Slot(number) with { Request = id });
        return runs
            ? Intent.Waiting(app, target, added, OutcomeKind.Scaled)
            : Answers.Done(new Errand(target, ErrandStage.Done), OutcomeKind.Scaled, app.State.Serving);
    }
}
