namespace ZeroDown.Platform;

/// <summary>The file of a unix socket of ours, and the hard link beside it (<c>.NAME.zd</c>) that keeps it alive.</summary>
/// <remarks>
/// When a worker deletes the path on its way out, as some servers do, the link brings back the very same socket; a new one bound to the same path would be unknown to the
/// living workers.
/// </remarks>
internal sealed class SocketFile
{
    private readonly string _path;
    private readonly FileStatus? _bound;

    private SocketFile(string path) => (_path, _bound) = (path, FileStatus.Of(SpareName(path)) ?? FileStatus.Of(path));

    /// <returns>Null for an address that has no file.</returns>
    internal static SocketFile? Of(ListenAddress address) => address is ListenAddress.Unix { IsAbstract: false } unix ? new SocketFile(unix.Path) : null;

    internal static void KeepSpare(string path)
    {
        _ = Interop.Unlink(SpareName(path));
        _ = Interop.Link(path, SpareName(path));
    }

    /// <summary>True if the path leads to the socket that was bound.</summary>
    internal bool IsOurs() => FileStatus.Of(_path) is { } there
        ? _bound is { } ours && there.IsSameFile(ours)
        : !OperatingSystem.IsLinux() && File.Exists(_path);

    /// <summary>Gives the path back to the socket.</summary>
    /// <returns>False if the link is gone too.</returns>
    internal bool TryLinkBack() => Interop.Link(SpareName(_path), _path) == 0 && IsOurs();

    internal void Unlink()
    {
        if (IsOurs())
        {
            _ = Interop.Unlink(_path);
        }

        _ = Interop.Unlink(SpareName(_path));
    }

    /// <summary>Removes a socket file that nobody listens on any more; whether somebody does is asked by connecting.</summary>
    internal static void ClearStale(ListenAddress.Unix address)
    {
        if (!File.Exists(address.Path) && !Directory.Exists(address.Path))
        {
            return;
        }

        // Not S_ISSOCK by connect alone: a path to a regular file is refused as well, and must not be deleted for it.
        if (OperatingSystem.IsLinux() ? FileStatus.Of(address.Path) is { IsSocket: false } : IsPlainFile(address.Path))
        {
            throw new ListenException(address, ListenFailure.PathIsNoSocket, Errno.EEXIST, null,
                $"{address}: something that is not a socket is already there; remove it or choose another path");
        }

        using var probe = NewSocket.Create(Constants.AF_UNIX, Constants.SOCK_STREAM, nonBlocking: true);
        var errno = Connect(probe, SocketName.Of(address.Path));
        if (errno == Errno.ECONNREFUSED)
        {
            _ = Interop.Unlink(address.Path);
        }
        else if (errno != Errno.ENOENT)
        {
            // Connected, or EAGAIN (its queue is full), EPROTOTYPE (a datagram socket), EACCES: somebody is there.
            throw ListenException.For(address, errno == Errno.EACCES ? errno : Errno.EADDRINUSE, ListenHolders.Find(address));
        }
    }

    private static bool IsPlainFile(string path) => Directory.Exists(path) || new FileInfo(path).Length > 0;

    private static string SpareName(string path) => Path.Combine(Path.GetDirectoryName(path) ?? "", $".{Path.GetFileName(path)}.zd");

    private static unsafe Errno Connect(FdHandle socket, SocketName name)
    {
        fixed (byte* at = name.Bytes)
        {
            return Interop.Connect(socket, at, (uint)name.Bytes.Length) == 0 ? Errno.None : Errno.Last;
        }
    }
}
