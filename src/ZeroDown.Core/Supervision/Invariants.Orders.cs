using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

// Rules about orders: listeners, deadlines, answers, signals.
public static partial class Invariants
{
    /// <summary>A worker is launched only onto open listeners, and none of them closes before it is gone.</summary>
    public static string? ListenerOutlivesWorkers(Look look)
    {
        var closed = new HashSet<ListenerAddress>();
        foreach (var order in look.Orders)
        {
            if (order is CloseListener close)
                closed.Add(close.Listener);
            else if (order is OpenListener open)
                closed.Remove(open.Listener.Address);
        }

        foreach (var address in closed)
        {
            if (look.After.Listeners.ContainsKey(address))
                return $"{address} was closed and is still kept";
        }

        foreach (var app in look.After.Apps)
        {
            foreach (var (_, worker) in app.Workers)
            {
                if (worker.Stranded)
                    continue; // its socket is its own, and lost to us
                foreach (var listener in worker.Spec.Listen)
                {
                    if (!look.After.Listeners.TryGetValue(listener.Address, out var known) || known.Phase != ListenerPhase.Open)
                        return $"{Of(app, worker)} lives and {listener.Address} is not open";
                }

                foreach (var grant in worker.Grants)
                {
                    if (!look.After.Listeners.TryGetValue(grant.Listener, out var known) || known.Phase != ListenerPhase.Open)
                        return $"{Of(app, worker)} lives and {grant.Listener}, which it asked for, is not open";
                }
            }
        }

        return null;
    }

    /// <summary>An open listener has a user: a worker, an app that wants to run, or a roll.</summary>
    public static string? ListenersAreUsed(Look look)
    {
        foreach (var (address, listener) in look.After.Listeners)
        {
            if (listener.Phase == ListenerPhase.Open && !look.After.Apps.Any(app => Uses(look.After, app, address)))
                return $"{address} is open and nobody uses it";
        }

        return null;
    }

    /// <summary>A question of a worker that stays is answered at once, or waits for a listener that is being opened.</summary>
    public static string? AsksAreAnswered(Look look)
    {
        var answered = look.Orders.Count(order => order is HandOverListener or RefuseListener);
        var asked = look.Stamped.Event switch
        {
            WorkerAskedToListen => 1,
            DaemonTookOver => look.Before.Unconfirmed.Length + look.Before.Apps.Sum(app => app.Workers.Values.Sum(worker => worker.Grants.Count(grant => grant.Ask is not null))),
            _ => 0,
        };
        if (answered > asked + look.Before.Apps.Sum(app => app.Workers.Values.Sum(worker => worker.Asks.Length)))
            return $"{answered} questions were answered, more than were asked";
        foreach (var app in Changed(look))
        {
            foreach (var (_, worker) in app.Workers)
            {
                foreach (var ask in worker.Asks)
                {
                    if (worker.Leaving is not null)
                        return $"{Of(app, worker)} is to leave and waits for {ask.Point.Key}";
                    if (Handover.Meant(worker.Spec, ask) is not { } meant
                        || !look.After.Listeners.TryGetValue(meant.Address, out var known) || known.Phase != ListenerPhase.Opening)
                        return $"{Of(app, worker)} asked for {ask.Point.Key} and nothing will answer it";
                }
            }
        }

        return null;
    }

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
                if (!Has(worker, DeadlineKind.Ready) && (newcomer || !worker.Overdue))
                    return $"{Of(app, worker)} may start for ever";
                var settles = worker is { ExecutedAt: not null, Settled: false } && Readiness.SettleTime(worker.Spec) is not null;
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

    /// <summary>A request is answered in its own step, or pending until it is answered; never both, never twice.</summary>
    public static string? OneAnswerPerRequest(Look look)
    {
        var asked = look.Stamped.Event as Requested;
        if (asked is null && ReferenceEquals(look.Before.Requests, look.After.Requests) && !look.Orders.Any(order => order is AnswerRequest))
            return null;
        var open = look.Before.Requests.Select(request => request.Id).ToHashSet();
        if (asked is not null && !open.Add(asked.Request))
            return $"{asked.Request} came twice";
        foreach (var order in look.Orders)
        {
            if (order is AnswerRequest answer && !open.Remove(answer.Request))
                return $"{answer.Request} was answered though nobody waits for it";
        }

        return open.SetEquals(look.After.Requests.Select(request => request.Id)) ? null : "a request was lost, or came from nowhere";
    }

    /// <summary>Nothing is launched that nobody wants.</summary>
    public static string? QuietAfterStop(Look look)
    {
        foreach (var order in look.Orders)
        {
            if (order is not LaunchWorker launch)
                continue;
            var app = look.After.Find(launch.Spec.Name);
            if (look.After.ShuttingDown || app is null || app.Deleting)
                return $"{launch.Worker} was launched for {launch.Spec.Name}, which is to end";
            if (FindSlot(app, launch.Slot) is not { } slot || !(slot.Wanted || app.Roll?.Batch.Contains(launch.Slot) == true))
                return $"{launch.Worker} was launched for {launch.Spec.Name}/{launch.Slot}, which is to be stopped";
        }

        return null;
    }

    /// <summary>Orders name workers that are known; one that is forgotten gets exactly one ForgetWorker.</summary>
    public static string? OrdersAreForTheLiving(Look look)
    {
        foreach (var order in look.Orders)
        {
            var worker = order switch
            {
                OpenGate gate => gate.Worker,
                WatchForListening watch => watch.Worker,
                CountConnections count => count.Worker,
                TellDrain tell => tell.Worker,
                SignalWorker signal => signal.Worker,
                SendShutdown shutdown => shutdown.Worker,
                HandOverListener handOver => handOver.Worker,
                RefuseListener refuse => refuse.Worker,
                RelaySignal relay => relay.Worker,
                ForgetWorker forget => forget.Worker,
                _ => (WorkerId?)null,
            };
            if (worker is { } id && !Knows(look.Before, id) && !(order is ForgetWorker && IsToldToHaveEnded(look, id)))
                return $"{order} is about a worker that is not known";
            if (order is ForgetWorker && Knows(look.After, worker!.Value))
                return $"{order}, and it is still kept";
        }

        var forgotten = look.Orders.Count(order => order is ForgetWorker forget && Knows(look.Before, forget.Worker));
        var gone = Count(look.Before) + look.Orders.Count(order => order is LaunchWorker launch && !Knows(look.Before, launch.Worker)) - Count(look.After);
        return forgotten == gone ? null : $"{gone} workers went, {forgotten} were forgotten";
    }

    /// <summary>A worker gets its stop signal once, only when it is to leave, and SIGKILL only after it was asked.</summary>
    public static string? OneStopSignal(Look look)
    {
        var told = new HashSet<WorkerId>();
        foreach (var order in look.Orders)
        {
            var (stopped, kills) = order switch
            {
                SignalWorker signal => (signal.Worker, signal.WholeGroup),
                SendShutdown shutdown => (shutdown.Worker, false),
                _ => ((WorkerId?)null, false),
            };
            if (stopped is not { } id)
                continue;
            if (Find(look.After, id) is { Leaving: null })
                return $"{order}, and it is not to leave";
            if (kills || Find(look.After, id) is { Killed: true })
                continue; // the last resort, not the stop signal
            if (!told.Add(id) || (Find(look.Before, id) is { Phase: WorkerPhase.Stopping } && look.Stamped.Event is not DaemonTookOver))
                return $"{order} for the second time";
        }

        return null;
    }

    /// <summary>A program runs only when its process is recorded, and never when it is to leave already.</summary>
    public static string? GatesOpenOnce(Look look)
    {
        foreach (var order in look.Orders)
        {
            if (order is not OpenGate gate)
                continue;
            var again = look.Stamped.Event is DaemonTookOver took
                && took.Facts.Processes.GetValueOrDefault(gate.Worker.Number) is { Stage: KeptStage.AtGate };
            if (Find(look.Before, gate.Worker) is not { Leaving: null } before || (before.Pid != 0 && !again) || Find(look.After, gate.Worker) is not { Pid: > 0 })
                return $"{order} at the wrong moment";
        }

        return null;
    }

    /// <summary>After a take-over everybody who is kept lives, or is launched now; nobody who ended is kept.</summary>
    public static string? TakeOverKnowsEverybody(Look look)
    {
        if (look.Stamped.Event is not DaemonTookOver { Facts: var facts })
            return null;
        var launched = look.Orders.OfType<LaunchWorker>().Select(launch => launch.Worker).ToHashSet();
        foreach (var app in look.After.Apps)
        {
            foreach (var (_, worker) in app.Workers)
            {
                if (IsAlive(facts, worker.Id) == launched.Contains(worker.Id))
                    return $"{Of(app, worker)} is kept, and {(launched.Contains(worker.Id) ? "is launched though it lives" : "nobody knows of it")}";
            }
        }

        foreach (var (number, _) in facts.Processes)
        {
            var id = new WorkerId(number);
            if (Knows(look.Before, id) && IsAlive(facts, id) != Knows(look.After, id))
                return $"{id} {(IsAlive(facts, id) ? "lives and was lost track of" : "ended and is kept")}";
        }

        return null;
    }

    /// <summary>News of a worker that is forgotten, or of a deadline that is not armed any more, changes nothing.</summary>
    public static string? OldNewsChangesNothing(Look look)
    {
        var old = look.Stamped.Event switch
        {
            WorkerFact fact => !Knows(look.Before, fact.Worker),
            DeadlinePassed passed => !IsArmed(look.Before, passed.Deadline),
            _ => false,
        };
        return old && (!ReferenceEquals(look.Before, look.After) || look.Orders.Length > 0) ? $"{look.Stamped.Event} had consequences" : null;
    }

    /// <summary>The daemon ends when everything is stopped and answered, and is told so once.</summary>
    public static string? EndsOnce(Look look)
    {
        var ends = look.Orders.Count(order => order is EndDaemon);
        if (ends == 0)
            return null;
        if (ends > 1 || (look.Before.Ended && look.Stamped.Event is not DaemonTookOver) || !look.After.Ended)
            return "the daemon is told to end twice";
        return Count(look.After) > 0 || !look.After.Requests.IsEmpty ? "the daemon is told to end too early" : null;
    }

    private static bool Uses(FleetState fleet, AppState app, ListenerAddress address)
    {
        var wants = !fleet.ShuttingDown && !app.Deleting && app.Slots.Any(slot => slot is { Wanted: true, Phase: not WorkerPhase.Errored });
        if (ListenerUse.IsAskedFor(app, address, wants))
            return true;
        if ((wants && ListenerUse.Names(app.Spec, address)) || (app.Roll is { } roll && ListenerUse.Names(roll.Spec, address)))
            return true;
        foreach (var (_, worker) in app.Workers)
        {
            if (ListenerUse.Names(worker.Spec, address))
                return true;
        }

        return false;
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

    private static Worker? Find(FleetState fleet, WorkerId worker)
    {
        foreach (var app in fleet.Apps)
        {
            if (Find(app, worker) is { } found)
                return found;
        }

        return null;
    }

    private static bool Knows(FleetState fleet, WorkerId worker) => Find(fleet, worker) is not null;

    private static int Count(FleetState fleet)
    {
        var count = 0;
        foreach (var app in fleet.Apps)
            count += app.Workers.Count;
        return count;
    }
}
