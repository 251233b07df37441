using System.Collections.Immutable;

namespace ZeroDown.Core.Supervision;

/// <summary>One step as the invariants see it.</summary>
public readonly record struct Look(FleetState Before, Stamped Stamped, FleetState After, ImmutableArray<SupervisorAction> Orders);

/// <summary>
/// What is true after every step, whatever happened. Each rule has a name and says what it found broken, or null. They are
/// checked in all tests and in the simulation; the daemon does not pay for them.
/// </summary>
public static partial class Invariants
{
    public static readonly ImmutableArray<(string Name, Func<Look, string?> Rule)> All =
    [
        (nameof(UniqueWorkerIds), UniqueWorkerIds),
        (nameof(EveryWorkerHasItsPlace), EveryWorkerHasItsPlace),
        (nameof(SlotsTellTheTruth), SlotsTellTheTruth),
        (nameof(NobodyIsForgotten), NobodyIsForgotten),
        (nameof(NeverUnready), NeverUnready),
        (nameof(SurgeBounded), SurgeBounded),
        (nameof(RunsAloneInItsSlot), RunsAloneInItsSlot),
        (nameof(OneRollPerApp), OneRollPerApp),
        (nameof(TwoGenerationsDrain), TwoGenerationsDrain),
        (nameof(GenerationsRise), GenerationsRise),
        (nameof(ListenerOutlivesWorkers), ListenerOutlivesWorkers),
        (nameof(ListenersAreUsed), ListenersAreUsed),
        (nameof(AsksAreAnswered), AsksAreAnswered),
        (nameof(ConnectionsGoWhereSomebodyAccepts), ConnectionsGoWhereSomebodyAccepts),
        (nameof(StartingHasDeadline), StartingHasDeadline),
        (nameof(DrainingHasDeadline), DrainingHasDeadline),
        (nameof(HeedingCanBeSaid), HeedingCanBeSaid),
        (nameof(PausesHaveDeadline), PausesHaveDeadline),
        (nameof(DeadlinesAreOrdered), DeadlinesAreOrdered),
        (nameof(OneAnswerPerRequest), OneAnswerPerRequest),
        (nameof(LeaversHeedFirst), LeaversHeedFirst),
        (nameof(QuietAfterStop), QuietAfterStop),
        (nameof(OrdersAreForTheLiving), OrdersAreForTheLiving),
        (nameof(OneStopSignal), OneStopSignal),
        (nameof(OneStopSignalPerProcess), OneStopSignalPerProcess),
        (nameof(KilledOnlyInTime), KilledOnlyInTime),
        (nameof(TreesAreWatched), TreesAreWatched),
        (nameof(GatesOpenOnce), GatesOpenOnce),
        (nameof(OldNewsChangesNothing), OldNewsChangesNothing),
        (nameof(EndsOnce), EndsOnce),
        (nameof(TakeOverKnowsEverybody), TakeOverKnowsEverybody),
    ];

    /// <summary>The first rule that is broken, with what it found; null when all hold.</summary>
    public static string? Broken(Look look)
    {
        foreach (var (name, rule) in All)
        {
            if (rule(look) is { } finding)
                return $"{name}: {finding}";
        }

        return null;
    }

    /// <summary>Every launch gets a number that was never used, and no number stands for two workers.</summary>
    public static string? UniqueWorkerIds(Look look)
    {
        var last = look.Before.NextWorker - 1;
        foreach (var order in look.Orders)
        {
            if (order is not LaunchWorker { Worker: var id } launch || IsLaunchedAgain(look, launch))
                continue;
            if (id.Number <= last)
                return $"{id} was launched again";
            last = id.Number;
        }

        if (look.After.NextWorker <= last)
            return $"the next number {look.After.NextWorker} is taken already";
        foreach (var app in Changed(look))
        {
            foreach (var (number, worker) in app.Workers)
            {
                if (worker.Id.Number != number || number >= look.After.NextWorker)
                    return $"{worker.Id} is kept under {number}";
            }
        }

        return null;
    }

    /// <summary>A worker that was not told to leave stands for its slot, or is the newcomer that a roll brings up for it.</summary>
    public static string? EveryWorkerHasItsPlace(Look look)
    {
        foreach (var app in Changed(look))
        {
            foreach (var (_, worker) in app.Workers)
            {
                if (worker.Leaving is not null)
                    continue;
                var slot = FindSlot(app, worker.Slot);
                if (slot is null || (slot.Current != worker.Id && slot.Newcomer != worker.Id))
                    return $"{Of(app, worker)} has no place";
            }
        }

        return null;
    }

    /// <summary>What a slot says about its worker is true of that worker, and slots are as many as asked for.</summary>
    public static string? SlotsTellTheTruth(Look look)
    {
        foreach (var app in Changed(look))
        {
            foreach (var slot in app.Slots)
            {
                var current = Find(app, slot.Current);
                if (slot.Current is not null && current?.Phase != slot.Phase)
                    return $"{app.Spec.Name}/{slot.Slot} says {slot.Phase} of {slot.Current}, which is {current?.Phase.ToString() ?? "gone"}";
                if (slot.Newcomer is not null && Find(app, slot.Newcomer) is not { Leaving: null })
                    return $"{app.Spec.Name}/{slot.Slot} waits for {slot.Newcomer}, which is leaving or gone";
                if (slot.EndedWell && slot is not { Wanted: false, Current: null, Phase: WorkerPhase.Stopped, LastFailure: null })
                    return $"{app.Spec.Name}/{slot.Slot} says that a job ended well, and is {slot.Phase}";
                if (slot is { Current: null, Phase: WorkerPhase.Ready or WorkerPhase.Draining or WorkerPhase.Stopping })
                    return $"{app.Spec.Name}/{slot.Slot} says {slot.Phase} of nobody";
            }

            if (app.ScaledToZero && app is not { Roll: null, Slots: [{ Wanted: false }] })
                return $"{app.Spec.Name} is scaled to 0 and has {app.Slots.Length} slots";
            if (app is { Roll: null, ScaledToZero: false } && app.Slots.Length != app.Spec.Instances)
                return $"{app.Spec.Name} has {app.Slots.Length} slots for {app.Spec.Instances} instances";
        }

        return null;
    }

    /// <summary>A slot that wants a worker has one, or something that will bring it one.</summary>
    public static string? NobodyIsForgotten(Look look)
    {
        if (look.After.ShuttingDown)
            return null;
        foreach (var app in look.After.Apps)
        {
            if (app.Deleting)
                continue;
            foreach (var slot in app.Slots)
            {
                if (!slot.Wanted || slot.Current is not null || slot.Newcomer is not null)
                    continue;
                var waits = slot.Phase switch
                {
                    WorkerPhase.Backoff => slot.Pause is not null,
                    WorkerPhase.Errored => true,
                    WorkerPhase.Starting => WaitsForListener(look.After, app, slot) || WaitsForPredecessor(app, slot) || WaitsForItsBatch(app, slot),
                    _ => false,
                };
                if (!waits)
                    return $"{app.Spec.Name}/{slot.Slot} wants a worker, is {slot.Phase}, and nothing will bring it one";
            }
        }

        return null;
    }

    /// <summary>
    /// Our own orders never take away the last ready worker of a slot outside stop, delete, restart and shutdown; a roll that
    /// must be in place is the exception that its answer names.
    /// </summary>
    public static string? NeverUnready(Look look)
    {
        foreach (var before in look.Before.Apps)
        {
            var after = Afterwards(look, before);
            if (ReferenceEquals(before, after))
                continue;
            foreach (var slot in before.Slots)
            {
                if (Find(before, slot.Current) is not { Phase: WorkerPhase.Ready, Leaving: null } served)
                    continue;
                if (IsToldToHaveEnded(look, served.Id))
                    continue;
                if (after is null || Find(after, served.Id) is not { } now)
                    return $"{Of(before, served)} vanished without an exit";
                if (now.Leaving is not { } reason || Leaving.IsAbrupt(reason))
                    continue;
                var place = FindSlot(after, slot.Slot);
                // A slot that a roll added and a scale took over is gone, also when another one has its number now.
                if (place is null || place.PmId != slot.PmId || !place.Wanted || before.Roll is { InPlace: true } || after.Roll is { InPlace: true })
                    continue;
                if (Find(after, place.Current) is not { Phase: WorkerPhase.Ready, Leaving: null })
                    return $"{Of(before, served)} leaves for {reason} and nobody is ready in its place";
            }
        }

        return null;
    }

    /// <summary>A roll uses no more workers above the slots than its batch has.</summary>
    public static string? SurgeBounded(Look look)
    {
        foreach (var app in Changed(look))
        {
            var newcomers = 0;
            foreach (var slot in app.Slots)
                newcomers += slot.Newcomer is null ? 0 : 1;
            if (newcomers > (app.Roll?.BatchSize ?? 0))
                return $"{app.Spec.Name} has {newcomers} newcomers, its batch is {app.Roll?.BatchSize}";
            if (app.Roll?.Spec.Reload.Surge is { } surge && newcomers > Math.Max(1, surge) && app.Roll.Stage == RollStage.Rolling)
                return $"{app.Spec.Name} has {newcomers} newcomers, its surge is {surge}";
        }

        return null;
    }

    /// <summary>A roll's lists are disjoint and name slots that exist; newcomers belong to its batch; its command still waits.</summary>
    public static string? OneRollPerApp(Look look)
    {
        foreach (var app in look.After.Apps)
        {
            foreach (var slot in app.Slots)
            {
                if (slot.Newcomer is not null && app.Roll?.Batch.Contains(slot.Slot) != true)
                    return $"{app.Spec.Name}/{slot.Slot} has a newcomer outside of a batch";
            }

            if (app.Roll is not { } roll)
                continue;
            ImmutableArray<int> all = [.. roll.Waiting, .. roll.Batch, .. roll.Finished];
            if (all.Distinct().Count() != all.Length)
                return $"{app.Spec.Name}'s roll takes a slot twice: {string.Join(" ", all)}";
            foreach (var number in all)
            {
                if (FindSlot(app, number) is null)
                    return $"{app.Spec.Name}'s roll takes slot {number}, which does not exist";
            }

            if (roll.Request is { } request && !look.After.Requests.Any(pending => pending.Id == request && pending.Errands.Any(
                errand => errand.Stage == ErrandStage.Rolling && errand.Target.App == app.Spec.Name)))
                return $"{app.Spec.Name}'s roll is for {request}, which does not wait for it";
            if (app.Deleting)
                return $"{app.Spec.Name} is deleted and rolled";
        }

        return null;
    }

    /// <summary>A roll that begins makes no third generation drain.</summary>
    public static string? TwoGenerationsDrain(Look look)
    {
        foreach (var order in look.Orders)
        {
            if (order is not Announce { News: FleetNews.RollBegan began } || look.After.Find(began.App) is not { Roll: { } roll } now)
                continue;
            var draining = now.Workers.Values
                .Where(worker => worker.Leaving == DrainReason.Reload && worker.LeftAt < look.Stamped.Now)
                .Select(worker => worker.Generation).ToHashSet();
            var replaced = now.Slots
                .Where(slot => roll.Batch.Contains(slot.Slot) || roll.Waiting.Contains(slot.Slot))
                .Select(slot => Find(now, slot.Current)).OfType<Worker>()
                .Where(worker => worker.Leaving is null || (worker.Leaving == DrainReason.Reload && worker.LeftAt == look.Stamped.Now));
            if (draining.Count > 1 && replaced.Any(worker => !draining.Contains(worker.Generation)))
                return $"{began.App} begins a roll while generations {string.Join(" and ", draining)} drain";
        }

        return null;
    }

    /// <summary>Generations are numbered upwards, and a worker is launched into one that serves or that its roll brings.</summary>
    public static string? GenerationsRise(Look look)
    {
        foreach (var app in Changed(look))
        {
            var before = look.Before.Find(app.Spec.Name);
            if (before is not null && before.Generation > app.Generation)
                return $"{app.Spec.Name} fell from generation {before.Generation} to {app.Generation}";
            if (app.Serving > app.Generation || app.Roll?.ToGeneration > app.Generation)
                return $"{app.Spec.Name} serves {app.Serving}, its newest is {app.Generation}";
            if (before is { Roll: null } && app.Roll is { } roll && roll.ToGeneration <= before.Generation)
                return $"{app.Spec.Name} uses generation {roll.ToGeneration} again";
            foreach (var (_, worker) in app.Workers)
            {
                if (worker.Generation > app.Generation)
                    return $"{Of(app, worker)} is of a generation to come";
            }
        }

        return null;
    }

    /// <summary>It had been ordered, and the keeper that would have got the order knows nothing of it.</summary>
    private static bool IsLaunchedAgain(Look look, LaunchWorker launch) =>
        look.Stamped.Event is DaemonTookOver { Facts: { SameKeeper: true } facts }
        && !facts.Processes.ContainsKey(launch.Worker.Number)
        && Find(look.Before, launch.Worker) is { Pid: 0 };

    private static bool IsToldToHaveEnded(Look look, WorkerId worker) => look.Stamped.Event switch
    {
        WorkerExited exited => exited.Worker == worker,
        LaunchFailed failed => failed.Worker == worker,
        DaemonTookOver took => !IsAlive(took.Facts, worker),
        _ => false,
    };

    /// <summary>It lives, or some of its tree do and are to be ended.</summary>
    private static bool IsKept(TakeOverFacts facts, Worker worker) =>
        IsAlive(facts, worker.Id) || (worker.Spec.Stop.WholeTree && facts.Processes.GetValueOrDefault(worker.Id.Number) is { Stage: KeptStage.Exited, Rest: not null });

    private static bool IsAlive(TakeOverFacts facts, WorkerId worker) =>
        facts.Processes.GetValueOrDefault(worker.Number) is { Stage: KeptStage.AtGate or KeptStage.Starting or KeptStage.Started };

    /// <summary>The same app after the step, whatever it is called now.</summary>
    private static AppState? Afterwards(Look look, AppState before) =>
        look.After.Find(before.Spec.Name) ?? look.After.Apps.Find(app => app.Slots.Any(slot => before.Slots.Any(old => old.PmId == slot.PmId)));

    private static IEnumerable<AppState> Changed(Look look)
    {
        var before = look.Before.Apps;
        var after = look.After.Apps;
        if (ReferenceEquals(before, after))
            yield break;
        for (var index = 0; index < after.Count; index++)
        {
            if (index >= before.Count || !ReferenceEquals(before[index], after[index]))
                yield return after[index];
        }
    }

    private static bool WaitsForListener(FleetState fleet, AppState app, SlotState slot)
    {
        var spec = app.Roll is { } roll && (roll.Batch.Contains(slot.Slot) || roll.Finished.Contains(slot.Slot)) ? roll.Spec : app.Spec;
        foreach (var listener in spec.Listen)
        {
            if (fleet.Listeners.TryGetValue(listener.Address, out var known) && known.Phase == ListenerPhase.Opening)
                return true;
        }

        return false;
    }

    private static bool WaitsForPredecessor(AppState app, SlotState slot)
    {
        foreach (var (_, worker) in app.Workers)
        {
            if (worker.Slot == slot.Slot && worker.Leaving is not null)
                return true;
        }

        return false;
    }

    /// <summary>Its newcomer was a job that has ended well; the slot rests when the whole batch is done.</summary>
    private static bool WaitsForItsBatch(AppState app, SlotState slot) =>
        app.Roll is { } roll && roll.Batch.Contains(slot.Slot) && Rolls.HasEndedWell(roll, slot.Slot);

    private static SlotState? FindSlot(AppState app, int number)
    {
        foreach (var slot in app.Slots)
        {
            if (slot.Slot == number)
                return slot;
        }

        return null;
    }

    private static Worker? Find(AppState app, WorkerId? id) => id is { } known ? app.Workers.GetValueOrDefault(known.Number) : null;

    private static string Of(AppState app, Worker worker) => $"{app.Spec.Name}/{worker.Slot}@g{worker.Generation} ({worker.Id}, {worker.Phase})";
}
