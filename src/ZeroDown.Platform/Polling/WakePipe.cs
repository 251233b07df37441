namespace ZeroDown.Platform;

/// <summary>Gets a thread out of epoll_wait or poll: one byte in a pipe. Ringing twice is ringing once.</summary>
internal sealed unsafe class WakePipe : IDisposable
{
    private readonly FdHandle _writeEnd;
    private int _rung;

    internal WakePipe() => (ReadEnd, _writeEnd) = Pipes.Create(nonBlocking: true);

    internal FdHandle ReadEnd { get; }

    internal void Ring()
    {
        if (Interlocked.Exchange(ref _rung, 1) == 0)
        {
            byte one = 1;
            try
            {
                _ = Interop.Write(_writeEnd, &one, 1);
            }
            catch (ObjectDisposedException)
            {
                // The thread that was to be woken has ended; nobody is left to hear it.
            }
        }
    }

    internal void Hush()
    {
        byte one;
        _ = Interop.Read(ReadEnd, &one, 1);

        // After the read: a ring before it is answered by the work that follows, a ring after it writes a new byte. A full fence, because a processor that only stored this might
        // do that work's first look before others see the store: a ring in between would write nothing, and what it rang for not be looked at.
        _ = Interlocked.Exchange(ref _rung, 0);
    }

    public void Dispose()
    {
        ReadEnd.Dispose();
        _writeEnd.Dispose();
    }
}
