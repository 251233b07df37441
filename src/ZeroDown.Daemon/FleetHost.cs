using System.Runtime.InteropServices;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;
using ZeroDown.Daemon.Rpc;
using ZeroDown.Daemon.Survival;
using ZeroDown.Daemon.Upkeep;
using ZeroDown.Daemon.Workers;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon;

/// <summary>
/// Puts together what supervises the fleet, stage by stage in start order; then says that it listens, and runs the loop until the core ends it.
/// Every object is made here, by hand.
/// </summary>
internal sealed class FleetHost
{
    private const int MostReadings = 10;

    private readonly HomeFolder _home;
    private readonly KeeperClient _keeper;
    private readonly DaemonLog _log;
    private readonly Parts _parts;
    private readonly LogPaths _paths;
    private ActionExecutor? _executor;
    private HomeGuard? _guard;

    /// <param name="home">The home folder.</param>
    /// <param name="keeper">Attached.</param>
    /// <param name="log">The daemon's own.</param>
    /// <param name="parts">Gets what has to be closed at the end.</param>
    public FleetHost(HomeFolder home, KeeperClient keeper, DaemonLog log, Parts parts) =>
        (_home, _keeper, _log, _parts, _paths) = (home, keeper, log, parts, new LogPaths(home.Logs));

    /// <returns>The daemon's exit code.</returns>
    public int Run()
    {
        var poller = _parts.Keep(new FdPoller("zd output and notices", _log.CallbackFailed));
        // What may fail for lack of room comes before anything is on hold: a first start that fails leaves nothing, so the keeper ends too and whoever waits hears why.
        var settings = new WorkerHostSettings(_home, _paths, InjectedLibrary.LayOut(_home, InjectedLibrary.AspNetCore), InjectedLibrary.LayOut(_home, InjectedLibrary.NodePreload));
        var stateFile = new StateFile(_home);
        var left = Legacy.Find(_home, stateFile, _keeper, _paths, _log);
        var ground = LayGround(poller, left.Bequest);
        var output = OpenOutput(ground);
        var older = new Bequest(left.Bequest.TakeAll(FleetRecord.OlderKeys));
        var memory = RememberSteps(ground.Loop, stateFile, left);
        var crew = HostWorkers(ground, output, memory.Desk, settings);
        StartUpkeep(ground.Loop, crew);
        _parts.Keep(ReopenLogsOnSignal(poller, output.Files));
        var info = DaemonHost.Describe(_home, _keeper.GiveBack, left);
        _log.Started(DaemonHost.Version, Environment.ProcessId, info.KeeperPid, _home.Path);
        TakeOver(ground, crew, left);
        var updates = HearKeeper(ground.Loop, memory, crew, info);
        var pipe = OpenPipe(ground.Loop, output, memory, crew, updates, info);
        _guard = _parts.Keep(new HomeGuard(_home, pipe, poller, () => FillHome(poller, output.Files), _log));
        _keeper.Ready();
        _ = older.LetGo(_keeper); // from now on there is no way back to whoever could only read these
        return RunLoop(ground.Loop) ? End(pipe, memory, crew) : 70;
    }

    /// <summary>What all others stand on.</summary>
    private Ground LayGround(FdPoller poller, Bequest bequest)
    {
        var kept = bequest.Take(Keepsakes.Key);
        var keepsakes = _parts.Keep(kept is null ? Keepsakes.Create() : Keepsakes.Continue(kept.Fd));
        if (kept is null)
            _keeper.Hold(Keepsakes.Key, HoldKind.Other, keepsakes.Handle);
        // The loop's orders reach the executor, whose parts post back into the loop: the one circle of the house.
        return new Ground(poller, keepsakes, new SupervisorLoop(() => MonotonicClock.Now, action => _executor!.Execute(action)));
    }

    private Output OpenOutput(Ground ground)
    {
        var desk = new LogDesk(_paths, _home.DaemonLog, ground.Poller.Post, _parts.Keep(new MissedLines(TimeProvider.System, ground.Keepsakes))) { WriteToDaemonLog = _log.WorkerLine };
        _log.Followers = desk.PublishDaemonLine;
        var files = new LogFiles(_log);
        return new Output(desk, files, new OutputPump(ground.Poller, desk, files, _home.Run));
    }

    /// <summary>Each step is written down before its orders are carried out: into memory that the keeper holds, and a moment later onto the disk.</summary>
    private Memory RememberSteps(SupervisorLoop loop, StateFile stateFile, Legacy left)
    {
        var held = left.Bequest.Take(FleetRecord.Key);
        var record = _parts.Keep(held is null ? FleetRecord.Create() : FleetRecord.Continue(held.Fd));
        if (held is null)
            _keeper.Hold(FleetRecord.Key, HoldKind.Other, record.Handle);
        var desk = new RequestDesk(loop.Post, left.State ?? Remembered.Nothing);
        var births = new Births(left.Workers.Where(worker => worker.Exit is null));
        var keeping = _parts.Keep(new StateKeeping(
            state => stateFile.Write(StateOnDisk.Of(state, Origin(), births.StartTimeOf)), StateKeeping.StandardPause, _log, isHeir: left.State is not null));
        loop.WriteDown = new Scribe(record, desk, keeping.Keep, _log).Write;
        return new Memory(desk, births, keeping);
    }

    private StateOrigin Origin() => new() { BootId = Machine.BootId, At = DateTimeOffset.UtcNow, KeeperPid = _keeper.GiveBack.KeeperPid };

    private Crew HostWorkers(Ground ground, Output output, RequestDesk desk, WorkerHostSettings settings)
    {
        var (poller, keepsakes, loop) = ground;
        var listeners = new ListenerHost(_keeper, poller, loop.Post, keepsakes, _log);
        var lines = new WorkerLines(_keeper, poller, loop, output.Pump, keepsakes, _log);
        var processes = new WorkerProcesses();
        var trees = new WorkerTrees(processes, _keeper, _home, () => listeners.Inodes, loop.Post, _log);
        var workers = new WorkerHost(_keeper, loop, listeners, lines, settings, _log) { Processes = processes, Trees = trees };
        var strangers = _parts.Keep(new Strangers(_keeper, _home, _log));
        _executor = new ActionExecutor(workers, desk, _log, () => _log.Ending("everything is stopped"));
        var facts = new FleetFacts(loop.Post, workers.LookAtOwnPorts);
        workers.OwnPortWatch = _parts.Keep(new OwnPortWatch(
            () => [.. loop.Current.Apps.SelectMany(app => app.Workers.Values).Where(OwnPorts.AreLookedFor)], facts.PostNews, _log.CallbackFailed));
        loop.LookBefore = deadline => facts.Before(loop.Current, deadline);
        var heir = new Heir(_keeper, listeners, new Adoption(processes, trees, lines, settings), strangers, keepsakes, _log);
        return new Crew(listeners, workers, strangers, heir, facts, new PidFiles(_home.Pids, _log));
    }

    /// <summary>What is done to apps without anybody's command: by the clock, for their memory, after a change of their files.</summary>
    private void StartUpkeep(SupervisorLoop loop, Crew crew)
    {
        var given = _keeper.GiveBack;
        var occasions = new Occasions(loop, crew.Facts);
        var cron = _parts.Keep(new CronClock(given.Predecessors == 0 ? null : DateTimeOffset.UtcNow - (MonotonicClock.Now - given.AloneSince), occasions.Post, _log));
        var memory = _parts.Keep(new MemoryWatch(() => loop.Current, occasions.Post, MemoryWatch.Standard));
        var watches = _parts.Keep(new FileWatches(_home.Path, _paths, () => loop.Current, occasions.Post, _log));
        loop.AppsChanged = fleet =>
        {
            cron.Follow(fleet);
            memory.Follow(fleet);
            watches.Follow(fleet);
            crew.Pids.Follow(fleet);
        };
    }

    /// <summary>What is missing in the home of a daemon that runs; log files whose folder was removed are written again.</summary>
    private void FillHome(FdPoller poller, LogFiles files)
    {
        var logsAreGone = !Directory.Exists(_home.Logs);
        DaemonHost.PrepareFolders(_home);
        foreach (var library in (ReadOnlySpan<string>)[InjectedLibrary.AspNetCore, InjectedLibrary.NodePreload])
            _ = InjectedLibrary.LayOut(_home, library);
        if (logsAreGone)
            poller.Post(() => _log.LogsReopened(files.ReopenAll()));
    }

    /// <summary>SIGUSR2, as rotators that knew pm2 send it.</summary>
    private PosixSignalRegistration ReopenLogsOnSignal(FdPoller poller, LogFiles files)
    {
        _ = Signals.TryParse("SIGUSR2", out var number);
        return PosixSignalRegistration.Create((PosixSignal)number, signal =>
        {
            signal.Cancel = true;
            poller.Post(() => _log.LogsReopened(files.ReopenAll()));
        });
    }

    private void TakeOver(Ground ground, Crew crew, Legacy left)
    {
        var given = _keeper.GiveBack;
        var remembered = (left.State ?? Remembered.Nothing).Fleet;
        var found = crew.Heir.Take(remembered, left.Workers, left.Bequest) with
        {
            SameKeeper = left.Gathered is null && !given.AfterSuccession,
            BoundAnew = left.Gathered?.BoundAnew ?? [],
            Steered = left.Gathered?.Steered ?? [],
        };
        crew.Pids.TakeOver(remembered);
        ground.Loop.TakeOver(remembered, found);
        foreach (var line in left.Gathered?.Story ?? [])
            _log.Remains(line);
        if (given.Predecessors > 0)
            _log.TookOver(found.Processes.Count, found.Listeners.Count);
    }

    private UpdateDesk HearKeeper(SupervisorLoop loop, Memory memory, Crew crew, DaemonInfo info)
    {
        var succession = _parts.Keep(new KeeperSuccession(_keeper, _home, loop, _log));
        var updates = new UpdateDesk(_keeper, act => loop.Post(null, act), _log);
        _keeper.Start(news =>
        {
            memory.Births.OnKeeper(news);
            switch (news)
            {
                case KeeperEvent.Updated { Note: var note }:
                    updates.Hear(note);
                    if (note.Stage == UpdateStage.Done)
                        info.KeeperVersion = DaemonHost.Version;
                    break;
                case KeeperEvent.BeatWanted:
                    // Through the mailbox: only a loop that turns may say that it lives.
                    loop.Post(null, _keeper.Beat);
                    break;
                case KeeperEvent.ShutdownRequested:
                    _ = memory.Desk.Submit(null, id => new ShutdownRequested(id), null);
                    break;
                case KeeperEvent.Lost:
                    _log.KeeperLost();
                    succession.Begin();
                    break;
                default:
                    crew.Workers.OnKeeper(news);
                    crew.Strangers.OnKeeper(news);
                    break;
            }
        });
        return updates;
    }

    private DaemonListener OpenPipe(SupervisorLoop loop, Output output, Memory memory, Crew crew, UpdateDesk updates, DaemonInfo info)
    {
        var usage = new UsageMeter();
        var views = new FleetViews(BootedAt, usage.Read, (spec, id) => SlotFiles.Of(spec, id, _paths, crew.Pids), crew.Listeners.Queue);
        var phrases = new Phrases(crew.Workers.LastLines, name => loop.Current.Find(name)?.Spec);
        var flush = new LogFlush(_paths, output.Files);
        var saved = new SavedFleet(_home);
        File.Delete(_home.Pipe);
        return DaemonListener.Start(
            _home,
            client => new DaemonService(loop, memory.Desk, phrases, views, crew.Facts, output.Desk, flush, saved, crew.Workers.SendText, updates, InfoNow, client),
            new SeldomSaid(_log.ClientFailed).Say);

        DaemonInfo InfoNow() => info with
        {
            Warnings =
            [
                .. memory.Keeping.Problem is { } problem ? [$"the state is kept in memory only, the disk does not take it: {problem}"] : Array.Empty<string>(),
                .. _guard?.HomeLost is { } lost ? [lost] : Array.Empty<string>(),
                .. output.Files.Problems(),
            ],
        };
    }

    /// <summary>Anew each time, as the wall clock may be set. Who stood still between the two clocks reads them again, or a worker would seem to have started at another moment.</summary>
    private static DateTimeOffset BootedAt()
    {
        for (var readings = 1; ; readings++)
        {
            var before = MonotonicClock.Now;
            var wall = DateTimeOffset.UtcNow;
            if (MonotonicClock.Now - before < TimeSpan.FromMilliseconds(1) || readings == MostReadings)
                return wall - before;
        }
    }

    /// <returns>False when it broke: the next daemon goes on from what is written down.</returns>
    private bool RunLoop(SupervisorLoop loop)
    {
        try
        {
            loop.Run();
            return true;
        }
        catch (Exception defect)
        {
            _log.Crashed(defect);
            return false;
        }
    }

    /// <summary>Answers first, then the end: `zd kill` must hear that it worked.</summary>
    private int End(DaemonListener pipe, Memory memory, Crew crew)
    {
        _guard?.Dispose(); // from now on the pipe is removed on purpose
        pipe.DisposeAsync().AsTask().GetAwaiter().GetResult();
        crew.Pids.Settle();
        memory.Keeping.Dispose();
        _keeper.Shutdown();
        return 0;
    }

    private sealed record Ground(FdPoller Poller, Keepsakes Keepsakes, SupervisorLoop Loop);

    private sealed record Output(LogDesk Desk, LogFiles Files, OutputPump Pump);

    private sealed record Memory(RequestDesk Desk, Births Births, StateKeeping Keeping);

    /// <summary>Those who do what the loop orders, and those who tell it what is.</summary>
    private sealed record Crew(ListenerHost Listeners, WorkerHost Workers, Strangers Strangers, Heir Heir, FleetFacts Facts, PidFiles Pids);
}
