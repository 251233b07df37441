namespace ZeroDown.Core.Supervision;

// Rules about the processes that workers have started.
public static partial class Invariants
{
    /// <summary>A process of a tree gets the stop signal once, only after the launched process has exited, and never where the tree is to live on.</summary>
    public static string? OneStopSignalPerProcess(Look look)
    {
        foreach (var order in look.Orders)
        {
            if (order is not SignalProcess signal)
                continue;
            if (Find(look.After, signal.Worker) is not { LeaderExit: not null, Spec.Stop.WholeTree: true } worker)
                return $"{order}, and its worker lives, is forgotten or leaves its tree alone";
            if (worker.Asked.Count(asked => asked == signal.Process) != 1 || Find(look.Before, signal.Worker)!.Asked.Contains(signal.Process))
                return $"{order} for the second time";
        }

        return null;
    }

    /// <summary>Nothing of a worker that ran gets SIGKILL before the worker's time is over.</summary>
    public static string? KilledOnlyInTime(Look look)
    {
        foreach (var order in look.Orders)
        {
            var victim = order switch
            {
                KillTree kill => kill.Worker,
                SignalWorker { Signal: "SIGKILL" } signal => signal.Worker,
                _ => (WorkerId?)null,
            };
            if (victim is not { } id || Find(look.Before, id) is not { ExecutedAt: not null } before)
                continue;
            var due = before.Killed || before.KillDue || look.Stamped.Event switch
            {
                DeadlinePassed passed => passed.Deadline.Worker == id && passed.Deadline.Kind is DeadlineKind.Kill or DeadlineKind.KillAtLast,
                WorkerConnectionsCounted { Connections: 0 } counted => counted.Worker == id && before.ServesOn,
                WorkerSaidDraining { Connections: 0 } said => said.Worker == id && before.ServesOn,
                _ => false,
            };
            if (!due)
                return $"{order} before its time";
        }

        return null;
    }

    /// <summary>A worker whose launched process has exited is on its way out, and its tree is being watched.</summary>
    public static string? TreesAreWatched(Look look)
    {
        foreach (var app in Changed(look))
        {
            foreach (var (_, worker) in app.Workers)
            {
                if (worker.LeaderExit is null)
                    continue;
                if (worker.Phase != WorkerPhase.Stopping)
                    return $"{Of(app, worker)} has exited";
                var began = Find(look.Before, worker.Id) is not { LeaderExit: not null } || look.Stamped.Event is DaemonTookOver;
                if (began && !look.Orders.Any(order => order is WatchTree watch && watch.Worker == worker.Id))
                    return $"{Of(app, worker)} has left processes that nobody looks after";
            }
        }

        return null;
    }
}
