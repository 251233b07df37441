using System.Net;

namespace ZeroDown.Platform;

/// <summary>
/// Listeners from which a worker has accepted: one of its processes holds an open connection to that address. A worker that is
/// busy with requests never waits on its listener, and this proves all the more that it serves.
/// </summary>
/// <remarks>
/// A connection in the kernel's queue has no inode, so it is nobody's. The predecessor's connections are in other processes, and an outgoing connection
/// has another local port: the kernel gives none away that a listener has. The kernel picks out the port, so the cost grows with the connections of these listeners.
/// </remarks>
internal static class AcceptedConnections
{
    /// <summary>A connection may live for a few milliseconds only, and the two tables cannot be read at one moment. So both are read again at once, some times.</summary>
    private const int MostReadings = 8;

    /// <summary>With so many open connections one reading shows enough of them, and more readings would cost too much.</summary>
    private const int Many = 1000;

    /// <param name="pids">A worker's processes.</param>
    /// <param name="listeners">Inodes of listening sockets of our network namespace.</param>
    /// <returns>Those of them from which an accepted connection is open.</returns>
    internal static IReadOnlyCollection<long> Of(IReadOnlyCollection<int> pids, IReadOnlyCollection<long> listeners)
    {
        var tcp = SocketTable.ReadListening().Where(socket => listeners.Contains(socket.Inode)).DistinctBy(socket => socket.Inode).ToList();
        HashSet<long> proved = [];
        if (tcp.Count > 0)
        {
            proved.UnionWith(Held(pids, () => OverTcp(tcp)));
        }

        if (tcp.Count < listeners.Count)
        {
            proved.UnionWith(Held(pids, () => OverUnix(listeners)));
        }

        return proved;
    }

    /// <summary>An inode number is not given to another socket within these milliseconds, so what one reading has shown stays true for the next ones.</summary>
    private static IEnumerable<long> Held(IReadOnlyCollection<int> pids, Func<IEnumerable<(long Listener, long Connection)>> read)
    {
        HashSet<(long Listener, long Connection)> open = [];
        HashSet<long> held = [];
        for (var reading = 1; reading <= MostReadings && open.Count < Many; reading++)
        {
            open.UnionWith(read());
            if (open.Count == 0 && reading > 1)
            {
                break; // nobody is connected
            }

            // After the list: both ends of a short connection's life are then as close together as they can be.
            foreach (var pid in pids)
            {
                held.UnionWith(ProcFs.SocketInodes(pid) ?? []);
            }

            if (open.Any(one => held.Contains(one.Connection)))
            {
                break;
            }
        }

        return open.Where(one => held.Contains(one.Connection)).Select(one => one.Listener);
    }

    private static IEnumerable<(long Listener, long Connection)> OverTcp(List<SocketEntry> listeners) =>
        from port in listeners.Select(listener => ((ListenAddress.Tcp)listener.Local).Port).Distinct()
        from connection in SocketTable.ReadConnections(port)
        from listener in listeners
        where connection.Inode != 0 && TakesWhatComesTo((ListenAddress.Tcp)listener.Local, (ListenAddress.Tcp)connection.Local)
        select (listener.Inode, connection.Inode);

    private static IEnumerable<(long Listener, long Connection)> OverUnix(IReadOnlyCollection<long> inodes)
    {
        // The accepted end carries the listener's path, the client's end none.
        var sockets = SocketTable.ReadUnix("/proc/net");
        return from listener in sockets.Where(socket => socket.IsListening && socket.Local is ListenAddress.Unix { Path.Length: > 0 } && inodes.Contains(socket.Inode))
               from connection in sockets
               where connection.IsEstablished && !connection.IsListening && connection.Local == listener.Local
               select (listener.Inode, connection.Inode);
    }

    private static bool TakesWhatComesTo(ListenAddress.Tcp listener, ListenAddress.Tcp local) => listener.Port == local.Port &&
        (listener.Address.Equals(local.Address) || listener.Address.Equals(IPAddress.Any) || listener.Address.Equals(IPAddress.IPv6Any));
}
