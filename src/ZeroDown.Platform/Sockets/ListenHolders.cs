using System.Net;

namespace ZeroDown.Platform;

/// <summary>Finds out who listens on an address, for the message "in use by …". Slow (it walks /proc), so only after a failure. Linux only.</summary>
internal static class ListenHolders
{
    private const int LongestCommand = 120;

    /// <summary>Null if nobody is seen listening there.</summary>
    internal static ListenHolder? Find(ListenAddress address)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var sockets = SocketTable.Read("/proc/net").Where(socket => socket.IsListening && Covers(socket.Local, address)).ToList();
        var inodes = sockets.Select(socket => socket.Inode).ToHashSet();
        foreach (var pid in inodes.Count == 0 ? [] : ProcFs.Pids())
        {
            if (ProcFs.SocketInodes(pid) is { } held && inodes.Overlaps(held))
            {
                return new ListenHolder(pid, Presentable(ProcFs.CommandLine(pid)), sockets[0].Uid);
            }
        }

        return sockets.Count > 0 ? new ListenHolder(0, "", sockets[0].Uid) : null;
    }

    /// <summary>One line without control characters: a command line may contain anything.</summary>
    private static string Presentable(string command)
    {
        var line = string.Concat(command.Select(letter => char.IsControl(letter) ? ' ' : letter));
        return line.Length <= LongestCommand ? line : string.Concat(line.AsSpan(0, LongestCommand), "…");
    }

    /// <summary>Same port, and the same address or either of them is the wildcard (which, for IPv6, may take IPv4 too).</summary>
    private static bool Covers(ListenAddress held, ListenAddress wanted) => (held, wanted) switch
    {
        (ListenAddress.Unix a, ListenAddress.Unix b) => a.Shown == b.Shown,
        (ListenAddress.Tcp a, ListenAddress.Tcp b) => a.Port == b.Port && (a.Address.Equals(b.Address) || IsAny(a.Address) || IsAny(b.Address)),
        _ => false,
    };

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
