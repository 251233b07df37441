using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

/// <summary>A listening socket that outlives the workers which accept from it.</summary>
/// <remarks>
/// <para>The socket is shared: non-blocking mode, backlog and linger that one worker sets are every worker's, and one that calls shutdown(2) kills it for all.
/// <see cref="Reassert"/> and <see cref="Relisten"/> repair that. It is never wrapped in a .NET <c>Socket</c>, whose Dispose does exactly such things.</para>
/// <para>TCP: a second socket may later stand beside this one, which needs SO_REUSEPORT in both. Set before bind it would also let a second daemon of the same
/// user share the port without a word, so it is set between bind (which is therefore exclusive) and listen.</para>
/// <para>Unix: see <see cref="SocketFile"/>.</para>
/// </remarks>
public sealed class ListenerSocket : IDisposable
{
    private readonly SocketFile? _file;

    private readonly FileUser? _rights;

    private ListenerSocket(FdHandle handle, ListenAddress? asked, FileUser? rights)
    {
        Handle = handle;
        _rights = rights;
        var name = SocketName.Of(handle);
        var dualStack = name.Family == Constants.AF_INET6 && handle.GetOption(Constants.IPPROTO_IPV6, Constants.IPV6_V6ONLY) == 0;
        LocalAddress = name.ToAddress(dualStack);
        if (handle.GetOption(Constants.SOL_SOCKET, Constants.SO_TYPE) == Constants.SOCK_DGRAM && LocalAddress is ListenAddress.Tcp bound)
        {
            LocalAddress = new ListenAddress.Udp(bound.Address, bound.Port, dualStack, (asked as ListenAddress.Udp)?.Reuse ?? false);
        }

        if (LocalAddress is ListenAddress.Unix unix)
        {
            LocalAddress = unix with { Mode = (asked as ListenAddress.Unix)?.Mode };
        }

        _file = SocketFile.Of(LocalAddress);
    }

    /// <summary>For the poller (a listener that somebody shut down hangs up), the launcher and the keeper.</summary>
    public FdHandle Handle { get; }

    /// <summary>The socket's inode, by which /proc knows it; 0 on macOS.</summary>
    public long Inode => (long)(FileStatus.Of(Handle)?.Inode ?? 0);

    /// <summary>With the real port where 0 was asked for.</summary>
    public ListenAddress LocalAddress { get; }

    /// <summary>UDP: there is nothing to listen for, to queue and to revive.</summary>
    public bool IsDatagram => LocalAddress is ListenAddress.Udp;

    public bool IsUnix => LocalAddress is ListenAddress.Unix;

    /// <summary>The mode that the last worker left (shared by all). Blocking when new, as systemd hands them out.</summary>
    public bool IsNonBlocking => Handle.IsNonBlocking;

    /// <summary>False after some process called shutdown(2), or connect(AF_UNSPEC), on it: connections are refused from then on.</summary>
    public unsafe bool IsAlive
    {
        get
        {
            if (IsDatagram)
            {
                return true;
            }

            if (Handle.GetOption(Constants.SOL_SOCKET, Constants.SO_ACCEPTCONN) == 0)
            {
                return false;
            }

            // A unix socket stays in its listening state when it is shut down, but hangs up.
            var one = new PollFd { Events = OperatingSystem.IsLinux() ? Constants.POLLRDHUP : (short)0 };
            var referenced = false;
            Handle.DangerousAddRef(ref referenced);
            one.Fd = Handle.Number;
            _ = Interop.Poll(&one, 1, 0);
            Handle.DangerousRelease();
            return !IsUnix || (one.Happened & (Constants.POLLHUP | Constants.POLLRDHUP)) == 0;
        }
    }

    /// <summary>Connections that wait to be accepted; null where the kernel does not tell (unix sockets, macOS).</summary>
    public int? QueueLength => TcpInfo()?.Queue;

    /// <summary>Binds and listens.</summary>
    /// <param name="address">Where.</param>
    /// <param name="backlog">Connections that may wait; the kernel caps it at <c>net.core.somaxconn</c>.</param>
    /// <param name="beside">True adds a socket of its own queue beside one of the same user that listens there already (TCP).</param>
    /// <param name="rights">With whose rights the file of a unix socket is made, here and whenever this object touches it; null: with our own.</param>
    /// <exception cref="ListenException">It cannot be had; the kind and the message say why.</exception>
    /// <exception cref="UnauthorizedAccessException">This process cannot use the rights of others.</exception>
    public static ListenerSocket Listen(ListenAddress address, int backlog, bool beside = false, FileUser? rights = null) =>
        Listening(Bind(address, beside, rights), address, backlog, rights);

    /// <summary>Binds and listens beside a socket of which we have no copy and on which processes of ours go on accepting (TCP).</summary>
    /// <param name="address">As that one has it.</param>
    /// <param name="backlog">See <see cref="Listen"/>.</param>
    /// <param name="steered">True: new connections go to that one alone until <see cref="TrySteer"/> says otherwise. False: they are spread over both.</param>
    /// <exception cref="ListenException">It cannot be had.</exception>
    public static ListenerSocket ListenBeside(ListenAddress address, int backlog, out bool steered)
    {
        var handle = Bind(address, beside: true, rights: null);
        // Of more than one, nobody can tell who is the second, and the number of each changes when one is closed.
        var maySteer = address is ListenAddress.Tcp && SocketTable.ReadListening().Count(socket => socket.IsAt(address)) == 1;
        // From its first moment on, and until it is settled who gets them, connections would come to it.
        var deaf = maySteer && ReusePort.TryDeafen(handle);
        var socket = Listening(handle, address, backlog, rights: null);
        steered = maySteer && socket.TrySteer(NewConnections.ToFirst);
        if (deaf)
        {
            ReusePort.Undeafen(handle);
        }

        if (!steered)
        {
            socket.TrySteer(NewConnections.ToBoth); // what was said about a socket that stood here before us is still in force
        }

        return socket;
    }

    /// <summary>Says who of two sockets that stand beside each other gets new connections; this is one of them.</summary>
    /// <returns>False if the kernel does not take orders.</returns>
    public bool TrySteer(NewConnections to) => LocalAddress is ListenAddress.Tcp && ReusePort.TrySteer(Handle, to);

    /// <summary>Connections that wait on other sockets of this address; 0 also where there is none, or where none can be seen.</summary>
    public int QueueBeside()
    {
        var ours = Inode;
        return OperatingSystem.IsLinux() ? SocketTable.ReadListening().Where(socket => socket.IsAt(LocalAddress) && socket.Inode != ours).Sum(socket => socket.Unread) : 0;
    }

    private static FdHandle Bind(ListenAddress address, bool beside, FileUser? rights)
    {
        try
        {
            return address is ListenAddress.Unix { IsAbstract: false } ? Impersonation.Run(rights, () => ListenerBinding.Bind(address, beside)) : ListenerBinding.Bind(address, beside);
        }
        catch (SystemCallException e)
        {
            throw ListenException.For(address, e.Errno);
        }
    }

    private static ListenerSocket Listening(FdHandle handle, ListenAddress address, int backlog, FileUser? rights)
    {
        if (address is not ListenAddress.Udp && Interop.Listen(handle, backlog) != 0)
        {
            // Somebody bound without listening, and listened between our bind and our listen.
            var errno = Errno.Last;
            handle.Dispose();
            throw ListenException.For(address, errno, errno == Errno.EADDRINUSE ? ListenHolders.Find(address) : null);
        }

        return new ListenerSocket(handle, address, rights);
    }

    /// <summary>Adopts a listening socket that another process of ours made (GiveBack). Owned from now on.</summary>
    /// <param name="handle">The socket.</param>
    /// <param name="asked">What it was made for: a socket does not tell the mode of its file, nor all of its options.</param>
    /// <param name="rights">As given to <see cref="Listen"/>.</param>
    public static ListenerSocket FromHandle(FdHandle handle, ListenAddress? asked = null, FileUser? rights = null) => new(handle, asked, rights);

    /// <summary>Puts back what workers may have changed, and says what that was, so that the log can name a culprit.</summary>
    /// <param name="backlog">As given to <see cref="Listen"/>.</param>
    /// <param name="nonBlocking">The mode to leave it in; null leaves it as it is.</param>
    public ListenerDrift Reassert(int backlog, bool? nonBlocking)
    {
        var drift = ReassertListening(backlog) | ReassertLinger();
        if (nonBlocking is { } wanted && IsNonBlocking != wanted)
        {
            Handle.IsNonBlocking = wanted;
            drift |= ListenerDrift.Mode;
        }

        return drift;
    }

    /// <summary>Revives a TCP listener that was shut down, for everybody who holds it. What had waited in its queue is lost.</summary>
    /// <returns>False if it stays dead, as unix sockets do: then <see cref="RebindPath"/>.</returns>
    public bool Relisten(int backlog) => Interop.Listen(Handle, backlog) == 0 && IsAlive;

    /// <summary>Unix sockets: true if the path leads to this socket. Always true for TCP.</summary>
    public bool PathIsOurs() => _file is null || _file.IsOurs();

    /// <summary>Unix sockets: makes the path lead to a living socket of ours again.</summary>
    /// <returns>
    /// This object, when the same socket could be linked back: nobody needs to know. Else a new socket, which the living workers do not have: keep both until
    /// their generation is replaced, since connections may still wait in this one's queue.
    /// </returns>
    /// <exception cref="ListenException">For example somebody else listens on the path now.</exception>
    public ListenerSocket RebindPath(int backlog)
    {
        var unix = LocalAddress as ListenAddress.Unix ?? throw new InvalidOperationException($"{LocalAddress} has no path");
        if (IsAlive)
        {
            if (PathIsOurs())
            {
                return this;
            }

            Impersonation.Run(_rights, () => SocketFile.ClearStale(unix));
            if (_file is not null && Impersonation.Run(_rights, _file.TryLinkBack))
            {
                return this;
            }
        }

        return Listen(unix, backlog, rights: _rights);
    }

    /// <summary>Unix sockets: removes the file, if it is still ours. Call it before Dispose when the address is given up for good.</summary>
    public void Unlink()
    {
        if (_file is null)
        {
            return;
        }

        try
        {
            Impersonation.Run(_rights, _file.Unlink);
        }
        catch (UnauthorizedAccessException)
        {
            // It stays, and is removed by the next one who binds the path.
        }
    }

    /// <summary>
    /// Ends the listening for everybody who still holds the socket: the keeper for a moment, a grandchild that inherited it for as long as it likes.
    /// From here on connecting is refused, and the address can be bound anew (SO_REUSEADDR stands back for listening sockets only).
    /// </summary>
    public void StopListening() => _ = IsDatagram ? 0 : Interop.Shutdown(Handle, Constants.SHUT_RDWR);

    /// <summary>Closes our descriptor only: the socket lives on in whoever else holds it, and a unix path stays.</summary>
    public void Dispose() => Handle.Dispose();

    public override string ToString() => $"{LocalAddress} ({Handle})";

    private ListenerDrift ReassertListening(int backlog)
    {
        if (!IsAlive)
        {
            return Relisten(backlog) ? ListenerDrift.WasShutDown : ListenerDrift.WasShutDown | ListenerDrift.StillDead;
        }

        if (IsDatagram)
        {
            return ListenerDrift.None;
        }

        var before = TcpInfo()?.Backlog;
        _ = Interop.Listen(Handle, backlog);
        return before is not null && before != TcpInfo()?.Backlog ? ListenerDrift.Backlog : ListenerDrift.None;
    }

    /// <summary>Accepted connections inherit it: with a linger time of 0 their close throws away what the client has not read yet.</summary>
    private unsafe ListenerDrift ReassertLinger()
    {
        Linger linger;
        var length = (uint)sizeof(Linger);
        if (Interop.GetSockOpt(Handle, Constants.SOL_SOCKET, Constants.SO_LINGER, &linger, &length) != 0 || linger.OnOff == 0)
        {
            return ListenerDrift.None;
        }

        linger = default;
        _ = Interop.SetSockOpt(Handle, Constants.SOL_SOCKET, Constants.SO_LINGER, &linger, (uint)sizeof(Linger));
        return ListenerDrift.Linger;
    }

    /// <summary>For a listening socket, TCP_INFO's "unacked" and "sacked" are the accept queue and its limit.</summary>
    private unsafe (int Queue, int Backlog)? TcpInfo()
    {
        if (LocalAddress is not ListenAddress.Tcp || !OperatingSystem.IsLinux())
        {
            return null;
        }

        var info = stackalloc byte[104];
        uint length = 104;
        return Interop.GetSockOpt(Handle, Constants.IPPROTO_TCP, Constants.TCP_INFO, info, &length) == 0
            ? (MemoryMarshal.Read<int>(new Span<byte>(info + 24, 4)), MemoryMarshal.Read<int>(new Span<byte>(info + 28, 4)))
            : null;
    }
}
