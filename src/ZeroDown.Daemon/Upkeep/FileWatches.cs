using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;
using ZeroDown.Daemon.Workers;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Upkeep;

/// <summary>
/// One <see cref="FileWatch"/> per app that wants it, and one thread for all of them that does not exist before the first. Looking through
/// folders takes time, so watches come and go beside the loop, one after the other.
/// </summary>
internal sealed class FileWatches(
    string home, LogPaths logs, Func<FleetState> fleet, Action<AppName, Func<MemoryFacts?, SupervisorEvent>> post, DaemonLog log) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<AppName, (FileWatch Watch, Wish Wish)> _watches = [];
    private Dictionary<AppName, Wish> _wanted = [];
    private FdPoller? _poller;
    private Task _work = Task.CompletedTask;
    private bool _disposed;

    /// <summary>Takes up what the apps say now; on the loop's thread.</summary>
    public void Follow(FleetState now)
    {
        var wanted = now.Apps
            .Where(app => app is { Deleting: false, Spec.Upkeep.Watch.Enabled: true })
            .ToDictionary(app => app.Spec.Name, app => new Wish(app.Spec.Upkeep.Watch!, app.Spec.Launch.RunAs, WorkerUser.RightsOf(app.Spec)));
        lock (_lock)
        {
            if (_disposed || (wanted.Count == _wanted.Count && wanted.All(one => _wanted.TryGetValue(one.Key, out var known) && known.IsSame(one.Value))))
                return;
            _wanted = wanted;
            _work = _work.ContinueWith(_ => Apply(), TaskScheduler.Default);
        }
    }

    public void Dispose()
    {
        lock (_lock)
            _disposed = true;
        _work.Wait();
        foreach (var (watch, _) in _watches.Values)
            watch.Dispose();
        _poller?.Dispose();
    }

    private void Apply()
    {
        Dictionary<AppName, Wish> wanted;
        lock (_lock)
        {
            if (_disposed)
                return;
            wanted = _wanted;
        }

        foreach (var (app, (watch, known)) in _watches.ToList())
        {
            if (wanted.TryGetValue(app, out var wish) && wish.IsSame(known))
                continue;
            _watches.Remove(app);
            watch.Dispose();
            if (wish is null)
                log.WatchStopped(app.Value);
        }

        foreach (var (app, wish) in wanted)
        {
            if (!_watches.ContainsKey(app))
                Begin(app, wish);
        }
    }

    private void Begin(AppName app, Wish wish)
    {
        _poller ??= new FdPoller("zd file watch", log.CallbackFailed);
        try
        {
            var watch = new FileWatch(
                wish.Rule, wish.Rights, home, _poller, path => IsOurs(app, path),
                path => post(app, memory => new FilesChanged(app, path, memory)),
                problem => log.WatchFailed(app.Value, problem));
            _watches[app] = (watch, wish);
            log.WatchStarted(app.Value, watch.Folders);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            log.WatchFailed(app.Value, $"its files are not watched: {problem.Message}");
        }
    }

    private bool IsOurs(AppName name, string path)
    {
        if (fleet().Find(name) is not { } app)
            return false;
        foreach (var slot in app.Slots)
        {
            if (logs.All(app.Spec, slot.PmId).Contains(path))
                return true;
        }

        return false;
    }

    /// <param name="Rule">What to watch.</param>
    /// <param name="RunAs">As whom the app runs.</param>
    /// <param name="Rights">The same, as the kernel's calls take it.</param>
    private sealed record Wish(WatchRule Rule, RunAs? RunAs, FileUser? Rights)
    {
        public bool IsSame(Wish other) => Rule == other.Rule && RunAs == other.RunAs;
    }
}
