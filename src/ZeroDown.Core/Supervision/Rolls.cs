using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>How a roll begins, and what can happen to it from outside: a failure, or another command that takes over.</summary>
internal static class Rolls
{
    /// <summary>Plans the roll; <see cref="RollProgress"/> carries it out.</summary>
    /// <param name="app">Which app; no roll of it is under way.</param>
    /// <param name="target">Slots, new spec, memory.</param>
    /// <param name="request">Who asked; null: nobody, the app's own rules did.</param>
    /// <param name="wake">Also brings up slots that are stopped: a start, not a reload.</param>
    /// <param name="automatic">Memory, a schedule or changed files asked for it.</param>
    public static void Begin(AppDraft app, Target target, RequestId? request, bool wake, bool automatic = false)
    {
        var spec = target.NewSpec ?? app.Spec;
        if (target.Slots is not null)
            spec = spec with { Instances = app.State.Slots.Length };
        var generation = app.State.Generation + 1;
        app.Set(app.State with { Generation = generation });

        var old = app.State.Slots;
        var surplus = old.Length > spec.Instances ? old[spec.Instances..].Select(slot => slot.Slot).ToImmutableArray() : [];
        var kept = old.Where(slot => IsIn(target, slot.Slot) && !surplus.Contains(slot.Slot)).ToList();
        // A reload that shrinks to slots which all are stopped would end with nothing running.
        wake |= !kept.Exists(slot => slot.Wanted);
        var woken = kept.Where(slot => wake && !slot.Wanted).Select(slot => slot.Slot).ToImmutableArray();
        var added = SlotNumbers.Grow(app, spec.Instances, wanted: false);
        ImmutableArray<int> all = [.. kept.Where(slot => wake || slot.Wanted).Select(slot => slot.Slot), .. added];

        var ownPort = OwnPort(app);
        // What runs now may not stand beside another worker either, where its own spec says so.
        var inPlace = ownPort is not null || spec.Reload.Overlap == false || app.Spec.Reload.Overlap == false || (automatic && StopsFirst(app, spec));
        var wanted = inPlace ? 1 : Math.Min(all.Length, Math.Max(1, spec.Reload.Surge ?? all.Length));
        var batch = Math.Min(wanted, ByMemory(target.Memory));
        app.Set(new Roll
        {
            FromGeneration = app.State.Serving,
            ToGeneration = generation,
            Spec = spec,
            Request = request,
            Automatic = automatic,
            InPlace = inPlace,
            GapBecauseOf = ownPort,
            BatchSize = batch,
            LimitedFrom = batch < wanted ? wanted : null,
            Waiting = all,
            Added = added,
            Woken = woken,
            Surplus = surplus,
        });
        var draining = RollProgress.DrainingGenerations(app);
        if (!RollProgress.MayBegin(app))
            app.Turn.Announce(new FleetNews.RollWaitsForDrains(app.Name, draining), request);
    }

    /// <summary>Records that a newcomer has failed. The roll turns back, or when it does already, leaves that slot alone.</summary>
    public static void Fail(AppDraft app, SlotFailure failure)
    {
        if (app.Roll is { } roll)
            app.Set(roll with { Failures = roll.Failures.Add(failure), Broken = roll.Broken.Add(failure.Slot) });
    }

    /// <summary>Records that a newcomer did its work and ended. The slot is done, as if the newcomer were ready.</summary>
    public static void EndedWell(AppDraft app, SlotEnd end)
    {
        if (app.Roll is { } roll)
            app.Set(roll with { EndedWell = roll.EndedWell.Add(end) });
    }

    public static bool HasEndedWell(Roll roll, int slot) => roll.EndedWell.Any(end => end.Slot == slot);

    /// <summary>A listener that the roll waits for cannot be had.</summary>
    public static void ListenerFailed(AppDraft app, ListenerAddress address, FailureCause cause)
    {
        if (app.Roll is not { Stage: not RollStage.WaitingForDrains } roll || !ListenerUse.Names(roll.Spec, address))
            return;
        foreach (var slot in roll.Batch)
        {
            if (app.Slot(slot) is { Newcomer: null, PmId: var pmId })
                Fail(app, new SlotFailure(slot, pmId, null, cause));
        }
    }

    /// <summary>A command about the whole app takes over: the roll is over at once, and the command decides what is next.</summary>
    public static void Abandon(AppDraft app, DrainReason reason, RequestId request)
    {
        if (app.Roll is not { } roll)
            return;
        Commands.Finish(app, roll, OutcomeKind.Superseded);
        app.Set(app.State with { Roll = null });
        foreach (var number in roll.Batch)
            RollProgress.Dismiss(app, number, reason, request);
        foreach (var number in roll.Added)
            SlotNumbers.Remove(app, number, reason, request);
        foreach (var number in roll.Woken)
        {
            if (!roll.Finished.Contains(number) && app.FindSlot(number) is { } slot)
                app.Set(slot with { Wanted = false, Phase = slot.Current is null ? WorkerPhase.Stopped : slot.Phase });
        }
    }

    /// <summary>A command about a part of the app takes over: the roll goes back, and these slots are no longer its business.</summary>
    public static void GiveUp(AppDraft app, ImmutableArray<int> slots, DrainReason reason, RequestId request)
    {
        if (app.Roll is not { } roll)
            return;
        if (roll.Request is not null)
        {
            Commands.Finish(app, roll, OutcomeKind.Superseded);
            roll = app.Set(app.Roll! with { Request = null });
        }

        if (roll.Stage != RollStage.RollingBack)
            RollProgress.TurnBack(app);
        if (app.Roll is not { } back)
            return;
        foreach (var number in slots)
        {
            if (back.Batch.Contains(number))
                RollProgress.Dismiss(app, number, reason, request);
        }

        app.Set(app.Roll! with
        {
            Waiting = back.Waiting.RemoveAll(slots.Contains),
            Batch = back.Batch.RemoveAll(slots.Contains),
        });
    }

    public static bool IsIn(Target target, int slot) => target.Slots is not { } some || some.Contains(slot);

    /// <summary>The last automatic roll has shown that a second worker dies beside the first.</summary>
    private static bool StopsFirst(AppDraft app, AppSpec spec) => app.State.StopFirst && spec.Reload.Overlap is null;

    private static int ByMemory(MemoryFacts? memory)
    {
        if (memory is not { BytesPerWorker: > 0 } facts)
            return int.MaxValue;
        var room = facts.AvailableBytes / facts.BytesPerWorker;
        return (int)Math.Clamp(room, 1, int.MaxValue);
    }

    private static string? OwnPort(AppDraft app)
    {
        foreach (var slot in app.State.Slots)
        {
            // One that has just been started again may not listen yet.
            if (app.Find(slot.Current) is { OwnPort: { } address })
                return address;
            if (slot is { Wanted: true, KnowsItsListeners: true, OwnPorts.Count: > 0 })
                return slot.OwnPorts[0];
        }

        return null;
    }
}
