namespace ZeroDown.Platform;

/// <summary>Makes sockets that are close-on-exec from birth where the kernel can, and never raise SIGPIPE.</summary>
internal static class NewSocket
{
    internal static FdHandle Create(int family, int type, bool nonBlocking)
    {
        var fd = Interop.Socket(family, type | BirthFlags(nonBlocking), 0);
        return fd >= 0 ? Finish(new FdHandle(fd), nonBlocking) : throw SystemCallException.FromLast("socket");
    }

    internal static unsafe (FdHandle One, FdHandle Other) CreatePair(int type, bool nonBlocking)
    {
        var pair = stackalloc int[2];
        if (Interop.SocketPair(Constants.AF_UNIX, type | BirthFlags(nonBlocking), 0, pair) != 0)
        {
            throw SystemCallException.FromLast("socketpair");
        }

        return (Finish(new FdHandle(pair[0]), nonBlocking), Finish(new FdHandle(pair[1]), nonBlocking));
    }

    private static int BirthFlags(bool nonBlocking) =>
        OperatingSystem.IsMacOS() ? 0 : Constants.SOCK_CLOEXEC | (nonBlocking ? Constants.SOCK_NONBLOCK : 0);

    private static unsafe FdHandle Finish(FdHandle socket, bool nonBlocking)
    {
        if (OperatingSystem.IsMacOS())
        {
            var on = 1;
            _ = Interop.Fcntl(socket, Constants.F_SETFD, Constants.FD_CLOEXEC);
            _ = Interop.SetSockOpt(socket, Constants.SOL_SOCKET, Constants.SO_NOSIGPIPE, &on, sizeof(int));
            socket.IsNonBlocking = nonBlocking;
        }

        return socket;
    }
}
