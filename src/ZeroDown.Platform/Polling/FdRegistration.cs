namespace ZeroDown.Platform;

/// <summary>One watched descriptor of an <see cref="FdPoller"/>. Dispose to stop watching, from any thread, as often as you like.</summary>
/// <remarks>After Dispose no callback begins any more; when called from another thread than the poller's, one that is already running may still be finishing.</remarks>
public sealed class FdRegistration : IDisposable
{
    private readonly FdPoller _poller;
    private int _disposed;

    internal FdRegistration(FdPoller poller, long id, FdHandle fd, Action<FdEvents> callback)
    {
        _poller = poller;
        Id = id;
        Fd = fd;
        Number = fd.Number;
        Callback = callback;
    }

    internal long Id { get; }

    internal FdHandle Fd { get; }

    /// <summary>Stays open as long as this registration lives, also when the owner disposes the handle meanwhile.</summary>
    internal int Number { get; }

    internal Action<FdEvents> Callback { get; }

    /// <summary>Starts what <see cref="FdPoller.Prepare"/> has prepared; once.</summary>
    public void Begin(FdInterest interest) => _poller.Begin(this, interest);

    /// <summary>Replaces the interest. A condition that already holds is told at once.</summary>
    public void Change(FdInterest interest)
    {
        if (Volatile.Read(ref _disposed) == 0)
        {
            _poller.Change(this, interest);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _poller.Remove(this);
        }
    }
}

/// <summary>What to be told. Errors and hang-ups are always told.</summary>
[Flags]
public enum FdInterest
{
    None = 0,
    Read = 1,
    Write = 2,

    /// <summary>
    /// Together with the others: tell each thing once, again when more of it happens (further bytes), and after each <see cref="FdRegistration.Change"/> (edge-triggered).
    /// Only epoll can; elsewhere it is ignored.
    /// </summary>
    NewsOnly = 4,
}

/// <summary>What is so, right now.</summary>
[Flags]
public enum FdEvents
{
    None = 0,
    Readable = 1,
    Writable = 2,

    /// <summary>An error waits on it (EPOLLERR); for the write end of a pipe: no reader is left.</summary>
    Error = 4,

    /// <summary>The other side is gone (EPOLLHUP). What it had written before is still to be read. On a TCP listener: somebody called shutdown(2) on it.</summary>
    HangUp = 8,
}
