using System.Reflection;
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
/// Puts the daemon together, top to bottom in start order: lock, log, keeper, loop, workers, pipe; then says that it listens.
/// Every object is made here, by hand.
/// </summary>
internal sealed class DaemonHost(HomeFolder home) : IDisposable
{
    public static readonly string Version =
        typeof(DaemonHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    private readonly Stack<IDisposable> _parts = new();

    public int Run()
    {
        if (Attach() is not { } keeper)
            return 1;
        try
        {
            return Run(keeper);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or SystemCallException or HomeFolderException or UnreadableStateException)
        {
            keeper.CannotStart(problem.Message, onlyLacks: LaunchProblems.IsTemporary(problem));
            return 1;
        }
    }

    /// <summary>
    /// A keeper that was killed before it had given everything back cannot be succeeded by us, who have nothing yet. Another one is started all the same: its daemon gathers what
    /// is left, and nobody has to call for it.
    /// </summary>
    private KeeperClient? Attach()
    {
        try
        {
            return Keep(KeeperClient.Attach(KeeperClient.InheritedChannel()));
        }
        catch (KeeperGoneException)
        {
            KeeperStarter.StartDetached(home.Path).Dispose();
            return null;
        }
        catch (IOException)
        {
            // It does not want us, knows why, and says so to whoever waits.
            return null;
        }
    }

    public void Dispose()
    {
        while (_parts.TryPop(out var part))
            part.Dispose();
    }

    private int Run(KeeperClient keeper)
    {
        PrepareFolders();
        if (InstanceLock.TryTake(home.DaemonLock, out var holder) is not { } daemonLock)
        {
            keeper.CannotStart($"another daemon runs in {home.Path} already (pid {holder})");
            return 1;
        }

        Keep(daemonLock);
        SystemLimits.RaiseOpenFiles();
        var log = Keep(DaemonLog.Open(home.DaemonLog, json: Environment.GetEnvironmentVariable("ZD_LOG_FORMAT") == "json"));
        var given = keeper.GiveBack;
        if (given.Failures >= SafeMode.After)
            return Keep(new SafeMode(home, keeper, log)).Run(() => Info(given, null));
        var poller = Keep(new FdPoller("zd output and notices", log.CallbackFailed));

        // What may fail for lack of room comes before anything is on hold: a first start that fails leaves nothing, so the keeper ends too and whoever waits hears why.
        var (library, preload) = (InjectedLibrary.LayOut(home, InjectedLibrary.AspNetCore), InjectedLibrary.LayOut(home, InjectedLibrary.NodePreload));
        var paths = new LogPaths(home.Logs);
        var stateFile = new StateFile(home);
        var remains = WhatIsLeft(given, stateFile, keeper, paths, log);
        var bequest = new Bequest(remains.Held);
        var kept = bequest.Take(Keepsakes.Key);
        var keepsakes = Keep(kept is null ? Keepsakes.Create() : Keepsakes.Continue(kept.Fd));
        if (kept is null)
            keeper.Hold(Keepsakes.Key, HoldKind.Other, keepsakes.Handle);
        var logDesk = new LogDesk(paths, home.DaemonLog, poller.Post, Keep(new MissedLines(TimeProvider.System, keepsakes)));
        log.Followers = logDesk.PublishDaemonLine;
        var files = new LogFiles(log);
        var pump = new OutputPump(poller, logDesk, files);

        // The loop's orders reach the executor, whose parts post back into the loop: the one circle of the house.
        ActionExecutor? executor = null;
        var loop = new SupervisorLoop(() => MonotonicClock.Now, action => executor!.Execute(action));
        var held = bequest.Take(FleetRecord.Key);
        var older = new Bequest(bequest.TakeAll(FleetRecord.OlderKeys));
        var remembered = remains.State ?? Remembered.Nothing;
        var record = Keep(held is null ? FleetRecord.Create() : FleetRecord.Continue(held.Fd));
        if (held is null)
            keeper.Hold(FleetRecord.Key, HoldKind.Other, record.Handle);
        var desk = new RequestDesk(loop.Post, remembered);
        var births = new Births(remains.Workers.Where(worker => worker.Exit is null));
        var keeping = Keep(new StateKeeping(state => stateFile.Write(StateOnDisk.Of(state, Origin(given.KeeperPid), births.StartTimeOf)), StateKeeping.StandardPause, log, isHeir: remains.State is not null));
        loop.WriteDown = new Scribe(record, desk, keeping.Keep, log).Write;
        var listeners = new ListenerHost(keeper, poller, loop.Post, keepsakes, log);
        var settings = new WorkerHostSettings(home, paths, library, preload);
        var workers = new WorkerHost(keeper, poller, loop, listeners, pump, keepsakes, settings, log);
        var strangers = Keep(new Strangers(keeper, log));
        executor = new ActionExecutor(workers, desk, log, () => log.Ending("everything is stopped"));

        var usage = new UsageMeter();
        var pids = new PidFiles(home.Pids, log);
        var views = new FleetViews(BootedAt, usage.Read, (spec, id) => SlotFiles.Of(spec, id, paths, pids), listeners.Queue);
        var facts = new FleetFacts(loop.Post, workers.OwnPort);
        loop.LookBefore = deadline => facts.Before(loop.Current, deadline);
        var occasions = new Occasions(loop, facts);
        var cron = Keep(new CronClock(given.Predecessors == 0 ? null : DateTimeOffset.UtcNow - (MonotonicClock.Now - given.AloneSince), occasions.Post, log));
        var memory = Keep(new MemoryWatch(() => loop.Current, occasions.Post, MemoryWatch.Standard));
        var watches = Keep(new FileWatches(home.Path, paths, () => loop.Current, occasions.Post, log));
        loop.AppsChanged = fleet =>
        {
            cron.Follow(fleet);
            memory.Follow(fleet);
            watches.Follow(fleet);
            pids.Follow(fleet);
        };
        Keep(ReopenOnSignal(poller, files, log));
        var phrases = new Phrases(workers.LastLines);
        var logFlush = new LogFlush(paths, files);
        var saved = new SavedFleet(home);
        var info = Info(given, remains.Gathered);

        log.Started(Version, Environment.ProcessId, given.KeeperPid, home.Path);
        var found = new Heir(keeper, listeners, workers, strangers, keepsakes, log).Take(remembered.Fleet, remains.Workers, bequest) with
        {
            SameKeeper = remains.Gathered is null && !given.AfterSuccession,
            BoundAnew = remains.Gathered?.BoundAnew ?? [],
        };
        pids.TakeOver(remembered.Fleet);
        loop.TakeOver(remembered.Fleet, found);
        foreach (var line in remains.Gathered?.Story ?? [])
            log.Remains(line);
        if (given.Predecessors > 0)
            log.TookOver(found.Processes.Count, found.Listeners.Count);
        var succession = Keep(new KeeperSuccession(keeper, home, loop, log));
        var updates = new UpdateDesk(keeper, act => loop.Post(null, act), log);
        keeper.Start(news =>
        {
            births.OnKeeper(news);
            if (news is KeeperEvent.Updated { Note: var note })
            {
                updates.Hear(note);
                if (note.Stage == UpdateStage.Done)
                    info.KeeperVersion = Version;
            }
            else
                OnKeeper(news, keeper, succession, loop, desk, workers, strangers, log);
        });

        File.Delete(home.Pipe);
        var pipe = DaemonListener.Start(home, client =>
            new DaemonService(loop, desk, phrases, views, facts, logDesk, logFlush, saved, workers.SendText, updates, () => info with { Warnings = Warnings(keeping) }, client), new SeldomSaid(log.ClientFailed).Say);
        keeper.Ready();
        _ = older.LetGo(keeper); // from now on there is no way back to whoever could only read these

        try
        {
            loop.Run();
        }
        catch (Exception defect)
        {
            log.Crashed(defect);
            return 70;
        }

        // Answers first, then the end: `zd kill` must hear that it worked.
        pipe.DisposeAsync().AsTask().GetAwaiter().GetResult();
        pids.Settle();
        keeping.Dispose();
        keeper.Shutdown();
        return 0;
    }

    /// <summary>
    /// What the keeper gives back; or, when it has no record of a fleet and the last daemon of this boot did not end in order, what can be gathered without one. A daemon that
    /// was killed while it gathered leaves a part of it with the keeper: that is gathered once more.
    /// </summary>
    private (IReadOnlyDictionary<string, HeldFd> Held, IReadOnlyList<KeptWorker> Workers, Remembered? State, Remains? Gathered) WhatIsLeft(
        GiveBack given, StateFile stateFile, KeeperClient keeper, LogPaths paths, DaemonLog log)
    {
        if (FleetRecord.Find(given.Held) is { } remembered)
            return (given.Held, given.Workers, remembered, null);
        var found = stateFile.Read(setAside: true);
        foreach (var problem in found.Problems)
            log.StateFileUnreadable(problem);
        if (found.State is not { } state || !Remains.IsAbandoned(state))
        {
            KeepForResurrect(found.State, stateFile, log);
            return (given.Held, given.Workers, null, null);
        }

        var remains = Remains.Gather(state, keeper, home, paths);
        var held = new Dictionary<string, HeldFd>(given.Held);
        foreach (var (key, gathered) in remains.Held)
        {
            if (held.Remove(key, out var earlier))
                earlier.Fd.Dispose();
            held[key] = gathered;
        }

        return (held, [.. remains.Workers, .. given.Workers.ExceptBy(remains.Workers.Select(worker => worker.LaunchId), worker => worker.LaunchId)], state.State, remains);
    }

    private static void KeepForResurrect(StateOnDisk? left, StateFile stateFile, DaemonLog log)
    {
        if (left is null || left.State.Fleet.Apps.IsEmpty)
            return;
        try
        {
            stateFile.KeepForResurrect(left);
        }
        catch (IOException problem)
        {
            log.LastStateNotKept(problem.Message);
        }
    }

    /// <summary>News about workers goes to the worker host; news about ourselves is handled here.</summary>
    private static void OnKeeper(
        KeeperEvent news, KeeperClient keeper, KeeperSuccession succession, SupervisorLoop loop, RequestDesk desk, WorkerHost workers, Strangers strangers, DaemonLog log)
    {
        switch (news)
        {
            case KeeperEvent.BeatWanted:
                // Through the mailbox: only a loop that turns may say that it lives.
                loop.Post(null, keeper.Beat);
                break;
            case KeeperEvent.ShutdownRequested:
                _ = desk.Submit(null, id => new ShutdownRequested(id), null);
                break;
            case KeeperEvent.Lost:
                log.KeeperLost();
                succession.Begin();
                break;
            default:
                workers.OnKeeper(news);
                strangers.OnKeeper(news);
                break;
        }
    }

    /// <summary>SIGUSR2, as rotators that knew pm2 send it.</summary>
    private static PosixSignalRegistration ReopenOnSignal(FdPoller poller, LogFiles files, DaemonLog log)
    {
        _ = Signals.TryParse("SIGUSR2", out var number);
        return PosixSignalRegistration.Create((PosixSignal)number, signal =>
        {
            signal.Cancel = true;
            poller.Post(() => log.LogsReopened(files.ReopenAll()));
        });
    }

    private static StateOrigin Origin(int keeperPid) => new() { BootId = Machine.BootId, At = DateTimeOffset.UtcNow, KeeperPid = keeperPid };

    private static string[] Warnings(StateKeeping keeping) =>
        keeping.Problem is { } problem ? [$"the state is kept in memory only, the disk does not take it: {problem}"] : [];

    private DaemonInfo Info(GiveBack given, Remains? remains) => new()
    {
        Version = Version,
        Pid = Environment.ProcessId,
        KeeperPid = given.KeeperPid,
        Recovery = [.. remains?.Story ?? []],
        KeeperVersion = given.KeeperVersion.Length > 0 ? given.KeeperVersion : null,
        Home = home.Path,
        StartedAtMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
    };

    private void PrepareFolders()
    {
        foreach (var folder in (ReadOnlySpan<string>)[home.Logs, home.Run, home.Builds, home.Libraries])
            Directory.CreateDirectory(folder);
    }

    private static DateTimeOffset BootedAt() => DateTimeOffset.UtcNow - MonotonicClock.Now;

    private T Keep<T>(T part)
        where T : IDisposable
    {
        _parts.Push(part);
        return part;
    }
}
