using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// How a worker goes, step by step: told to drain where a library of ours can be told, then the stop signal exactly once,
/// then SIGKILL for its group. <see cref="Ask"/> records the intent and may be called by any event's arm;
/// <see cref="Further"/> gives the orders and is called by <see cref="Reconcile"/> alone.
/// </summary>
internal static class Leaving
{
    /// <summary>In stop, restart, delete and shutdown: how long idle and long-lived connections get to speak once more.</summary>
    public static readonly TimeSpan IdleWhenAbrupt = TimeSpan.FromSeconds(3);

    /// <summary>How long commands wait for a worker's word that it takes no new connection. It comes within milliseconds; one that is too busy to
    /// say it for so long is stuck, and a worker that is stuck must not hold up a user for its whole drain.</summary>
    private static readonly TimeSpan HeedsWithin = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan KillAgain = TimeSpan.FromSeconds(1);

    /// <summary>Nobody else serves in its place meanwhile, or nobody is to serve at all: it should not linger.</summary>
    public static bool IsAbrupt(DrainReason reason) => reason switch
    {
        DrainReason.Stop or DrainReason.Restart or DrainReason.Delete or DrainReason.Shutdown => true,
        DrainReason.Reload or DrainReason.Scale or DrainReason.RollBack or DrainReason.Exited => false,
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };

    /// <summary>A successor has to wait until this one is gone.</summary>
    public static bool BlocksSuccessor(Worker worker) => worker.Leaving switch
    {
        null => false,
        // Nobody has looked yet whether what is left of a crashed worker holds a port, unless all of the app's sockets are ours.
        DrainReason.Exited => worker.OwnPort is not null || (worker.Spec.Listen.Count == 0 && !worker.Spec.IsNodeCluster),
        { } reason => IsAbrupt(reason) || worker.OwnPort is not null,
    };

    /// <summary>Records that the worker is to leave. A harder reason takes the place of a softer one, never the reverse.</summary>
    public static void Ask(AppDraft app, Worker worker, DrainReason reason, RequestId? request)
    {
        if (worker.Leaving is null || (IsAbrupt(reason) && !IsAbrupt(worker.Leaving.Value)))
            app.Set(worker with { Leaving = reason, Request = request });
    }

    /// <summary>Gives the next order, if one is due.</summary>
    public static void Further(AppDraft app, Worker worker)
    {
        if (worker.Leaving is not { } reason)
            return;
        switch (worker.Phase)
        {
            case WorkerPhase.Starting or WorkerPhase.Ready:
                Begin(app, worker, reason);
                break;
            case WorkerPhase.Draining when worker.DrainOver:
                SendStopSignal(app, worker);
                break;
            case WorkerPhase.Draining when worker.EmptiesQueue && !OldSockets.MayWait(app, worker):
                LetGo(app, worker);
                break;
            case WorkerPhase.Draining when worker.Told is { } told && IsAbrupt(reason) && !IsAbrupt(told):
                if (worker.HasChannel)
                    TellDrain(app, worker, reason);
                else
                    LetGo(app, app.Set(worker with { Told = reason }));
                break;
            case WorkerPhase.Stopping when worker.KillDue:
                Kill(app, worker);
                break;
            default:
                break; // its time runs
        }
    }

    /// <summary>Gives the last order once more, for a daemon that does not know whether its predecessor gave it.</summary>
    /// <param name="app">Whose worker.</param>
    /// <param name="worker">Who.</param>
    /// <param name="sameKeeper">The keeper knows which signals it sent, and sends none of them twice.</param>
    public static void Again(AppDraft app, Worker worker, bool sameKeeper)
    {
        if (worker.Pid == 0 || worker.KillDue)
            return; // not spawned yet, or what is due now is another order
        app.Turn.Order(new CountConnections(worker.Id));
        switch (worker.Phase)
        {
            case WorkerPhase.Draining when worker is { Told: { } told, HasChannel: true }:
                TellDrain(app, worker, told);
                break;
            case WorkerPhase.Draining when worker.EmptiesQueue:
                OldSockets.AwaitEmptyQueue(app, worker);
                break;
            case WorkerPhase.Draining:
                break; // it cannot be told
            case WorkerPhase.Stopping when worker.Killed:
                app.Turn.Order(new SignalWorker(worker.Id, "SIGKILL", worker.Spec.Stop.WholeTree));
                break;
            case WorkerPhase.Stopping when worker.SignalledAt >= app.Turn.Before.LastStepAt:
                app.Set(worker with { SignalledAt = app.Now });
                app.Turn.Order(StopSignal(worker));
                break;
            case WorkerPhase.Stopping when sameKeeper && worker is { SignalledAt: not null, Spec.Stop.ByMessage: false }:
                app.Turn.Order(StopSignal(worker));
                break;
            case WorkerPhase.Stopping:
                // It was sent in an earlier step, and who sent it is gone. For many programs a second signal means: at once.
                app.Set(worker with { SignalledAt = null });
                break;
            default:
                throw new InvalidOperationException($"{worker.Id} is to leave and is {worker.Phase}");
        }
    }

    /// <summary>The drain's time is over, or the worker has let go.</summary>
    public static void LetGo(AppDraft app, Worker worker)
    {
        if (worker.Phase != WorkerPhase.Draining)
            return; // not asked to drain, or its signal is sent already
        worker = app.Disarm(Heeded(app, worker), DeadlineKind.Drain);
        app.Set(worker with { DrainOver = true });
    }

    /// <summary>It takes no new connection any more, or cannot say so.</summary>
    public static Worker Heeded(AppDraft app, Worker worker) => app.Disarm(worker, DeadlineKind.Heed);

    /// <summary>It was told to take no new connection, and may still take one until it has read that.</summary>
    public static bool IsYetToHeed(Worker worker)
    {
        foreach (var deadline in worker.Deadlines)
        {
            if (deadline.Kind == DeadlineKind.Heed)
                return true;
        }

        return false;
    }

    /// <summary>Says once that the worker holds no connection any more, where it had any.</summary>
    public static void SayDisconnected(AppDraft app, Worker worker)
    {
        if (worker.Disconnected || worker.ReadyAt is null)
            return;
        if (worker.Spec.Listen.Count == 0 && worker.Spec.ExecMode != ExecMode.Cluster)
            return;
        app.Set(worker with { Disconnected = true });
        app.Turn.Announce(
            new FleetNews.Disconnected(app.Name, worker.Slot, worker.PmId, worker.Id, IsOld(worker)), worker.Request);
    }

    /// <summary>It belongs to the generation that a roll replaces.</summary>
    public static bool IsOld(Worker worker) => worker.Leaving == DrainReason.Reload;

    public static void KillTimeoutOver(AppDraft app, Worker worker)
    {
        if (worker is { Killed: false, OpenConnections: > 0 } && app.Now < worker.LastMoment)
        {
            worker = app.Arm(worker, DeadlineKind.KillAtLast, worker.LastMoment);
            app.Set(worker with { ServesOn = true });
            return;
        }

        app.Set(worker with { KillDue = true });
    }

    private static void Begin(AppDraft app, Worker worker, DrainReason reason)
    {
        var stop = worker.Spec.Stop;
        var wasReady = worker.Phase == WorkerPhase.Ready;
        app.Turn.Announce(
            new FleetNews.Stopping(app.Name, worker.Slot, worker.PmId, worker.Id, IsOld(worker), reason), worker.Request);
        worker = app.Disarm(worker, DeadlineKind.Ready);
        worker = app.Disarm(worker, DeadlineKind.Settle);
        worker = app.Disarm(worker, DeadlineKind.Confirm);
        var patience = stop.DrainTimeout > stop.KillTimeout ? stop.DrainTimeout : stop.KillTimeout;
        worker = app.Set(worker with { LeftAt = app.Now, LastMoment = app.Now + patience });
        if (worker.Pid == 0)
        {
            // Launched but not known yet: once it is spawned, it is killed at its gate. The deadline is for a launch that never reports.
            worker = app.Arm(worker, DeadlineKind.Kill, app.Now + stop.KillTimeout);
            app.Set(worker with { Phase = WorkerPhase.Stopping });
            return;
        }

        app.Turn.Order(new CountConnections(worker.Id));
        if ((wasReady || worker.ListensSomewhere) && worker.HasChannel)
        {
            worker = app.Set(worker with { Phase = WorkerPhase.Draining });
            worker = app.Arm(worker, DeadlineKind.Drain, app.Now + stop.DrainTimeout);
            if (!IsAbrupt(reason))
                worker = app.Arm(worker, DeadlineKind.Heed, app.Now + HeedsWithin);
            TellDrain(app, worker, reason);
            return;
        }

        if (wasReady && OldSockets.IsLastOn(app, worker) && OldSockets.MayWait(app, worker))
        {
            worker = app.Set(worker with { Phase = WorkerPhase.Draining, EmptiesQueue = true });
            worker = app.Arm(worker, DeadlineKind.Drain, app.Now + (stop.DrainTimeout > OldSockets.LastHandshakes ? stop.DrainTimeout : OldSockets.LastHandshakes));
            OldSockets.AwaitEmptyQueue(app, worker);
            return;
        }

        SendStopSignal(app, worker);
    }

    private static void TellDrain(AppDraft app, Worker worker, DrainReason reason)
    {
        var whole = worker.Spec.Stop.DrainTimeout;
        var rest = worker.LeftAt!.Value + whole - app.Now;
        var limit = rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
        var idle = (IsAbrupt(reason) || IsReplacedInPlace(app, worker)) && IdleWhenAbrupt < limit ? IdleWhenAbrupt : limit;
        app.Set(worker with { Told = reason });
        app.Turn.Order(new TellDrain(worker.Id, new DrainOrder(reason, idle, limit)));
    }

    /// <summary>Its successor starts when it is gone, and connections wait until then.</summary>
    private static bool IsReplacedInPlace(AppDraft app, Worker worker) => app.Roll is { InPlace: true } roll && roll.Batch.Contains(worker.Slot);

    private static void SendStopSignal(AppDraft app, Worker worker)
    {
        var stop = worker.Spec.Stop;
        worker = app.Set(worker with { Phase = WorkerPhase.Stopping, DrainOver = false, EmptiesQueue = false, SignalledAt = app.Now });
        app.Turn.Order(StopSignal(worker));
        app.Arm(worker, DeadlineKind.Kill, app.Now + stop.KillTimeout);
    }

    private static SupervisorAction StopSignal(Worker worker) => worker.Spec.Stop is { ByMessage: true } byMessage
        ? new SendShutdown(worker.Id, byMessage.Signal)
        : new SignalWorker(worker.Id, worker.Spec.Stop.Signal, WholeGroup: false);

    private static void Kill(AppDraft app, Worker worker)
    {
        // A worker that ends at its gate never ran: nobody wants to read of it.
        if (worker is { Killed: false, ExecutedAt: not null })
        {
            var after = app.Now - worker.LeftAt!.Value;
            app.Turn.Announce(
                new FleetNews.Killing(app.Name, worker.Slot, worker.PmId, worker.Id, IsOld(worker), after), worker.Request);
        }

        worker = app.Disarm(worker, DeadlineKind.KillAtLast);
        worker = app.Set(worker with { KillDue = false, ServesOn = false, Killed = true });
        app.Turn.Order(worker.LeaderExit is null ? new SignalWorker(worker.Id, "SIGKILL", worker.Spec.Stop.WholeTree) : new KillTree(worker.Id));
        // A process in an uninterruptible call dies late; a lost order must not leave it for ever.
        var pause = worker.Spec.Stop.KillTimeout > KillAgain ? worker.Spec.Stop.KillTimeout : KillAgain;
        app.Arm(worker, DeadlineKind.Kill, app.Now + pause);
    }
}
