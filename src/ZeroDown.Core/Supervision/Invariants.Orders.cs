using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

// Rules about orders: answers, launches, gates, signals, the end.
public static partial class Invariants
{
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

    /// <summary>A roll is not done before those that it sent away have said that they take no new connection.</summary>
    public static string? LeaversHeedFirst(Look look)
    {
        if (ReferenceEquals(look.Before.Requests, look.After.Requests))
            return null;
        foreach (var before in look.Before.Requests)
        {
            var after = look.After.Requests.Find(request => request.Id == before.Id);
            var answer = look.Orders.OfType<AnswerRequest>().FirstOrDefault(order => order.Request == before.Id)?.Answer;
            for (var index = 0; index < before.Errands.Length; index++)
            {
                if (before.Errands[index].Stage is not (ErrandStage.Rolling or ErrandStage.Heeding))
                    continue;
                var outcome = after is null ? answer?.Apps[index] : after.Errands[index] is { Stage: ErrandStage.Done } done ? done.Outcome : null;
                if (outcome is { Kind: OutcomeKind.Reloaded or OutcomeKind.RolledBack } && AppWhenAnswered(look, before.Id, outcome.App) is { } app && !Commands.LeaversHaveHeeded(app, outcome))
                    return $"{before.Id} is told that {outcome.App} is {outcome.Kind}, and a worker that leaves may still take a connection";
            }
        }

        return null;
    }

    /// <summary>Without the workers that were sent away after the answer, in the same step: the app's next roll may begin there.</summary>
    private static AppState? AppWhenAnswered(Look look, RequestId request, AppName name)
    {
        var told = look.Orders.SkipWhile(order => (order as AnswerRequest)?.Request != request).OfType<TellDrain>().Select(tell => tell.Worker.Number);
        return look.After.Find(name) is { } app ? app with { Workers = app.Workers.RemoveRange(told) } : null;
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

    /// <summary>Where the spec does not allow an overlap, a worker is launched when no other is left in its slot.</summary>
    public static string? RunsAloneInItsSlot(Look look)
    {
        foreach (var order in look.Orders)
        {
            if (order is not LaunchWorker { Spec.Reload.Overlap: false } launch || look.After.Find(launch.Spec.Name) is not { } app)
                continue;
            foreach (var (_, other) in app.Workers)
            {
                if (other.Slot == launch.Slot && other.Id != launch.Worker)
                    return $"{launch.Worker} was launched for {launch.Spec.Name}/{launch.Slot} beside {Of(app, other)}";
            }
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
                WatchTree watch => watch.Worker,
                SignalProcess signal => signal.Worker,
                KillTree kill => kill.Worker,
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
                if (IsKept(facts, worker) == launched.Contains(worker.Id))
                    return $"{Of(app, worker)} is kept, and {(launched.Contains(worker.Id) ? "is launched though it lives" : "nobody knows of it")}";
            }
        }

        foreach (var (number, _) in facts.Processes)
        {
            var id = new WorkerId(number);
            if (Find(look.Before, id) is { } known && IsKept(facts, known) != Knows(look.After, id))
                return $"{id} {(IsKept(facts, known) ? "lives and was lost track of" : "ended and is kept")}";
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
