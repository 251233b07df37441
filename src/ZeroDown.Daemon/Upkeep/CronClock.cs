using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon.Upkeep;

/// <summary>Posts <see cref="CronCame"/> when the moment of an app's schedule has come. What is done then is the core's to say.</summary>
internal sealed class CronClock : IDisposable
{
    /// <summary>A timer may ring a little early; asking again at once would spin.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(5);

    private readonly Lock _lock = new();
    private readonly CronCalendar _calendar = new(TimeZoneInfo.Local);
    private readonly Dictionary<AppName, string> _patterns = [];
    private readonly Action<AppName, Func<MemoryFacts?, SupervisorEvent>> _post;
    private readonly DaemonLog _log;
    private readonly Timer _timer;
    private DateTimeOffset? _since;

    /// <param name="since">Moments since then are nobody's yet: the last daemon was gone.</param>
    /// <param name="post">Posts an occasion of an app, with what the core must know of the machine.</param>
    /// <param name="log">Says when a schedule comes and goes.</param>
    public CronClock(DateTimeOffset? since, Action<AppName, Func<MemoryFacts?, SupervisorEvent>> post, DaemonLog log)
    {
        (_since, _post, _log) = (since, post, log);
        _timer = new Timer(_ => Ring(), null, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Takes up what the apps say now.</summary>
    public void Follow(FleetState fleet)
    {
        lock (_lock)
        {
            var changed = false;
            foreach (var app in fleet.Apps)
                changed |= Follow(app.Spec.Name, app.Deleting ? null : app.Spec.Upkeep.Cron);
            foreach (var gone in _patterns.Keys.Where(name => fleet.Find(name) is null).ToList())
                changed |= Follow(gone, null);
            _since = null;
            if (changed)
                Arm();
        }
    }

    public void Dispose() => _timer.Dispose();

    private bool Follow(AppName app, string? pattern)
    {
        var known = _patterns.GetValueOrDefault(app);
        if (known == pattern)
            return false;
        if (pattern is null)
        {
            _patterns.Remove(app);
            _calendar.Remove(app);
            _log.CronRemoved(app.Value);
        }
        else
        {
            _patterns[app] = pattern;
            _calendar.Set(app, pattern, _since ?? DateTimeOffset.UtcNow);
            if (_calendar.NextOf(app) is { } next)
                _log.CronRegistered(app.Value, pattern, next.ToLocalTime());
        }

        return true;
    }

    private void Ring()
    {
        List<(AppName App, string Pattern)> due;
        lock (_lock)
        {
            due = _calendar.TakeDue(DateTimeOffset.UtcNow);
            Arm();
        }

        foreach (var (app, pattern) in due)
            _post(app, memory => new CronCame(app, pattern, memory));
    }

    private void Arm()
    {
        if (_calendar.Pause(DateTimeOffset.UtcNow) is not { } pause)
            _timer.Change(Timeout.Infinite, Timeout.Infinite);
        else
            _timer.Change(pause > ShortestPause ? pause : ShortestPause, Timeout.InfiniteTimeSpan);
    }
}
