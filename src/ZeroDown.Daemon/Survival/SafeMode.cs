using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;
using ZeroDown.Daemon.Rpc;
using ZeroDown.Daemon.Workers;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Survival;

/// <summary>
/// What a daemon does after its predecessors have failed several times in a row: nothing that could have been the reason. It keeps what runs, brings output to the logs,
/// answers questions, and refuses to change anything. Exits stay with the keeper, for a daemon that can make something of them.
/// </summary>
/// <remarks>
/// After a while it leaves, and the next daemon tries again: a full disk or a lack of memory passes, and a worker that dies now is not started again. The wait is long
/// enough that a daemon which fails each time costs next to nothing.
/// </remarks>
internal sealed class SafeMode(HomeFolder home, KeeperClient keeper, DaemonLog log) : IDisposable
{
    /// <summary>How many daemons have to fail one after the other.</summary>
    public const int After = 3;

    private static readonly TimeSpan Lasts =
        int.TryParse(Environment.GetEnvironmentVariable("ZD_SAFE_MODE_MS"), System.Globalization.CultureInfo.InvariantCulture, out var shorter)
            ? TimeSpan.FromMilliseconds(shorter)
            : TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _over = new();
    private readonly FdPoller _poller = new("zd output", log.CallbackFailed);
    private readonly StateFile _stateFile = new(home);
    private FleetState _fleet = FleetState.Empty;

    /// <summary>What the last daemon wrote down; null if there is nothing that can be read.</summary>
    private Remembered? _remembered;

    /// <summary>Keeper and daemon were killed both, and none since has gathered all that they left.</summary>
    private StateOnDisk? _ungathered;
    private string? _unreadable;
    private bool _isEnd;

    /// <returns>The daemon's exit code.</returns>
    public int Run(Func<DaemonInfo> info)
    {
        var until = DateTimeOffset.Now + Lasts;
        var given = keeper.GiveBack;
        var what = $"{given.Failures} daemons failed in a row, so this one is in safe mode until {until:HH:mm}: what runs is kept and its output goes to the logs, but nothing is started, "
            + $"stopped or changed, and who exits stays down. {home.DaemonLog} and {home.KeeperLog} say why they failed";
        log.SafeMode(what);

        var paths = new LogPaths(home.Logs);
        var logDesk = new LogDesk(paths, home.DaemonLog, _poller.Post);
        log.Followers = logDesk.PublishDaemonLine;
        ReadFleet(given);
        ReadOutput(given, new OutputPump(_poller, logDesk, new LogFiles(log), home.Run));
        var updates = new UpdateDesk(keeper, act => ThreadPool.QueueUserWorkItem(_ => act()), log);
        keeper.Start(news => Hear(news, updates));

        var pids = new PidFiles(home.Pids, log);
        var usage = new UsageMeter();
        var views = new FleetViews(() => DateTimeOffset.UtcNow - MonotonicClock.Now, usage.Read, (spec, id) => SlotFiles.Of(spec, id, paths, pids), _ => null);
        File.Delete(home.Pipe);
        var pipe = DaemonListener.Start(
            home,
            client => new SafeService(() => _fleet, views, logDesk, updates, () => info() with { Warnings = [what, .. _unreadable is { } problem ? [problem] : Array.Empty<string>()] }, what, End, client),
            problem => log.ClientFailed(problem.Message));
        keeper.Ready(tookOver: false);

        _over.Wait(Lasts);
        pipe.DisposeAsync().AsTask().GetAwaiter().GetResult();
        if (_isEnd)
        {
            MarkEnded();
            if (_ungathered is { } left)
                Remains.GiveWorkers(left, keeper, paths); // or nobody would ever end them
            keeper.Shutdown();
        }

        log.SafeModeOver(_isEnd);
        return 0;
    }

    public void Dispose()
    {
        _poller.Dispose();
        _over.Dispose();
    }

    private void End()
    {
        _isEnd = true;
        _over.Set();
    }

    private void ReadFleet(GiveBack given)
    {
        try
        {
            _remembered = FleetRecord.Find(given.Held);
            if (_remembered is null && _stateFile.Read(setAside: false).State is { } left && Remains.IsAbandoned(left))
                _ungathered = left;
            _fleet = (_remembered ?? _ungathered?.State)?.Fleet ?? FleetState.Empty;
        }
        catch (UnreadableStateException problem)
        {
            _unreadable = $"which workers there are cannot be read: {problem.Message}";
        }

        foreach (var gone in given.Workers.Where(worker => worker.State is KeptState.Exited or KeptState.Failed))
            Strike(gone.LaunchId);
        if (_ungathered is { } ungathered)
        {
            var living = Remains.Living(ungathered).ToHashSet();
            foreach (var gone in _fleet.Apps.SelectMany(app => app.Workers.Keys).Where(worker => !living.Contains(worker)).ToList())
                Strike(gone);
        }
    }

    /// <summary>What failed three times must not come back at the next start.</summary>
    private void MarkEnded()
    {
        try
        {
            foreach (var problem in _stateFile.MarkEnded(_remembered))
                log.StateFileUnreadable(problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            log.EndNotOnDisk(problem.Message);
        }
    }

    /// <summary>Off the picture, not off the record.</summary>
    private void Strike(long number)
    {
        lock (_lock)
        {
            _fleet = _fleet with
            {
                Apps = [.. _fleet.Apps.Select(app => app.Workers.ContainsKey(number)
                    ? app with
                    {
                        Workers = app.Workers.Remove(number),
                        Slots = [.. app.Slots.Select(slot => slot.Current?.Number == number ? slot with { Current = null, Phase = WorkerPhase.Stopped } : slot)],
                    }
                    : app)],
            };
        }
    }

    private static void ReadOutput(GiveBack given, OutputPump pump)
    {
        var notes = given.Workers.ToDictionary(worker => worker.LaunchId, worker => WorkerNote.Read(worker.Note.Span)?.Output);
        foreach (var (key, held) in given.Held.Where(held => held.Value.Kind == HoldKind.Output))
        {
            // Nobody knows where it should go: better read and dropped than a worker that stands still in its print.
            if (HoldKeys.WorkerOf(key) is { } number)
                _ = pump.GoOn(new WorkerId(number), notes.GetValueOrDefault(number) ?? OutputCourse.Nowhere, key == HoldKeys.Of(number, HoldKeys.Error), held.Fd, held.DiscardedBytes, () => { });
        }
    }

    private void Hear(KeeperEvent news, UpdateDesk updates)
    {
        switch (news)
        {
            case KeeperEvent.BeatWanted:
                keeper.Beat();
                break;
            case KeeperEvent.Exited exited:
                Strike(exited.LaunchId);
                break;
            case KeeperEvent.Updated updated:
                updates.Hear(updated.Note);
                break;
            case KeeperEvent.ShutdownRequested:
                End();
                break;
            case KeeperEvent.Lost:
                log.KeeperLost();
                ThreadPool.QueueUserWorkItem(_ => Succeed());
                break;
            default:
                break; // answers to orders that we do not give
        }
    }

    private void Succeed()
    {
        while (keeper.StartSuccessor(home.Path) is { } problem)
        {
            log.KeeperNotReplaced(problem, TimeSpan.FromSeconds(1));
            Thread.Sleep(TimeSpan.FromSeconds(1));
        }

        log.KeeperReplaced();
        Environment.Exit(0);
    }
}
