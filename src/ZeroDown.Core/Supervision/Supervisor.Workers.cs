namespace ZeroDown.Core.Supervision;

// Facts about workers. An arm writes down what is true now; what follows from it is decided afterwards.
public static partial class Supervisor
{
    /// <summary>EXTEND_TIMEOUT_USEC comes from the worker and may be any 64-bit number.</summary>
    private static readonly TimeSpan LongestExtension = TimeSpan.FromDays(1);

    private static void Take(AppDraft app, Worker worker, WorkerFact fact)
    {
        switch (fact)
        {
            case WorkerSpawned spawned:
                Spawned(app, worker, spawned.Pid);
                break;
            case WorkerExecuted:
                Executed(app, worker);
                break;
            case LaunchFailed failed:
                NotLaunched(app, worker, failed.Problem);
                break;
            case WorkerExited exited:
                Exited(app, worker, exited.Status, rest: exited.Rest, words: exited.LastWords);
                break;
            case WorkerProcessUnasked unasked:
                TreeEnd.Ask(app, worker, unasked.Process);
                break;
            case WorkerTreeEnded:
                TreeEnd.Ended(app, worker);
                break;
            case WorkerSaidReady:
                Readiness.Consider(app, app.Set(worker with { SaidReady = true }));
                break;
            case WorkerListens:
                Readiness.Consider(app, app.Set(worker with { Listens = true }));
                break;
            case WorkerAskedToListen asked:
                Handover.Asked(app, worker, asked.Ask);
                break;
            case WorkerListensOn listens:
                Handover.Listens(app, worker, listens.Point);
                break;
            case WorkerStoppedListening closed:
                Handover.Closed(app, worker, closed.Key);
                break;
            case WorkerSaidStopping:
                app.Set(worker with { SaidStopping = true });
                break;
            case WorkerSaidStatus said:
                app.Set(worker with { Status = said.Text });
                break;
            case WorkerExtendedTimeout extended:
                Extend(app, worker, extended.Extension);
                break;
            case WorkerOpenedChannel:
                Readiness.Consider(app, app.Set(worker with { HasChannel = true }));
                break;
            case WorkerClosedChannel:
                worker = app.Set(worker with { HasChannel = false });
                LetGoAsDrained(app, worker);
                break;
            case WorkerSaidDraining said:
                Counted(app, Leaving.Heeded(app, worker), said.Connections);
                break;
            case WorkerConnectionsCounted counted:
                Counted(app, worker, counted.Connections);
                break;
            case WorkerEmptiedQueue when worker.EmptiesQueue:
                Leaving.LetGo(app, worker);
                break;
            case WorkerEmptiedQueue:
                break; // its time was over first
            case WorkerDrained:
                LetGoAsDrained(app, worker);
                break;
            case WorkerOverMemory outgrown:
                Upkeep.OverMemory(app, worker, outgrown.Bytes);
                break;
            case WorkerBindsOwnPort binds:
                OwnPorts.Found(app, worker, binds);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fact), fact.GetType().Name, "no arm for this fact");
        }
    }

    internal static void Spawned(AppDraft app, Worker worker, int pid)
    {
        if (worker.Pid != 0)
            return; // said twice
        worker = app.Set(worker with { Pid = pid });
        if (worker.Leaving is null)
            app.Turn.Order(new OpenGate(worker.Id));
        else
            app.Set(worker with { KillDue = true }); // it waits at its gate: no line has run, the stop signal would find no handler
    }

    internal static void Executed(AppDraft app, Worker worker)
    {
        if (worker.ExecutedAt is not null)
            return; // said twice
        worker = app.Set(worker with { ExecutedAt = app.Now });
        if (worker.Phase != WorkerPhase.Starting)
            return; // its word was faster, or it is leaving
        worker = Readiness.BeginToLive(app, worker);
        Readiness.Consider(app, worker);
        if (app.Find(worker.Id) is { Phase: WorkerPhase.Starting } starting && Readiness.IsLookedAt(starting))
            app.Turn.Order(new WatchForListening(worker.Id));
    }

    private static void LetGoAsDrained(AppDraft app, Worker worker)
    {
        if (worker.Phase != WorkerPhase.Draining)
            return; // nobody asked it to drain
        Leaving.LetGo(app, worker);
        Leaving.SayDisconnected(app, app.Find(worker.Id)!);
    }

    private static void Counted(AppDraft app, Worker worker, int connections)
    {
        worker = app.Set(worker with { OpenConnections = connections });
        if (connections > 0)
            return;
        if (worker is { Phase: WorkerPhase.Draining, HasChannel: false, EmptiesQueue: false })
            LetGoAsDrained(app, worker); // it outlived its channel, so it cannot say that it has let go
        if (worker.Phase != WorkerPhase.Stopping)
            return;
        if (worker.ServesOn)
            worker = app.Set(worker with { ServesOn = false, KillDue = true });
        Leaving.SayDisconnected(app, worker);
    }

    private static void Extend(AppDraft app, Worker worker, TimeSpan extension)
    {
        var until = app.Now + (extension < LongestExtension ? extension : LongestExtension);
        switch (worker.Phase)
        {
            case WorkerPhase.Starting:
                Postpone(app, worker, DeadlineKind.Ready, until);
                break;
            case WorkerPhase.Draining:
                worker = Postpone(app, worker, DeadlineKind.Drain, until);
                app.Set(worker with { LastMoment = Later(worker.LastMoment, until) });
                break;
            case WorkerPhase.Stopping when !worker.Killed:
                worker = Postpone(app, worker, DeadlineKind.Kill, until);
                worker = Postpone(app, worker, DeadlineKind.KillAtLast, until);
                app.Set(worker with { LastMoment = Later(worker.LastMoment, until) });
                break;
            default:
                break; // ready: nothing runs out; killed: too late
        }
    }

    private static Worker Postpone(AppDraft app, Worker worker, DeadlineKind kind, TimeSpan until)
    {
        foreach (var deadline in worker.Deadlines)
        {
            if (deadline.Kind == kind && deadline.At < until)
                return app.Arm(worker, kind, until);
        }

        return worker;
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
