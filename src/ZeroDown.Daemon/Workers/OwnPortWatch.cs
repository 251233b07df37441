using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// Looks on which ports starting workers listen by themselves: one look for all of them, quickly after one has begun to start, then four
/// times a second. It rests while no worker waits for that.
/// </summary>
internal sealed class OwnPortWatch : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly Func<IReadOnlyList<Worker>> _waiting;
    private readonly Action<IReadOnlyList<Worker>> _look;
    private readonly Action<Exception> _failed;
    private readonly Timer _timer;
    private TimeSpan _pause;
    private bool _runs;

    /// <param name="waiting">The workers that wait for a look now.</param>
    /// <param name="look">Looks once, for all of them, and posts what is news.</param>
    /// <param name="failed">Told why a look could not be taken; the next one comes all the same.</param>
    public OwnPortWatch(Func<IReadOnlyList<Worker>> waiting, Action<IReadOnlyList<Worker>> look, Action<Exception> failed)
    {
        (_waiting, _look, _failed) = (waiting, look, failed);
        _timer = new Timer(_ => Tick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>One more worker waits.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            _pause = FirstPause;
            if (!_runs)
                After(_pause);
            _runs = true;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Tick()
    {
        bool some;
        try
        {
            var workers = _waiting();
            some = workers.Count > 0;
            if (some)
                _look(workers);
        }
        catch (Exception problem) // on a thread of the pool nothing may pass: it would end the daemon
        {
            _failed(problem);
            some = true;
        }

        lock (_gate)
        {
            // One that began meanwhile made the pause short again.
            _runs = some || _pause == FirstPause;
            if (!_runs)
                return;
            After(_pause);
            _pause = _pause * 1.5 < LongestPause ? _pause * 1.5 : LongestPause;
        }
    }

    private void After(TimeSpan pause)
    {
        try
        {
            _timer.Change(pause, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The daemon ends.
        }
    }
}
