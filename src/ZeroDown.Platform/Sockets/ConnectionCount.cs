namespace ZeroDown.Platform;

/// <summary>How many connections a worker still serves. Linux; null elsewhere.</summary>
public static class ConnectionCount
{
    /// <summary>Open connections to any of the listeners that the processes hold. One that is passed around among them counts once.</summary>
    /// <param name="pids">A worker's processes (<see cref="ProcessTree"/>).</param>
    /// <param name="listeners">Where the connections come in: matched by port, or by path.</param>
    /// <returns>Null if none of the processes could be looked into.</returns>
    public static int? Of(IReadOnlyCollection<int> pids, IReadOnlyCollection<ListenAddress> listeners)
    {
        if (!OperatingSystem.IsLinux() || pids.Count == 0)
        {
            return null;
        }

        var readable = pids.Select(ProcFs.SocketInodes).OfType<HashSet<long>>().ToList();
        if (readable.Count == 0)
        {
            return null;
        }

        var held = readable.SelectMany(inodes => inodes).ToHashSet();
        var ports = listeners.OfType<ListenAddress.Tcp>().Select(tcp => tcp.Port).ToHashSet();
        var paths = listeners.OfType<ListenAddress.Unix>().Select(unix => unix.Shown).ToHashSet();
        return SocketTable.Read($"/proc/{pids.First()}/net").DistinctBy(socket => socket.Inode).Count(socket => socket.IsEstablished && held.Contains(socket.Inode) && socket.Local switch
        {
            ListenAddress.Tcp tcp => ports.Contains(tcp.Port),
            ListenAddress.Unix unix => paths.Contains(unix.Path),
            _ => false,
        });
    }
}
