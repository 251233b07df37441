namespace ZeroDown.Platform;

public enum ListenFailure
{
    /// <summary>Somebody listens there, or on an address that covers it.</summary>
    InUse,

    /// <summary>No interface of this machine has that address.</summary>
    AddressNotLocal,

    /// <summary>A port below <c>net.ipv4.ip_unprivileged_port_start</c>, and we are not allowed.</summary>
    Privileged,

    PathTooLong,

    /// <summary>Something that is not a socket lies at the path; it is left alone.</summary>
    PathIsNoSocket,

    FolderMissing,

    NotPermitted,

    Other,
}

/// <summary>Who holds an address.</summary>
/// <param name="Pid">0 if it could not be found out (another user's process, or another container's).</param>
/// <param name="Command">Its command line; empty when unknown.</param>
/// <param name="Uid">The user who opened the socket; null when unknown.</param>
public sealed record ListenHolder(int Pid, string Command, int? Uid)
{
    public bool IsSelf => Pid == Environment.ProcessId;

    public override string ToString() => (Pid, Uid) switch
    {
        (0, null) => "a process that cannot be seen from here",
        (0, _) => $"a process of uid {Uid} whose open files may not be read",
        _ => Command.Length > 0 ? $"process {Pid} ({Command})" : $"process {Pid}",
    };
}

/// <summary>An address could not be listened on; the message is for the person who asked for it.</summary>
public sealed class ListenException(ListenAddress address, ListenFailure kind, Errno errno, ListenHolder? holder, string message) : IOException(message)
{
    public ListenAddress Address { get; } = address;

    public ListenFailure Kind { get; } = kind;

    public Errno Errno { get; } = errno;

    /// <summary>For <see cref="ListenFailure.InUse"/>, where it could be found out.</summary>
    public ListenHolder? Holder { get; } = holder;

    internal static ListenException For(ListenAddress address, Errno errno, ListenHolder? holder = null)
    {
        var unix = address as ListenAddress.Unix;
        var port = (address as ListenAddress.Tcp)?.Port ?? (address as ListenAddress.Udp)?.Port;
        var (kind, message) = errno switch
        {
            _ when errno == Errno.EADDRINUSE => (ListenFailure.InUse, $"{address} is in use by {holder ?? new ListenHolder(0, "", null)}"),
            _ when errno == Errno.EADDRNOTAVAIL => (ListenFailure.AddressNotLocal, $"{address}: this machine has no such address"),
            _ when errno == Errno.EACCES && port is not null => (ListenFailure.Privileged,
                $"{address}: port {port} needs the right CAP_NET_BIND_SERVICE (or a lower net.ipv4.ip_unprivileged_port_start); choose a port from 1024 up, or run zd with that right"),
            _ when errno == Errno.ENOENT && unix is not null => (ListenFailure.FolderMissing, $"{address}: the folder {Path.GetDirectoryName(unix.Path)} does not exist"),
            _ when errno == Errno.ENOTDIR && unix is not null => (ListenFailure.FolderMissing, $"{address}: {Path.GetDirectoryName(unix.Path)} is not a folder"),
            _ when errno == Errno.EACCES || errno == Errno.EPERM => (ListenFailure.NotPermitted, $"{address}: user {Environment.UserName} may not create a socket there"),
            _ => (ListenFailure.Other, $"cannot listen on {address}: {errno}"),
        };
        return new ListenException(address, kind, errno, holder, message);
    }
}
