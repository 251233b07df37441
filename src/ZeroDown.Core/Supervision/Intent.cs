using System.Collections.Immutable;

namespace ZeroDown.Core.Supervision;

/// <summary>What a command makes of its words: which slots are wanted from now on, who is to leave, and which spec holds. Reconcile does the rest.</summary>
internal static class Intent
{
    /// <summary>This command decides about the slots from here on; a roll that is under way ends or gives them up.</summary>
    /// <returns>The target, without slots when it names them all.</returns>
    internal static Target TakeCharge(AppDraft app, Target target, DrainReason reason, RequestId id)
    {
        Commands.Unqueue(app);
        if (target.Slots is { } some && app.State.Slots.Any(slot => !some.Contains(slot.Slot)))
        {
            Rolls.GiveUp(app, some, reason, id);
            return target;
        }

        Rolls.Abandon(app, reason, id);
        return target with { Slots = null };
    }

    /// <summary>Applies the spec that came with the command, also its number of instances when the whole app is meant.</summary>
    internal static void ApplySpec(AppDraft app, Target target, RequestId id)
    {
        if (target.NewSpec is not { } spec)
            return;
        if (target.Slots is not null)
            spec = spec with { Instances = app.Spec.Instances };
        if (spec with { Instances = app.Spec.Instances } != app.Spec)
        {
            var next = app.State.Generation + 1;
            app.Set(app.State with { Generation = next, Serving = next });
        }

        app.Set(app.State with { Spec = spec });
        var slots = app.State.ScaledToZero ? 1 : spec.Instances;
        SlotNumbers.Shrink(app, slots, DrainReason.Scale, id);
        SlotNumbers.Grow(app, slots, wanted: false);
    }

    /// <summary>An app that was scaled to 0 gets back as many slots as it had; the command that wakes it says which are to run.</summary>
    /// <returns>The target: the whole app, if there was only the slot that was kept for it.</returns>
    internal static Target Wake(AppDraft app, Target target)
    {
        if (!app.State.ScaledToZero)
            return target;
        app.Set(app.State with { ScaledToZero = false });
        SlotNumbers.Grow(app, app.Spec.Instances, wanted: false);
        return target with { Slots = null };
    }

    internal static Errand BringUp(AppDraft app, Target target, RequestId id, OutcomeKind promise)
    {
        if (target.Slots is null && app.State.FailedRoll is not null)
            app.Set(app.State with { FailedRoll = null });
        var slots = Want(app, target, id);
        return Waiting(app, target, slots, promise);
    }

    /// <summary>Whatever kept the slots from running before is forgotten.</summary>
    /// <returns>Their numbers.</returns>
    internal static ImmutableArray<int> Want(AppDraft app, Target target, RequestId? id)
    {
        var slots = app.State.Slots.Where(slot => Rolls.IsIn(target, slot.Slot)).ToImmutableArray();
        if (app.State.StopFirst)
            app.Set(app.State with { StopFirst = false });
        foreach (var slot in slots)
        {
            var resumed = Unburdened(app.Resume(app.Slot(slot.Slot)));
            app.Set(resumed with
            {
                Wanted = true,
                Phase = resumed.Current is null ? WorkerPhase.Starting : resumed.Phase,
                TryingSince = null,
                KnowsItsListeners = false,
                Request = id,
            });
        }

        return [.. slots.Select(slot => slot.Slot)];
    }

    internal static Errand Waiting(AppDraft app, Target target, ImmutableArray<int> slots, OutcomeKind promise)
    {
        foreach (var number in slots)
            app.Set(app.Slot(number) with { FailedTries = 0 });
        return new Errand(target, ErrandStage.Starting) { Promise = promise, Slots = slots };
    }

    internal static void Unwant(AppDraft app, SlotState slot)
    {
        slot = Unburdened(app.Resume(slot));
        app.Set(slot with
        {
            Wanted = false,
            Phase = slot.Current is null ? WorkerPhase.Stopped : slot.Phase,
        });
    }

    private static SlotState Unburdened(SlotState slot) =>
        slot with { Crashes = 0, PreviousBackoff = null, FailedTries = 0, LastFailure = null, LastFailedAt = null, EndedWell = false };

    /// <summary>Every worker of the target is to leave, those that drain already included.</summary>
    internal static ImmutableArray<WorkerId> SendAway(AppDraft app, Target target, DrainReason reason, RequestId id)
    {
        var workers = ImmutableArray.CreateBuilder<WorkerId>();
        foreach (var worker in app.State.Workers.Values)
        {
            if (!Rolls.IsIn(target, worker.Slot))
                continue;
            workers.Add(worker.Id);
            Leaving.Ask(app, worker, reason, id);
        }

        return workers.ToImmutable();
    }
}
