using ZeroDown.Core.Supervision;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// Looks, through the keeper, whether a starting worker watches every listener that it was given, and says so once. The
/// kernel has no event for "somebody added this socket to an epoll set", so this is the one place that looks again and again:
/// quickly at first, because most servers are up in a few tens of milliseconds, then four times a second.
/// </summary>
internal sealed class ListeningWatch : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a worker must live with the sockets where the system does not let us look.</summary>
    private static readonly TimeSpan TakenForGranted = TimeSpan.FromSeconds(2);

    private readonly WorkerId _worker;
    private readonly Action _look;
    private readonly Action<SupervisorEvent> _post;
    private readonly Action<string> _notVisible;
    private readonly TimeSpan _began = MonotonicClock.Now;
    private readonly Timer _timer;
    private TimeSpan _pause = FirstPause;
    private volatile bool _done;

    /// <param name="worker">Whom to watch.</param>
    /// <param name="look">Asks the keeper once; the answer comes to <see cref="Seen"/>.</param>
    /// <param name="post">Where the news goes.</param>
    /// <param name="notVisible">Told why, when listening had to be taken for granted.</param>
    public ListeningWatch(WorkerId worker, Action look, Action<SupervisorEvent> post, Action<string> notVisible)
    {
        _worker = worker;
        _look = look;
        _post = post;
        _notVisible = notVisible;
        _timer = new Timer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Looks for the first time. Not before whoever passes the answers on knows this object.</summary>
    public void Begin() => After(TimeSpan.Zero);

    /// <summary>Armed again before anybody has answered: a keeper that cannot, or is replaced just then, costs one pause and not the worker's readiness.</summary>
    private void Look()
    {
        if (_done)
            return;
        After(LongestPause);
        _look();
    }

    /// <summary>The keeper's answer, one sight per listener.</summary>
    public void Seen(IReadOnlyList<WatchState> sights)
    {
        if (_done || sights.Count == 0)
            return;

        var visible = sights.All(sight => sight == WatchState.Watched);
        var hidden = !visible
            && sights.All(sight => sight is WatchState.Watched or WatchState.Unreadable)
            && MonotonicClock.Now - _began >= TakenForGranted;
        if (visible || hidden)
        {
            _done = true;
            if (hidden)
                _notVisible("reading /proc of the worker is not permitted; it has lived with its sockets for 2 s");
            _post(new WorkerListens(_worker, hidden));
            return;
        }

        _pause = _pause * 1.5 < LongestPause ? _pause * 1.5 : LongestPause;
        After(_pause);
    }

    private void After(TimeSpan pause)
    {
        try
        {
            _timer.Change(pause, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The worker was forgotten meanwhile.
        }
    }

    public void Dispose() => _timer.Dispose();
}
