using System.Buffers.Binary;

namespace ZeroDown.Platform;

/// <summary>Messages with file descriptors between two processes of ours (keeper and daemon): whole, in order, never half.</summary>
/// <remarks>
/// Linux: SOCK_SEQPACKET, so the kernel keeps the borders, and a message is taken whole or not at all (EAGAIN). A packet must fit into SO_SNDBUF, so a body
/// above <see cref="InlineLimit"/> travels as a memfd. macOS has no SOCK_SEQPACKET for unix sockets: there the same header frames a byte stream.
/// One sendmsg per message; nothing is queued here: when <see cref="TrySend"/> says no, the caller keeps the message and waits for <see cref="FdInterest.Write"/>.
/// Not thread-safe: one sender and one receiver at a time (they may be different threads).
/// </remarks>
public sealed class FdChannel : IDisposable
{
    /// <summary>Descriptors in one message; one of the kernel's 253 is kept for a large body.</summary>
    public const int MaxFds = ControlMessage.MaxFds - 1;

    /// <summary>Bodies up to this size (bytes) travel in the packet itself.</summary>
    internal const int InlineLimit = 32 * 1024;

    /// <summary>A message above this (bytes) is a bug or an attack.</summary>
    private const int MaxBody = 64 * 1024 * 1024;

    /// <summary>u32 length of the body, u8 1 if the body is in the last descriptor, u8 number of descriptors, 2 bytes zero; little-endian.</summary>
    private const int HeaderSize = 8;

    private readonly bool _framed;
    private readonly List<FdHandle> _arrivedFds = [];
    private readonly byte[] _packet = new byte[HeaderSize + InlineLimit];
    private int _arrived;
    private byte[] _unsent = [];

    /// <param name="handle">A connected unix socket that <c>CreatePair</c> made, here or in the process that handed it to us. Owned from now on.</param>
    public FdChannel(FdHandle handle)
        : this(handle, OperatingSystem.IsMacOS())
    {
    }

    internal FdChannel(FdHandle handle, bool framed)
    {
        Handle = handle;
        _framed = framed;
        handle.IsNonBlocking = true;
    }

    /// <summary>For the poller, and for handing this end to a child.</summary>
    public FdHandle Handle { get; }

    public static (FdChannel One, FdChannel Other) CreatePair() => CreatePair(OperatingSystem.IsMacOS());

    internal static (FdChannel One, FdChannel Other) CreatePair(bool framed)
    {
        var (one, other) = NewSocket.CreatePair(framed ? Constants.SOCK_STREAM : Constants.SOCK_SEQPACKET, nonBlocking: true);
        return (new FdChannel(one, framed), new FdChannel(other, framed));
    }

    /// <summary>Sends one message, whole, without waiting. The descriptors stay the caller's; the other side gets duplicates.</summary>
    /// <returns>False if the socket has no room: nothing was sent, try again when it is writable.</returns>
    /// <exception cref="ChannelClosedException">The other side is gone.</exception>
    public bool TrySend(ReadOnlySpan<byte> body, params IReadOnlyList<FdHandle> fds)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fds.Count, MaxFds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(body.Length, MaxBody);
        if (!Flush())
        {
            return false;
        }

        var apart = body.Length > InlineLimit && !_framed;
        Span<byte> header = stackalloc byte[HeaderSize];
        BinaryPrimitives.WriteInt32LittleEndian(header, body.Length);
        header[4] = apart ? (byte)1 : (byte)0;
        header[5] = (byte)(fds.Count + header[4]);
        if (!apart)
        {
            return Send(header, body, fds);
        }

        using var carrier = MemoryFile.Holding(body);
        return Send(header, [], [.. fds, carrier]);
    }

    /// <summary>Sends what a byte stream (macOS) took only the first half of. Call it when the socket is writable; on Linux there is never anything.</summary>
    /// <returns>True if nothing is left.</returns>
    public bool Flush()
    {
        if (_unsent.Length > 0)
        {
            var sent = Checked(RightsSocket.Send(Handle, _unsent, [], []));
            _unsent = _unsent[(int)sent..];
        }

        return _unsent.Length == 0;
    }

    /// <summary>Receives one message without waiting.</summary>
    /// <exception cref="InvalidDataException">A message arrived that is not of our making, or without its descriptors because this process has no free ones (EMFILE).</exception>
    /// <param name="message">What came.</param>
    /// <param name="alsoWithoutFds">A message that has lost its descriptors is worth having: who sent it waits for an answer.</param>
    public ReceiveOutcome TryReceive(out FdMessage? message, bool alsoWithoutFds = false)
    {
        message = null;
        var outcome = _framed ? ReceiveFramed() : ReceivePacket();
        if (outcome != ReceiveOutcome.Message)
        {
            return outcome;
        }

        var (length, apart, fdCount) = Header;
        var fds = _arrivedFds.ToArray();
        _arrivedFds.Clear();
        var arrived = _arrived;
        _arrived = 0;
        if (length < 0 || length > MaxBody || fds.Length != fdCount || (!apart && arrived != HeaderSize + length))
        {
            Array.ForEach(fds, fd => fd.Dispose());
            if (alsoWithoutFds && !apart && length >= 0 && fds.Length < fdCount && arrived == HeaderSize + length)
            {
                message = new FdMessage(_large ?? _packet.AsSpan(HeaderSize, length).ToArray(), []) { LostFds = true };
                _large = null;
                return outcome;
            }

            throw new InvalidDataException(fds.Length < fdCount
                ? $"a message lost {fdCount - fds.Length} of its {fdCount} descriptors on the way in: this process may have too many open files"
                : $"a message of {arrived} bytes does not match its header (length {length}, descriptors {fdCount})");
        }

        if (!apart)
        {
            message = new FdMessage(_large ?? _packet.AsSpan(HeaderSize, length).ToArray(), fds);
            _large = null;
            return outcome;
        }

        using var carrier = fds[^1];
        message = new FdMessage(MemoryFile.Read(carrier, length), fds[..^1]);
        return outcome;
    }

    public void Dispose()
    {
        _arrivedFds.ForEach(fd => fd.Dispose());
        _arrivedFds.Clear();
        Handle.Dispose();
    }

    /// <summary>The body of a framed message that is too large for <see cref="_packet"/>.</summary>
    private byte[]? _large;

    private (int Length, bool Apart, int FdCount) Header => (BinaryPrimitives.ReadInt32LittleEndian(_packet), _packet[4] == 1, _packet[5]);

    private bool Send(ReadOnlySpan<byte> header, ReadOnlySpan<byte> body, IReadOnlyList<FdHandle> fds)
    {
        var sent = (int)Checked(RightsSocket.Send(Handle, header, body, fds));
        if (sent == 0)
        {
            return false;
        }

        if (sent < header.Length + body.Length)
        {
            _unsent = [.. header[Math.Min(sent, HeaderSize)..], .. body[Math.Max(0, sent - HeaderSize)..]];
        }

        return true;
    }

    /// <summary>0 instead of an errno that means "no room now".</summary>
    internal static nint Checked(nint sent)
    {
        if (sent >= 0)
        {
            return sent;
        }

        // ETOOMANYREFS: more descriptors are under way in sockets than RLIMIT_NOFILE allows us; it passes when the other side reads. ENOMEM: a control group's limit; it passes too.
        var errno = Errno.Last;
        return errno == Errno.EAGAIN || errno == Errno.ENOBUFS || errno == Errno.ENOMEM || errno == Errno.ETOOMANYREFS ? 0
            : errno == Errno.EPIPE || errno == Errno.ECONNRESET || errno == Errno.ENOTCONN ? throw new ChannelClosedException(errno)
            : throw new SystemCallException("sendmsg", errno);
    }

    private ReceiveOutcome ReceivePacket()
    {
        var received = RightsSocket.Receive(Handle, _packet, _arrivedFds, 0, out _);
        _arrived = (int)Math.Max(0, received);
        return received >= HeaderSize ? ReceiveOutcome.Message : received > 0 ? throw new InvalidDataException($"a packet of {received} bytes is not ours") : NothingBecause(received);
    }

    /// <summary>First exactly the header, because the descriptors hang on its first byte, then exactly the body.</summary>
    private ReceiveOutcome ReceiveFramed()
    {
        while (true)
        {
            var wanted = _arrived < HeaderSize ? HeaderSize : HeaderSize + Header.Length;
            if (_arrived >= HeaderSize && _arrived == wanted)
            {
                return ReceiveOutcome.Message;
            }

            var received = RightsSocket.Receive(Handle, Room(wanted), _arrivedFds, 0, out _);
            if (received <= 0)
            {
                return NothingBecause(received);
            }

            _arrived += (int)received;
        }
    }

    private Span<byte> Room(int wanted)
    {
        if (wanted <= _packet.Length && wanted >= HeaderSize)
        {
            return _packet.AsSpan(_arrived, wanted - _arrived);
        }

        if (wanted < HeaderSize || wanted - HeaderSize > MaxBody)
        {
            throw new InvalidDataException($"a header that claims {wanted - HeaderSize} bytes is not ours");
        }

        _large ??= new byte[wanted - HeaderSize];
        return _large.AsSpan(_arrived - HeaderSize);
    }

    internal static ReceiveOutcome NothingBecause(nint received)
    {
        if (received == 0)
        {
            return ReceiveOutcome.Closed;
        }

        // ECONNRESET: the other side closed with unread messages of ours in its queue.
        var errno = Errno.Last;
        return errno == Errno.EAGAIN || errno == Errno.ENOMEM ? ReceiveOutcome.Empty : errno == Errno.ECONNRESET ? ReceiveOutcome.Closed : throw new SystemCallException("recvmsg", errno);
    }
}

/// <summary>The process at the other end of a channel has closed it or is gone.</summary>
public sealed class ChannelClosedException(Errno errno) : IOException($"the other side of the channel is gone: {errno}")
{
    public Errno Errno { get; } = errno;
}
