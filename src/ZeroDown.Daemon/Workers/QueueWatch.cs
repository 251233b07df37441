using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>Looks again and again whether a queue is empty, and says so once: the kernel has no event for that.</summary>
internal sealed class QueueWatch : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Func<bool> _isEmpty;
    private readonly Action _say;
    private readonly Timer _timer;

    /// <param name="notBefore">CLOCK_MONOTONIC of the first look.</param>
    /// <param name="isEmpty">Looks.</param>
    /// <param name="say">Says it.</param>
    public QueueWatch(TimeSpan notBefore, Func<bool> isEmpty, Action say)
    {
        (_isEmpty, _say) = (isEmpty, say);
        _timer = new Timer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var wait = notBefore - MonotonicClock.Now;
        After(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        // Armed before: a look that fails is not the last.
        After(Pause);
        if (!_isEmpty())
            return;
        After(Timeout.InfiniteTimeSpan);
        _say();
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
}
