namespace ZeroDown.Platform;

/// <summary>Listening sockets that a worker has opened itself, beside those it was given. Linux; elsewhere nothing is seen.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Inode">The socket.</param>
/// <param name="Pid">One process that holds it.</param>
public sealed record ListeningSocket(ListenAddress Address, long Inode, int Pid);

/// <inheritdoc cref="ListeningSocket"/>
public static class ListeningSockets
{
    /// <param name="pids">A worker's processes (<see cref="ProcessTree"/>). Those that may not be looked into are left out.</param>
    /// <param name="except">Inodes that are not its own: our listeners.</param>
    /// <returns>One entry per socket.</returns>
    public static IReadOnlyList<ListeningSocket> OwnedBy(IReadOnlyCollection<int> pids, IReadOnlySet<long> except)
    {
        if (!OperatingSystem.IsLinux() || pids.Count == 0)
        {
            return [];
        }

        // The worker's own view: it may live in another network namespace.
        // The kernel may tell of one twice, when its list changes between two reads.
        var listening = SocketTable.Read($"/proc/{pids.First()}/net").Where(socket => socket.IsListening && !except.Contains(socket.Inode)).DistinctBy(socket => socket.Inode).ToDictionary(socket => socket.Inode);
        List<ListeningSocket> owned = [];
        foreach (var pid in listening.Count == 0 ? [] : pids)
        {
            foreach (var inode in ProcFs.SocketInodes(pid) ?? [])
            {
                if (listening.Remove(inode, out var socket))
                {
                    owned.Add(new ListeningSocket(socket.Local, inode, pid));
                }
            }
        }

        return owned;
    }
}
