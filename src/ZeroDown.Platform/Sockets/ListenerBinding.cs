using System.Text;

namespace ZeroDown.Platform;

/// <summary>How an address becomes a socket: bound, with the options that have to be set before or right after that, not yet listening.</summary>
internal static class ListenerBinding
{
    /// <param name="address">Where.</param>
    /// <param name="beside">See <see cref="ListenerSocket.Listen"/>.</param>
    /// <exception cref="ListenException">It cannot be had; the kind and the message say why.</exception>
    /// <exception cref="SystemCallException">No socket at all: IPv6 switched off (EAFNOSUPPORT), too many open files.</exception>
    internal static FdHandle Bind(ListenAddress address, bool beside) => address switch
    {
        ListenAddress.Tcp tcp => BindTcp(tcp, beside),
        ListenAddress.Unix unix => BindUnix(unix),
        ListenAddress.Udp udp => BindUdp(udp),
        _ => throw new ArgumentException($"no such kind of address: {address}", nameof(address)),
    };

    private static FdHandle BindTcp(ListenAddress.Tcp address, bool beside)
    {
        // A port that the kernel chose is let go when somebody shuts the socket down, and listening again gets another one; a port that was asked for by
        // number is kept. So let a socket choose, and while it holds the number ask for it: with SO_REUSEADDR a mere bind stands in nobody's way.
        if (address.Port == 0)
        {
            using var chooser = BindTcp(SocketName.Of(address.Address, 0), address, beside: false);
            return BindTcp(address with { Port = ((ListenAddress.Tcp)SocketName.Of(chooser).ToAddress(false)).Port }, beside);
        }

        var handle = BindTcp(SocketName.Of(address.Address, address.Port), address, beside);
        handle.SetOption(Constants.SOL_SOCKET, Constants.SO_REUSEPORT, 1);
        return handle;
    }

    private static FdHandle BindTcp(SocketName name, ListenAddress.Tcp address, bool beside)
    {
        var v6 = name.Family == Constants.AF_INET6;
        var handle = NewSocket.Create(name.Family, Constants.SOCK_STREAM, nonBlocking: false);
        try
        {
            handle.SetOption(Constants.SOL_SOCKET, Constants.SO_REUSEADDR, 1);
            if (v6)
            {
                handle.SetOption(Constants.IPPROTO_IPV6, Constants.IPV6_V6ONLY, address.DualStack ? 0 : 1);
            }

            if (beside)
            {
                handle.SetOption(Constants.SOL_SOCKET, Constants.SO_REUSEPORT, 1);
            }

            var errno = Bind(handle, name);
            if (errno != Errno.None)
            {
                throw ListenException.For(address, errno, errno == Errno.EADDRINUSE ? ListenHolders.Find(address) : null);
            }

            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static FdHandle BindUdp(ListenAddress.Udp address)
    {
        var name = SocketName.Of(address.Address, address.Port);
        var handle = NewSocket.Create(name.Family, Constants.SOCK_DGRAM, nonBlocking: true);
        try
        {
            if (name.Family == Constants.AF_INET6)
            {
                handle.SetOption(Constants.IPPROTO_IPV6, Constants.IPV6_V6ONLY, address.DualStack ? 0 : 1);
            }

            if (address.Reuse)
            {
                handle.SetOption(Constants.SOL_SOCKET, Constants.SO_REUSEADDR, 1);
            }

            var errno = Bind(handle, name);
            return errno == Errno.None ? handle : throw ListenException.For(address, errno);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static FdHandle BindUnix(ListenAddress.Unix address)
    {
        var length = Encoding.UTF8.GetByteCount(address.Path);
        if (length > SocketName.MaxPathBytes)
        {
            throw new ListenException(address, ListenFailure.PathTooLong, Errno.ENAMETOOLONG, null,
                $"{address}: the path has {length} bytes, and a unix socket's may have {SocketName.MaxPathBytes}");
        }

        if (!address.IsAbstract)
        {
            SocketFile.ClearStale(address);
        }

        var handle = NewSocket.Create(Constants.AF_UNIX, Constants.SOCK_STREAM, nonBlocking: false);
        try
        {
            var errno = Bind(handle, SocketName.Of(address.Path));
            if (errno != Errno.None)
            {
                throw ListenException.For(address, errno, errno == Errno.EADDRINUSE ? ListenHolders.Find(address) : null);
            }

            if (address.IsAbstract)
            {
                return handle;
            }

            // Nobody can connect before listen(2), so there is no moment with the wrong mode.
            if (address.Mode is { } mode && Interop.Chmod(address.Path, (uint)mode) != 0)
            {
                throw ListenException.For(address, Errno.Last);
            }

            SocketFile.KeepSpare(address.Path);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static unsafe Errno Bind(FdHandle socket, SocketName name)
    {
        fixed (byte* at = name.Bytes)
        {
            return Interop.Bind(socket, at, (uint)name.Bytes.Length) == 0 ? Errno.None : Errno.Last;
        }
    }
}
