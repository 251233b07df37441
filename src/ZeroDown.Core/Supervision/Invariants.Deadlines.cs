namespace ZeroDown.Core.Supervision;

// Rules about deadlines: whoever is waited for has one, and the state has those that were ordered.
public static partial class Invariants
{
    /// <summary>A starting worker's time is limited, and a newcomer is never waited for without end.</summary>
    public static string? StartingHasDeadline(Look look)
    {
        foreach (var app in Changed(look))
        {
            foreach (var (_, worker) in app.Workers)
            {
                if (worker is not { Phase: WorkerPhase.Starting, Leaving: null })
                    continue;
                var newcomer = FindSlot(app, worker.Slot)?.Newcomer == worker.Id;
                if (!Has(worker, DeadlineKind.Ready) && !Readiness.IsWaitedFor(worker) && (newcomer || !worker.Overdue))
                    return $"{Of(app, worker)} may start for ever";
                if (worker.SignedAt is not null && !Has(worker, DeadlineKind.Confirm))
                    return $"{Of(app, worker)} has shown its sign and will never be ready";
                var settles = worker is { ExecutedAt: not null, Settled: false } && Readiness.MayCountByLiving(worker);
                if (settles && !Has(worker, DeadlineKind.Settle))
                    return $"{Of(app, worker)} will never settle";
            }
        }

        return null;
    }

    /// <summary>A leaving worker has been told so, and its time is limited.</summary>
    public static string? DrainingHasDeadline(Look look)
    {
        foreach (var app in Changed(look))
        {
            foreach (var (_, worker) in app.Workers)
            {
                var leaves = worker.Phase is WorkerPhase.Draining or WorkerPhase.Stopping;
                if (leaves != worker.Leaving is not null)
                    return $"{Of(app, worker)} is to leave for {worker.Leaving?.ToString() ?? "nothing"}";
                if (leaves && !Has(worker, DeadlineKind.Drain) && !Has(worker, DeadlineKind.Kill) && !Has(worker, DeadlineKind.KillAtLast))
                    return $"{Of(app, worker)} may leave for ever";
            }
        }

        return null;
    }

    /// <summary>Nobody waits for a word from a worker that cannot say it, or was not told.</summary>
    public static string? HeedingCanBeSaid(Look look)
    {
        foreach (var app in Changed(look))
        {
            foreach (var (_, worker) in app.Workers)
            {
                if (Leaving.IsYetToHeed(worker) && worker is not { Phase: WorkerPhase.Draining, HasChannel: true, Told: not null })
                    return $"{Of(app, worker)} is to say that it takes no connection, and cannot";
            }
        }

        return null;
    }

    /// <summary>A slot in backoff has the deadline that ends it, and no other slot but one that a roll fills has one.</summary>
    public static string? PausesHaveDeadline(Look look)
    {
        foreach (var app in Changed(look))
        {
            foreach (var slot in app.Slots)
            {
                if ((slot.Phase == WorkerPhase.Backoff) != slot.Pause is not null)
                    return $"{app.Spec.Name}/{slot.Slot} is {slot.Phase} and its pause is {(slot.Pause is null ? "not armed" : "armed")}";
            }
        }

        return null;
    }

    /// <summary>The deadlines in the state are those that were ordered: a new daemon could arm exactly these.</summary>
    public static string? DeadlinesAreOrdered(Look look)
    {
        var tookOver = look.Stamped.Event is DaemonTookOver;
        if (ReferenceEquals(look.Before.Apps, look.After.Apps) && !tookOver)
            return null;
        var armed = new HashSet<DeadlineId>();
        if (!tookOver)
            AddDeadlines(look.Before, armed);
        if (look.Stamped.Event is DeadlinePassed passed)
            armed.Remove(passed.Deadline);
        foreach (var order in look.Orders)
        {
            if (order is ArmDeadline arm && !armed.Add(arm.Deadline))
                return $"{arm.Deadline} was armed twice";
            if (order is DisarmDeadline disarm && !armed.Remove(disarm.Deadline))
                return $"{disarm.Deadline} was disarmed and is not armed";
        }

        var kept = new HashSet<DeadlineId>();
        AddDeadlines(look.After, kept);
        return armed.SetEquals(kept) ? null : $"armed are [{string.Join(", ", armed)}], the state has [{string.Join(", ", kept)}]";
    }

    private static void AddDeadlines(FleetState fleet, HashSet<DeadlineId> deadlines)
    {
        foreach (var app in fleet.Apps)
        {
            foreach (var slot in app.Slots)
            {
                if (slot.Pause is { } pause)
                    deadlines.Add(new DeadlineId(app.Spec.Name, slot.Slot, null, pause.Kind, pause.Epoch));
            }

            foreach (var (_, worker) in app.Workers)
            {
                foreach (var deadline in worker.Deadlines)
                    deadlines.Add(new DeadlineId(app.Spec.Name, worker.Slot, worker.Id, deadline.Kind, deadline.Epoch));
            }
        }
    }

    private static bool IsArmed(FleetState fleet, DeadlineId deadline)
    {
        if (fleet.Find(deadline.App) is not { } app)
            return false;
        return deadline.Worker is { } worker
            ? Find(app, worker) is { } found && found.Deadlines.Any(armed => armed.Epoch == deadline.Epoch)
            : FindSlot(app, deadline.Slot)?.Pause?.Epoch == deadline.Epoch;
    }

    private static bool Has(Worker worker, DeadlineKind kind)
    {
        foreach (var deadline in worker.Deadlines)
        {
            if (deadline.Kind == kind)
                return true;
        }

        return false;
    }
}
