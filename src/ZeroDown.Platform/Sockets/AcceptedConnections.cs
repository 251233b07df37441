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
    /// <param name="pids">A worker's processes.</param>
    /// <param name="listeners">Inodes of listening sockets of our network namespace.</param>
    /// <returns>Those of them from which an accepted connection is open.</returns>
    internal static IReadOnlyCollection<long> Of(IReadOnlyCollection<int> pids, IReadOnlyCollection<long> listeners)
    {
        List<(long Listener, long Connection)> open = [.. OverTcp(listeners), .. OverUnix(listeners)];
        if (open.Count == 0)
        {
            return [];
        }

        // After the list: both ends of a short connection's life are then as close together as they can be.
        var held = pids.Select(ProcFs.SocketInodes).OfType<HashSet<long>>().SelectMany(inodes => inodes).ToHashSet();
        return open.Where(one => held.Contains(one.Connection)).Select(one => one.Listener).ToHashSet();
    }

    private static IEnumerable<(long Listener, long Connection)> OverTcp(IReadOnlyCollection<long> inodes)
    {
        var listeners = SocketTable.ReadListening().Where(socket => inodes.Contains(socket.Inode)).DistinctBy(socket => socket.Inode).ToList();
        return from port in listeners.Select(listener => ((ListenAddress.Tcp)listener.Local).Port).Distinct()
               from connection in SocketTable.ReadConnections(port)
               from listener in listeners
               where connection.Inode != 0 && TakesWhatComesTo((ListenAddress.Tcp)listener.Local, (ListenAddress.Tcp)connection.Local)
               select (listener.Inode, connection.Inode);
    }

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
