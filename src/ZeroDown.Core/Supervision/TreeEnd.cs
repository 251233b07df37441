namespace ZeroDown.Core.Supervision;

/// <summary>
/// What happens to a worker's tree after the launched process has exited. The other processes get the stop signal once each and the rest of
/// <c>kill_timeout</c>; the worker stays in the fleet, <see cref="WorkerPhase.Stopping"/>, until the last of them has ended.
/// </summary>
internal static class TreeEnd
{
    /// <summary>A tree that forks without end does not grow the state: further processes get no stop signal, only SIGKILL at the end.</summary>
    public const int MostAsked = 256;

    /// <summary>The launched process has exited, and these processes of its tree live.</summary>
    public static void Begin(AppDraft app, Worker worker, ExitStatus status, TreeRest rest)
    {
        var patience = worker.Spec.Stop.DrainTimeout > worker.Spec.Stop.KillTimeout ? worker.Spec.Stop.DrainTimeout : worker.Spec.Stop.KillTimeout;
        var asked = worker.Phase == WorkerPhase.Stopping;
        if (worker.Leaving is null)
            worker = worker with { LeftAt = app.Now, LastMoment = app.Now + patience };
        worker = app.Set(worker with
        {
            Leaving = worker.Leaving ?? DrainReason.Exited,
            Phase = WorkerPhase.Stopping,
            LeaderExit = status,
            OwnPorts = worker.OwnPorts.Count == 0 && rest.OwnPort is { } address ? [address] : worker.OwnPorts,
            SignalledAt = worker.SignalledAt ?? app.Now,
            HasChannel = false,
            DrainOver = false,
            EmptiesQueue = false,
        });
        foreach (var kind in (DeadlineKind[])[DeadlineKind.Settle, DeadlineKind.Confirm, DeadlineKind.Ready, DeadlineKind.Drain, DeadlineKind.Heed, DeadlineKind.Unlisten])
            worker = app.Disarm(worker, kind);
        if (!asked)
            worker = app.Arm(worker, DeadlineKind.Kill, app.Now + worker.Spec.Stop.KillTimeout);
        app.Turn.Announce(
            new FleetNews.TreeStopping(app.Name, worker.Slot, worker.PmId, worker.Id, Leaving.IsOld(worker), rest.Processes), worker.Request);
        app.Turn.Order(new CountConnections(worker.Id));
        Watch(app, worker);
    }

    /// <summary>Gives the orders once more, for a daemon that does not know whether its predecessor gave them.</summary>
    public static void Again(AppDraft app, Worker worker)
    {
        // Whether these were signalled is not known. They are looked at again: a process that is leaving was.
        var uncertain = app.Turn.Before.Unconfirmed.OfType<SignalProcess>().Where(signal => signal.Worker == worker.Id).Select(signal => signal.Process).ToHashSet();
        var known = worker.Asked.RemoveAll(uncertain.Contains);
        if (known.Length != worker.Asked.Length)
            worker = app.Set(worker with { Asked = known });
        app.Turn.Order(new CountConnections(worker.Id));
        Watch(app, worker);
    }

    /// <summary>A process of the tree lost its parent, and nothing shows that it was asked to stop.</summary>
    public static void Ask(AppDraft app, Worker worker, TreeProcess process)
    {
        if (worker.Asked.Contains(process))
            app.Turn.Changed(); // said again once it was asked: this step writes down that the order was carried out
        if (worker.LeaderExit is null || worker.Killed || worker.Asked.Length >= MostAsked || worker.Asked.Contains(process))
            return; // not alone yet, killed already, or asked
        app.Set(worker with { Asked = worker.Asked.Add(process) });
        app.Turn.Order(new SignalProcess(worker.Id, process, worker.Spec.Stop.Signal));
    }

    /// <summary>No process of the tree is left that we may end.</summary>
    public static void Ended(AppDraft app, Worker worker)
    {
        if (worker.LeaderExit is not { } status)
            return; // the worker itself lives
        Leaving.SayDisconnected(app, worker);
        Supervisor.TreeEnded(app, app.Find(worker.Id)!, status);
        app.Turn.Announce(
            new FleetNews.TreeEnded(app.Name, worker.Slot, worker.PmId, worker.Id, Leaving.IsOld(worker)), worker.Request);
    }

    private static void Watch(AppDraft app, Worker worker)
    {
        app.Turn.Order(new WatchTree(worker.Id));
        if (worker.Killed)
            app.Turn.Order(new KillTree(worker.Id));
    }
}
