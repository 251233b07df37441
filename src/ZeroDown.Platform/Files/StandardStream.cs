namespace ZeroDown.Platform;

/// <summary>stdin, stdout or stderr as a stream of bytes.</summary>
/// <remarks>
/// .NET's console is not used: it sends escape sequences to a terminal when its size or stdin is read, and it loses the error of a full disk.
/// A write never throws. The first failure is kept in <see cref="Failure"/> and announced by <see cref="Failed"/>; the command decides what it means.
/// A non-blocking descriptor (one that ssh or Node shares with us) gets all bytes too.
/// </remarks>
public sealed unsafe class StandardStream : Stream
{
    private readonly FdHandle? _handle;
    private readonly CancellationTokenSource _failed = new();
    private readonly Lock _gate = new();
    private Errno _failure;
    private Thread? _watch;

    /// <param name="handle">Null for a stream that was closed when we started.</param>
    internal StandardStream(FdHandle? handle) => _handle = handle;

    public bool IsTerminal => _handle is not null && Interop.IsATty(_handle) == 1;

    /// <summary>Columns and lines of the terminal; zeros where there is none, or it does not know.</summary>
    public (int Columns, int Rows) TerminalSize
    {
        get
        {
            WindowSize size;
            return _handle is not null && Interop.Ioctl(_handle, Constants.TIOCGWINSZ, &size) == 0 ? (size.Columns, size.Rows) : (0, 0);
        }
    }

    /// <summary>Why the first write that failed did so; <see cref="Errno.None"/> when none has.</summary>
    public Errno Failure
    {
        get
        {
            lock (_gate)
                return _failure;
        }
    }

    /// <summary>Cancelled at the first failure.</summary>
    public CancellationToken Failed => _failed.Token;

    /// <summary>From now on a reader that closes its end is a failure at once (EPIPE), and not only at the next write.</summary>
    public void WatchReader()
    {
        lock (_gate)
        {
            if (_watch is not null || _handle is null)
                return;
            _watch = new Thread(WaitForHangUp) { IsBackground = true, Name = "reader of the output" };
            _watch.Start();
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            if (_handle is null)
            {
                Fail(Errno.EBADF);
                return;
            }

            var written = FdBytes.Write(_handle, buffer);
            if (written >= 0)
            {
                buffer = buffer[written..];
            }
            else if (Errno.Last == Errno.EAGAIN)
            {
                Wait(Constants.POLLOUT);
            }
            else
            {
                Fail(Errno.Last);
                return;
            }
        }
    }

    /// <exception cref="SystemCallException">EIO: a background process may not read its terminal.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_handle is null || buffer.Length == 0)
            return 0;
        int read;
        while ((read = FdBytes.Read(_handle, buffer)) < 0)
        {
            if (Errno.Last != Errno.EAGAIN)
                throw SystemCallException.FromLast("read stdin");
            Wait(Constants.POLLIN);
        }

        return read;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is held back here.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void WaitForHangUp()
    {
        // Without interest in anything, poll(2) still tells of errors and hang-ups.
        while ((Wait(0) & (Constants.POLLERR | Constants.POLLHUP)) == 0)
        {
        }

        Fail(Errno.EPIPE);
    }

    private short Wait(short events)
    {
        var one = new PollFd { Fd = _handle!.Number, Events = events };
        return Interop.Poll(&one, 1, -1) > 0 ? one.Happened : (short)0;
    }

    private void Fail(Errno reason)
    {
        lock (_gate)
        {
            if (_failure != Errno.None)
                return;
            _failure = reason;
        }

        _failed.Cancel();
    }
}
