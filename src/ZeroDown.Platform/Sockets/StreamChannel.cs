namespace ZeroDown.Platform;

/// <summary>Our end of a byte stream to a worker (Node's IPC channel, our library's control channel), with a descriptor now and then.</summary>
/// <remarks>
/// A supervisor that is killed between two sends must not leave half a message behind: a Node worker dies of one. The kernel cuts a unix stream into pieces of
/// about 36 KiB and takes or refuses each whole; a longer message is begun only when the socket buffer has room for all of it.
/// Reading is in two steps, look and take, so that a message is taken only after its consequences are safe elsewhere. Not thread-safe.
/// </remarks>
public sealed class StreamChannel : IDisposable
{
    private const int TakenWhole = 32 * 1024;
    private const int PeekOffsetOff = -1;

    private byte[] _unsent = [];

    /// <param name="handle">Our end of a connected unix stream socket. Owned from now on.</param>
    public StreamChannel(FdHandle handle)
    {
        Handle = handle;
        handle.IsNonBlocking = true;
        PeekFrom(PeekOffsetOff); // the socket is shared with the keeper: a daemon that was killed during a look leaves its offset behind
    }

    /// <summary>For the poller and the keeper.</summary>
    public FdHandle Handle { get; }

    /// <summary>A socket pair: our end (non-blocking), and a blocking one to hand to the worker.</summary>
    public static (StreamChannel Ours, FdHandle Theirs) CreatePair()
    {
        var (ours, theirs) = NewSocket.CreatePair(Constants.SOCK_STREAM, nonBlocking: false);
        return (new StreamChannel(ours), theirs);
    }

    /// <summary>Sends the whole message, or nothing. The descriptor stays the caller's.</summary>
    /// <returns>False if there is no room now: wait until the socket is writable and send the same again.</returns>
    /// <exception cref="ChannelClosedException">The other side is gone.</exception>
    public bool TrySend(ReadOnlySpan<byte> message, params IReadOnlyList<FdHandle> fds)
    {
        if (!Flush() || !HasRoomFor(message.Length))
        {
            return false;
        }

        var sent = (int)FdChannel.Checked(RightsSocket.Send(Handle, message, [], fds));
        if (sent > 0 && sent < message.Length)
        {
            // Larger than the whole socket buffer; the rest goes first next time.
            _unsent = message[sent..].ToArray();
        }

        return sent > 0 || message.IsEmpty;
    }

    /// <summary>Sends what is left of a message that was larger than the socket buffer.</summary>
    /// <returns>True if nothing is left.</returns>
    public bool Flush()
    {
        if (_unsent.Length > 0)
        {
            _unsent = _unsent[(int)FdChannel.Checked(RightsSocket.Send(Handle, _unsent, [], []))..];
        }

        return _unsent.Length == 0;
    }

    /// <summary>Looks at the bytes that have arrived without taking them. Descriptors in the stream are not looked at.</summary>
    /// <param name="buffer">Filled from its start. If it is full there may be more than it holds: look again with a larger one.</param>
    /// <param name="count">Bytes seen; 0 unless the answer is <see cref="ReceiveOutcome.Message"/>.</param>
    /// <remarks>
    /// A receive ends behind a piece that carries descriptors (unix(7)), so a plain peek never shows what follows it. A long line whose first piece
    /// carries one would look unfinished for ever; the pieces behind it are looked at with SO_PEEK_OFF.
    /// </remarks>
    public ReceiveOutcome Peek(Span<byte> buffer, out int count)
    {
        var outcome = Receive(buffer, [], Constants.MSG_PEEK, 0, out count);
        if (outcome != ReceiveOutcome.Message || !OperatingSystem.IsLinux() || count >= Math.Min(buffer.Length, Handle.BytesWaiting))
        {
            return outcome;
        }

        PeekFrom(count);
        while (count < buffer.Length && Receive(buffer[count..], [], Constants.MSG_PEEK, 0, out var more) == ReceiveOutcome.Message)
        {
            count += more;
        }

        PeekFrom(PeekOffsetOff);
        return outcome;
    }

    /// <summary>Takes bytes that were looked at before. Descriptors that a worker sent along are closed.</summary>
    /// <remarks>In one call, where no descriptor lies between: one that is killed in the middle would leave the rest of a line to its successor.</remarks>
    public void Consume(int count)
    {
        List<FdHandle> fds = [];
        Span<byte> scratch = stackalloc byte[64 * 1024];
        while (count > 0)
        {
            if (Receive(scratch[..Math.Min(count, scratch.Length)], fds, 0, ControlMessage.BufferSize, out var taken) != ReceiveOutcome.Message)
            {
                break;
            }

            count -= taken;
        }

        fds.ForEach(fd => fd.Dispose());
    }

    public void Dispose() => Handle.Dispose();

    private void PeekFrom(int offset)
    {
        if (OperatingSystem.IsLinux())
        {
            Handle.SetOption(Constants.SOL_SOCKET, Constants.SO_PEEK_OFF, offset);
        }
    }

    private unsafe bool HasRoomFor(int length)
    {
        if (length <= TakenWhole || !OperatingSystem.IsLinux())
        {
            return true;
        }

        int queued, size;
        var sizeLength = (uint)sizeof(int);
        return Interop.Ioctl(Handle, Constants.TIOCOUTQ, &queued) != 0 ||
            Interop.GetSockOpt(Handle, Constants.SOL_SOCKET, Constants.SO_SNDBUF, &size, &sizeLength) != 0 ||
            queued == 0 || queued + (length * 5L / 4) < size;
    }

    private ReceiveOutcome Receive(Span<byte> buffer, List<FdHandle> fds, int flags, int controlSize, out int count)
    {
        var received = RightsSocket.Receive(Handle, buffer, fds, flags, out _, controlSize);
        count = (int)Math.Max(0, received);
        return received > 0 ? ReceiveOutcome.Message : FdChannel.NothingBecause(received);
    }
}
