namespace ZeroDown.Platform;

/// <summary>Listening sockets that a worker has opened itself, beside those it was given. Linux; elsewhere nothing is seen.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Inode">The socket.</param>
/// <param name="Pid">One process that holds it.</param>
public sealed record ListeningSocket(ListenAddress Address, long Inode, int Pid);

/// <summary>What a worker listens on by itself.</summary>
/// <param name="Addresses">Each once, in the order in which the sockets were made.</param>
/// <param name="Hidden">We may not look into all of its processes, so there may be more.</param>
public sealed record OwnListeners(IReadOnlyList<ListenAddress> Addresses, bool Hidden);

/// <inheritdoc cref="ListeningSocket"/>
public static class ListeningSockets
{
    /// <summary>TCP addresses that workers listen on by themselves, each with everything that it has started: one look at the sockets and one at the processes for all.</summary>
    /// <param name="leaders">The workers' pids.</param>
    /// <param name="except">Inodes that are not their own: our listeners.</param>
    public static Dictionary<int, OwnListeners> OfTrees(IReadOnlyCollection<int> leaders, IReadOnlySet<long> except)
    {
        if (!OperatingSystem.IsLinux())
        {
            return leaders.Distinct().ToDictionary(leader => leader, _ => new OwnListeners([], Hidden: true));
        }

        var networks = new Dictionary<string, Dictionary<long, ListenAddress>>();
        var ours = ProcFs.ReadLink("/proc/self/ns/net") ?? "";
        networks[ours] = ByInode(SocketTable.ReadListening(), except);
        var all = ProcStat.ReadAll();
        return leaders.Distinct().ToDictionary(leader => leader, Of);

        OwnListeners Of(int leader)
        {
            // One that is gone has no addresses; of somebody else's nothing can be seen.
            if (ProcFs.ReadLink($"/proc/{leader}/ns/net") is not { } network)
            {
                return new OwnListeners([], Hidden: ProcStat.Read(leader) is { HasEnded: false });
            }

            if (!networks.TryGetValue(network, out var listening))
            {
                networks[network] = listening = ByInode(SocketTable.ReadTcp($"/proc/{leader}/net"), except);
            }

            return Held(ProcessTree.Of(leader, all), listening);
        }

        static OwnListeners Held(IReadOnlyList<int> pids, Dictionary<long, ListenAddress> listening)
        {
            var (inodes, hidden) = (new HashSet<long>(), false);
            foreach (var pid in pids)
            {
                if (ProcFs.SocketInodes(pid) is { } held)
                {
                    inodes.UnionWith(held.Where(listening.ContainsKey));
                }
                else
                {
                    hidden |= ProcStat.Read(pid) is { HasEnded: false };
                }
            }

            // Servers with a socket per thread (SO_REUSEPORT) have one address many times.
            return new OwnListeners([.. inodes.Order().Select(inode => listening[inode]).Distinct()], hidden);
        }
    }

    private static Dictionary<long, ListenAddress> ByInode(IEnumerable<SocketEntry> sockets, IReadOnlySet<long> except) =>
        // The kernel may tell of one twice, when its list changes between two reads.
        sockets.Where(socket => socket.IsListening && !except.Contains(socket.Inode)).DistinctBy(socket => socket.Inode).ToDictionary(socket => socket.Inode, socket => socket.Local);

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
