using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>Which launches are due, what they wait for, and the orders that make one. Called by <see cref="Reconcile"/>.</summary>
internal static class Launching
{
    /// <summary>The slot wants a worker now and has none, and no roll is about to fill it.</summary>
    public static bool IsDue(AppDraft app, SlotState slot) =>
        slot is { Wanted: true, Current: null, Phase: WorkerPhase.Starting }
        && !app.State.Deleting
        && (app.Roll is not { } roll || !roll.Batch.Contains(slot.Slot));

    /// <summary>Its launch, when it is due, hands over this listener.</summary>
    public static bool Needs(AppDraft app, SlotState slot, ListenerAddress address) =>
        ListenerUse.Names(SpecFor(app, slot).Spec, address);

    public static void TryLaunch(AppDraft app, SlotState slot)
    {
        var (spec, generation) = SpecFor(app, slot);
        if (RunsAlone(app, spec) ? HasWorker(app, slot) : IsBlocked(app, slot))
            return;
        if (ListenerOwner.InTheWay(app, spec) is { } cause)
        {
            app.Turn.Announce(new FleetNews.ListenerFailed(cause.Listener, cause.Problem), slot.Request);
            app.Set(slot with { Phase = WorkerPhase.Errored, FailedTries = slot.FailedTries + 1, LastFailure = cause });
            return;
        }

        if (!ListenerUse.AreOpen(app.Turn, spec))
            return;
        var worker = Launch(app, slot, spec, generation, slot.Request);
        slot = app.Slot(slot.Slot);
        app.Set(slot with { Current = worker.Id, Phase = worker.Phase, EndedWell = false, TryingSince = slot.TryingSince ?? app.Now });
    }

    public static void TryLaunchNewcomer(AppDraft app, SlotState slot, Roll roll)
    {
        if (roll.InPlace ? HasWorker(app, slot) : IsBlocked(app, slot))
            return;
        if (ListenerOwner.InTheWay(app, roll.Spec) is { } cause)
        {
            app.Turn.Announce(new FleetNews.ListenerFailed(cause.Listener, cause.Problem), roll.Request);
            Rolls.ListenerFailed(app, cause.Listener, cause);
            return;
        }

        if (!ListenerUse.AreOpen(app.Turn, roll.Spec))
            return;
        var back = roll.Stage == RollStage.RollingBack;
        var worker = Launch(app, slot, roll.Spec, back ? roll.FromGeneration : roll.ToGeneration, roll.Request);
        app.Set(app.Slot(slot.Slot) with { Newcomer = worker.Id });
    }

    /// <summary>In a roll, slots that are finished already go on with what it brings; all others keep what was.</summary>
    private static (AppSpec Spec, int Generation) SpecFor(AppDraft app, SlotState slot) =>
        app.Roll is { Stage: RollStage.Rolling } roll && roll.Finished.Contains(slot.Slot)
            ? (roll.Spec, roll.ToGeneration)
            : (app.Spec, app.State.Serving);

    /// <summary>No two workers of one slot may run at once.</summary>
    private static bool RunsAlone(AppDraft app, AppSpec spec) => spec.Reload.Overlap == false || app.Roll is { InPlace: true };

    private static bool IsBlocked(AppDraft app, SlotState slot)
    {
        foreach (var (_, worker) in app.State.Workers)
        {
            if (worker.Slot == slot.Slot && Leaving.BlocksSuccessor(worker))
                return true;
        }

        return false;
    }

    private static bool HasWorker(AppDraft app, SlotState slot)
    {
        foreach (var (_, worker) in app.State.Workers)
        {
            if (worker.Slot == slot.Slot)
                return true;
        }

        return false;
    }

    private static Worker Launch(AppDraft app, SlotState slot, AppSpec spec, int generation, RequestId? request)
    {
        // Outside a roll nobody serves in its place, and a port of its own is only one sign among others.
        var newcomer = app.Roll?.Batch.Contains(slot.Slot) == true;
        var worker = app.Set(new Worker
        {
            Id = app.Turn.NewWorker(),
            Slot = slot.Slot,
            PmId = slot.PmId,
            Generation = generation,
            Spec = spec,
            LaunchedAt = app.Now,
            Request = request,
            Expects = slot.KnowsItsListeners && spec.IsNodeCluster ? slot.ListenedOn : [],
            ExpectsPorts = slot.KnowsItsListeners && newcomer && OwnPorts.Concern(spec) ? slot.OwnPorts : [],
            ExpectsSame = OwnPorts.IsSameLaunch(app.Spec.Launch, spec.Launch),
            ToldAnew = newcomer ? OwnPorts.ToldAnew(app.Spec.Launch, spec.Launch) : [],
        });
        app.Turn.Announce(
            new FleetNews.Starting(app.Name, slot.Slot, slot.PmId, worker.Id, spec.ExecMode, generation), request);
        app.Turn.Order(new LaunchWorker(worker.Id, spec, slot.Slot, slot.PmId, generation));
        return app.Arm(worker, DeadlineKind.Ready, app.Now + Readiness.Limit(app, worker));
    }
}
