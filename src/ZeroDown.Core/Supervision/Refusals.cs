namespace ZeroDown.Core.Supervision;

/// <summary>What a command cannot mean now. All targets are looked at before the first is touched.</summary>
internal static class Refusals
{
    /// <summary>Why nothing can be done about the target; null when something can.</summary>
    public static OutcomeKind? Of(Turn turn, Verb verb, Target target)
    {
        if (turn.ShuttingDown)
            return OutcomeKind.RefusedShuttingDown;
        var app = turn.Find(target.App);
        if (app is null || app.State.Deleting)
            return verb == Verb.Start && target.NewSpec is not null ? null : OutcomeKind.RefusedUnknown;
        if (target.Slots is { } slots && slots.Any(number => app.FindSlot(number) is null))
            return OutcomeKind.RefusedUnknown;
        if (target.NewSpec is { } spec && spec.Name != app.Name && !CanBeRenamed(turn, verb, app, target))
            return OutcomeKind.RefusedRename;
        return verb is Verb.Start or Verb.Reload && IsClaimed(turn, app) ? OutcomeKind.RefusedRollUnderWay : null;
    }

    /// <summary>There is something in the target that a roll could replace; a start also wakes what is stopped.</summary>
    public static bool AnyToRoll(AppDraft app, Target target, bool wake) =>
        app.State.Slots.Any(slot => (wake || slot.Wanted) && Rolls.IsIn(target, slot.Slot));

    /// <summary>In a restart nobody has to serve under two names at once.</summary>
    private static bool CanBeRenamed(Turn turn, Verb verb, AppDraft app, Target target) =>
        verb == Verb.Restart
        && turn.Find(target.NewSpec!.Name) is null
        && app.State.Slots.All(slot => Rolls.IsIn(target, slot.Slot));

    /// <summary>It is being rolled, or another command will roll it as soon as the apps before it are done.</summary>
    private static bool IsClaimed(Turn turn, AppDraft app) =>
        app.Roll is not null
        || turn.Requests.Any(request => request.Errands.Any(errand => errand.Stage == ErrandStage.Queued && errand.Target.App == app.Name));
}
