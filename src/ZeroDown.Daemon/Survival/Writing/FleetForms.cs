using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon.Survival.Writing;

/// <summary>Forms of the fleet as the supervisor knows it. Whoever adds a property to Core adds a line here; a test walks both.</summary>
internal static class FleetForms
{
    private static readonly Form<ArmedDeadline> Deadline = new RecordForm<ArmedDeadline>(default)
        .Must("kind", PlainForms.Enum<DeadlineKind>(), deadline => deadline.Kind, (deadline, value) => deadline with { Kind = value })
        .Must("epoch", PlainForms.Long, deadline => deadline.Epoch, (deadline, value) => deadline with { Epoch = value })
        .Must("at", PlainForms.Duration, deadline => deadline.At, (deadline, value) => deadline with { At = value });

    private static readonly Form<ListenPoint> Point = new RecordForm<ListenPoint>(new(null, null, null, null, 0))
        .May("address", PlainForms.Text.OrNull(), point => point.Address, (point, value) => point with { Address = value })
        .May("port", PlainForms.Int.OrNothing(), point => point.Port, (point, value) => point with { Port = value })
        .May("kind", PlainForms.Text.OrNull(), point => point.Kind, (point, value) => point with { Kind = value })
        .May("fd", PlainForms.Int.OrNothing(), point => point.Fd, (point, value) => point with { Fd = value })
        .May("index", PlainForms.Int, point => point.Index, (point, value) => point with { Index = value });

    private static readonly Form<ListenAsk> Ask = new RecordForm<ListenAsk>(new(0, null!))
        .Must("seq", PlainForms.Long, ask => ask.Seq, (ask, value) => ask with { Seq = value })
        .Must("point", Point, ask => ask.Point, (ask, value) => ask with { Point = value })
        .May("backlog", PlainForms.Int, ask => ask.Backlog, (ask, value) => ask with { Backlog = value })
        .May("v6Only", PlainForms.Bool, ask => ask.V6Only, (ask, value) => ask with { V6Only = value })
        .May("reuse", PlainForms.Bool, ask => ask.Reuse, (ask, value) => ask with { Reuse = value })
        .May("writable", PlainForms.Bool, ask => ask.Writable, (ask, value) => ask with { Writable = value })
        .May("data", PlainForms.Text.OrNull(), ask => ask.Data, (ask, value) => ask with { Data = value });

    private static readonly Form<Grant> Grant = new RecordForm<Grant>(new(null!, null!))
        .Must("point", Point, grant => grant.Point, (grant, value) => grant with { Point = value })
        .Must("listener", SpecForms.Address, grant => grant.Listener, (grant, value) => grant with { Listener = value })
        .May("listening", PlainForms.Bool, grant => grant.Listening, (grant, value) => grant with { Listening = value })
        .May("ask", Ask.OrNull(), grant => grant.Ask, (grant, value) => grant with { Ask = value });

    private static readonly Form<FilesChanged> Changed = new RecordForm<FilesChanged>(new(default, null!))
        .Must("app", PlainForms.AppName, changed => changed.App, (changed, value) => changed with { App = value })
        .Must("path", PlainForms.Text, changed => changed.Path, (changed, value) => changed with { Path = value })
        .May("memory", FactForms.Memory.OrNull(), changed => changed.Memory, (changed, value) => changed with { Memory = value });

    private static readonly Form<TreeProcess> Process = new RecordForm<TreeProcess>(default)
        .Must("pid", PlainForms.Int, process => process.Pid, (process, value) => process with { Pid = value })
        .Must("startTime", PlainForms.Long, process => process.StartTime, (process, value) => process with { StartTime = value });

    private static readonly Form<Worker> Worker = new RecordForm<Worker>(new() { Id = default, Slot = 0, PmId = 0, Generation = 0, Spec = null! })
        .Must("id", PlainForms.WorkerId, worker => worker.Id, (worker, value) => worker with { Id = value })
        .Must("slot", PlainForms.Int, worker => worker.Slot, (worker, value) => worker with { Slot = value })
        .Must("pmId", PlainForms.Int, worker => worker.PmId, (worker, value) => worker with { PmId = value })
        .Must("generation", PlainForms.Int, worker => worker.Generation, (worker, value) => worker with { Generation = value })
        .Must("spec", PlainForms.SpecNumber, worker => worker.Spec, (worker, value) => worker with { Spec = value })
        .Must("phase", PlainForms.Enum<WorkerPhase>(), worker => worker.Phase, (worker, value) => worker with { Phase = value })
        .May("pid", PlainForms.Int, worker => worker.Pid, (worker, value) => worker with { Pid = value })
        .May("launchedAt", PlainForms.Duration, worker => worker.LaunchedAt, (worker, value) => worker with { LaunchedAt = value })
        .May("executedAt", PlainForms.Duration.OrNothing(), worker => worker.ExecutedAt, (worker, value) => worker with { ExecutedAt = value })
        .May("readyAt", PlainForms.Duration.OrNothing(), worker => worker.ReadyAt, (worker, value) => worker with { ReadyAt = value })
        .May("request", PlainForms.RequestId.OrNothing(), worker => worker.Request, (worker, value) => worker with { Request = value })
        .May("settled", PlainForms.Bool, worker => worker.Settled, (worker, value) => worker with { Settled = value })
        .May("signedAt", PlainForms.Duration.OrNothing(), worker => worker.SignedAt, (worker, value) => worker with { SignedAt = value })
        .May("overdue", PlainForms.Bool, worker => worker.Overdue, (worker, value) => worker with { Overdue = value })
        .May("withoutWord", PlainForms.Bool, worker => worker.WithoutWord, (worker, value) => worker with { WithoutWord = value })
        .May("saidReady", PlainForms.Bool, worker => worker.SaidReady, (worker, value) => worker with { SaidReady = value })
        .May("listens", PlainForms.Bool, worker => worker.Listens, (worker, value) => worker with { Listens = value })
        .May("hasChannel", PlainForms.Bool, worker => worker.HasChannel, (worker, value) => worker with { HasChannel = value })
        .May("asks", Ask.InArray(), worker => worker.Asks, (worker, value) => worker with { Asks = value })
        .May("grants", Grant.InArray(), worker => worker.Grants, (worker, value) => worker with { Grants = value })
        .May("expects", FactForms.Addresses, worker => worker.Expects, (worker, value) => worker with { Expects = value })
        .May("expectsPorts", FactForms.Texts, worker => worker.ExpectsPorts, (worker, value) => worker with { ExpectsPorts = value })
        .May("expectsSame", PlainForms.Bool, worker => worker.ExpectsSame, (worker, value) => worker with { ExpectsSame = value })
        .May("status", PlainForms.Text.OrNull(), worker => worker.Status, (worker, value) => worker with { Status = value })
        .May("openConnections", PlainForms.Int.OrNothing(), worker => worker.OpenConnections, (worker, value) => worker with { OpenConnections = value })
        .May("ownPorts", FactForms.Texts, worker => worker.OwnPorts, (worker, value) => worker with { OwnPorts = value })
        .May("ownPort", PlainForms.Text.OrNull(), _ => null, (worker, value) => value is null ? worker : worker with { OwnPorts = [value] }) // older records: one of them
        .May("outgrownAt", PlainForms.Duration.OrNothing(), worker => worker.OutgrownAt, (worker, value) => worker with { OutgrownAt = value })
        .May("leaving", PlainForms.Enum<DrainReason>().OrNothing(), worker => worker.Leaving, (worker, value) => worker with { Leaving = value })
        .May("leftAt", PlainForms.Duration.OrNothing(), worker => worker.LeftAt, (worker, value) => worker with { LeftAt = value })
        .May("told", PlainForms.Enum<DrainReason>().OrNothing(), worker => worker.Told, (worker, value) => worker with { Told = value })
        .May("drainOver", PlainForms.Bool, worker => worker.DrainOver, (worker, value) => worker with { DrainOver = value })
        .May("disconnected", PlainForms.Bool, worker => worker.Disconnected, (worker, value) => worker with { Disconnected = value })
        .May("signalledAt", PlainForms.Duration.OrNothing(), worker => worker.SignalledAt, (worker, value) => worker with { SignalledAt = value })
        .May("lastMoment", PlainForms.Duration, worker => worker.LastMoment, (worker, value) => worker with { LastMoment = value })
        .May("servesOn", PlainForms.Bool, worker => worker.ServesOn, (worker, value) => worker with { ServesOn = value })
        .May("killDue", PlainForms.Bool, worker => worker.KillDue, (worker, value) => worker with { KillDue = value })
        .May("killed", PlainForms.Bool, worker => worker.Killed, (worker, value) => worker with { Killed = value })
        .May("saidStopping", PlainForms.Bool, worker => worker.SaidStopping, (worker, value) => worker with { SaidStopping = value })
        .May("stranded", PlainForms.Bool, worker => worker.Stranded, (worker, value) => worker with { Stranded = value })
        .May("emptiesQueue", PlainForms.Bool, worker => worker.EmptiesQueue, (worker, value) => worker with { EmptiesQueue = value })
        .May("leaderExit", FactForms.Exit.OrNull(), worker => worker.LeaderExit, (worker, value) => worker with { LeaderExit = value })
        .May("asked", Process.InArray(), worker => worker.Asked, (worker, value) => worker with { Asked = value })
        .May("deadlines", Deadline.InArray(), worker => worker.Deadlines, (worker, value) => worker with { Deadlines = value });

    private static readonly Form<SlotState> Slot = new RecordForm<SlotState>(new() { Slot = 0, PmId = 0 })
        .Must("slot", PlainForms.Int, slot => slot.Slot, (slot, value) => slot with { Slot = value })
        .Must("pmId", PlainForms.Int, slot => slot.PmId, (slot, value) => slot with { PmId = value })
        .May("createdAt", PlainForms.Duration, slot => slot.CreatedAt, (slot, value) => slot with { CreatedAt = value })
        .Must("wanted", PlainForms.Bool, slot => slot.Wanted, (slot, value) => slot with { Wanted = value })
        .May("current", PlainForms.WorkerId.OrNothing(), slot => slot.Current, (slot, value) => slot with { Current = value })
        .May("newcomer", PlainForms.WorkerId.OrNothing(), slot => slot.Newcomer, (slot, value) => slot with { Newcomer = value })
        .Must("phase", PlainForms.Enum<WorkerPhase>(), slot => slot.Phase, (slot, value) => slot with { Phase = value })
        .May("crashes", PlainForms.Int, slot => slot.Crashes, (slot, value) => slot with { Crashes = value })
        .May("restarts", PlainForms.Int, slot => slot.Restarts, (slot, value) => slot with { Restarts = value })
        .May("previousBackoff", PlainForms.Duration.OrNothing(), slot => slot.PreviousBackoff, (slot, value) => slot with { PreviousBackoff = value })
        .May("lastExit", FactForms.Exit.OrNull(), slot => slot.LastExit, (slot, value) => slot with { LastExit = value })
        .May("pause", Deadline.OrNothing(), slot => slot.Pause, (slot, value) => slot with { Pause = value })
        .May("listenedOn", FactForms.Addresses, slot => slot.ListenedOn, (slot, value) => slot with { ListenedOn = value })
        .May("ownPorts", FactForms.Texts, slot => slot.OwnPorts, (slot, value) => slot with { OwnPorts = value })
        .May("knowsItsListeners", PlainForms.Bool, slot => slot.KnowsItsListeners, (slot, value) => slot with { KnowsItsListeners = value })
        .May("request", PlainForms.RequestId.OrNothing(), slot => slot.Request, (slot, value) => slot with { Request = value })
        .May("tryingSince", PlainForms.Duration.OrNothing(), slot => slot.TryingSince, (slot, value) => slot with { TryingSince = value })
        .May("failedTries", PlainForms.Int, slot => slot.FailedTries, (slot, value) => slot with { FailedTries = value })
        .May("lastFailure", FactForms.Cause.OrNull(), slot => slot.LastFailure, (slot, value) => slot with { LastFailure = value })
        .May("lastFailed", PlainForms.WorkerId.OrNothing(), slot => slot.LastFailed, (slot, value) => slot with { LastFailed = value })
        .May("lastFailedAt", PlainForms.Duration.OrNothing(), slot => slot.LastFailedAt, (slot, value) => slot with { LastFailedAt = value });

    private static readonly Form<Roll> Roll = new RecordForm<Roll>(new() { FromGeneration = 0, ToGeneration = 0, Spec = null! })
        .Must("fromGeneration", PlainForms.Int, roll => roll.FromGeneration, (roll, value) => roll with { FromGeneration = value })
        .Must("toGeneration", PlainForms.Int, roll => roll.ToGeneration, (roll, value) => roll with { ToGeneration = value })
        .Must("spec", PlainForms.SpecNumber, roll => roll.Spec, (roll, value) => roll with { Spec = value })
        .May("request", PlainForms.RequestId.OrNothing(), roll => roll.Request, (roll, value) => roll with { Request = value })
        .Must("stage", PlainForms.Enum<RollStage>(), roll => roll.Stage, (roll, value) => roll with { Stage = value })
        .May("inPlace", PlainForms.Bool, roll => roll.InPlace, (roll, value) => roll with { InPlace = value })
        .May("gapBecauseOf", PlainForms.Text.OrNull(), roll => roll.GapBecauseOf, (roll, value) => roll with { GapBecauseOf = value })
        .May("batchSize", PlainForms.Int, roll => roll.BatchSize, (roll, value) => roll with { BatchSize = value })
        .May("limitedFrom", PlainForms.Int.OrNothing(), roll => roll.LimitedFrom, (roll, value) => roll with { LimitedFrom = value })
        .May("waiting", PlainForms.Int.InArray(), roll => roll.Waiting, (roll, value) => roll with { Waiting = value })
        .May("batch", PlainForms.Int.InArray(), roll => roll.Batch, (roll, value) => roll with { Batch = value })
        .May("finished", PlainForms.Int.InArray(), roll => roll.Finished, (roll, value) => roll with { Finished = value })
        .May("added", PlainForms.Int.InArray(), roll => roll.Added, (roll, value) => roll with { Added = value })
        .May("woken", PlainForms.Int.InArray(), roll => roll.Woken, (roll, value) => roll with { Woken = value })
        .May("surplus", PlainForms.Int.InArray(), roll => roll.Surplus, (roll, value) => roll with { Surplus = value })
        .May("broken", PlainForms.Int.InArray(), roll => roll.Broken, (roll, value) => roll with { Broken = value })
        .May("failures", FactForms.Failure.InArray(), roll => roll.Failures, (roll, value) => roll with { Failures = value })
        .May("leftOnNewGeneration", PlainForms.Int.InArray(), roll => roll.LeftOnNewGeneration, (roll, value) => roll with { LeftOnNewGeneration = value })
        .May("withoutWord", PlainForms.Int.InArray(), roll => roll.WithoutWord, (roll, value) => roll with { WithoutWord = value });

    private static readonly Form<AppState> App = new RecordForm<AppState>(new() { Spec = null! })
        .Must("spec", PlainForms.SpecNumber, app => app.Spec, (app, value) => app with { Spec = value })
        .Must("generation", PlainForms.Int, app => app.Generation, (app, value) => app with { Generation = value })
        .Must("serving", PlainForms.Int, app => app.Serving, (app, value) => app with { Serving = value })
        .May("deleting", PlainForms.Bool, app => app.Deleting, (app, value) => app with { Deleting = value })
        .May("slots", Slot.InArray(), app => app.Slots, (app, value) => app with { Slots = value })
        .May("workers", Worker.By(worker => worker.Id.Number), app => app.Workers, (app, value) => app with { Workers = value })
        .May("roll", Roll.OrNull(), app => app.Roll, (app, value) => app with { Roll = value })
        .May("changed", Changed.OrNull(), app => app.Changed, (app, value) => app with { Changed = value })
        .May("renewDue", PlainForms.Bool, app => app.RenewDue, (app, value) => app with { RenewDue = value });

    private static readonly Form<Listener> Listener = new RecordForm<Listener>(new(null!, default))
        .Must("spec", SpecForms.Listener, listener => listener.Spec, (listener, value) => listener with { Spec = value })
        .Must("phase", PlainForms.Enum<ListenerPhase>(), listener => listener.Phase, (listener, value) => listener with { Phase = value })
        .May("boundAddress", PlainForms.Text.OrNull(), listener => listener.BoundAddress, (listener, value) => listener with { BoundAddress = value })
        .May("steered", PlainForms.Enum<Steering>().OrNothing(), listener => listener.Steered, (listener, value) => listener with { Steered = value });

    /// <summary>Only of orders that nothing else in the state implies.</summary>
    private static readonly Form<SupervisorAction> Order = new CaseForm<SupervisorAction>()
        .Or("refuseListener", new RecordForm<RefuseListener>(new(default, null!, default))
            .Must("worker", PlainForms.WorkerId, order => order.Worker, (order, value) => order with { Worker = value })
            .Must("ask", Ask, order => order.Ask, (order, value) => order with { Ask = value })
            .Must("reason", PlainForms.Enum<ListenRefusal>(), order => order.Reason, (order, value) => order with { Reason = value })
            .May("errno", PlainForms.Int, order => order.Errno, (order, value) => order with { Errno = value }))
        .Or("signalProcess", new RecordForm<SignalProcess>(new(default, default, null!))
            .Must("worker", PlainForms.WorkerId, order => order.Worker, (order, value) => order with { Worker = value })
            .Must("process", Process, order => order.Process, (order, value) => order with { Process = value })
            .Must("signal", PlainForms.Text, order => order.Signal, (order, value) => order with { Signal = value }))
        .Or("relaySignal", new RecordForm<RelaySignal>(new(default, null!, default))
            .Must("worker", PlainForms.WorkerId, order => order.Worker, (order, value) => order with { Worker = value })
            .Must("signal", PlainForms.Text, order => order.Signal, (order, value) => order with { Signal = value })
            .Must("request", PlainForms.RequestId, order => order.Request, (order, value) => order with { Request = value }));

    public static readonly Form<FleetState> Fleet = new RecordForm<FleetState>(new())
        .May("apps", App.InList(), fleet => fleet.Apps, (fleet, value) => fleet with { Apps = value })
        .May("listeners", Listener.By(SpecForms.Address), fleet => fleet.Listeners, (fleet, value) => fleet with { Listeners = value })
        .Must("nextWorker", PlainForms.Long, fleet => fleet.NextWorker, (fleet, value) => fleet with { NextWorker = value })
        .Must("nextPmId", PlainForms.Int, fleet => fleet.NextPmId, (fleet, value) => fleet with { NextPmId = value })
        .Must("nextEpoch", PlainForms.Long, fleet => fleet.NextEpoch, (fleet, value) => fleet with { NextEpoch = value })
        .May("shuttingDown", PlainForms.Bool, fleet => fleet.ShuttingDown, (fleet, value) => fleet with { ShuttingDown = value })
        .May("ended", PlainForms.Bool, fleet => fleet.Ended, (fleet, value) => fleet with { Ended = value })
        .May("requests", RequestForms.Request.InList(), fleet => fleet.Requests, (fleet, value) => fleet with { Requests = value })
        .May("lastStepAt", PlainForms.Duration, fleet => fleet.LastStepAt, (fleet, value) => fleet with { LastStepAt = value })
        .May("unconfirmed", Order.InArray(), fleet => fleet.Unconfirmed, (fleet, value) => fleet with { Unconfirmed = value });
}
