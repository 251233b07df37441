using System.Collections.Concurrent;
using System.Net;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Survival;
using ZeroDown.Keeper;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// The listening sockets: bound once, kept open across every worker's life, watched. A worker shares more with its siblings
/// than it knows: whatever it does to the socket (backlog, linger, blocking mode, shutdown) it does for all of them, so the
/// options are put back after each start and exit, and a socket that somebody shut down listens again.
/// </summary>
internal sealed class ListenerHost(KeeperClient keeper, FdPoller poller, Action<SupervisorEvent> post, Keepsakes keepsakes, DaemonLog log)
{
    private const string Held = "listener:";
    private const string HeldDead = "replaced:";

    private readonly ConcurrentDictionary<ListenerAddress, Bound> _bound = new();
    private volatile string? _lastToLeave;

    public ListenerSocket? Find(ListenerAddress address) => _bound.GetValueOrDefault(address)?.Socket;

    /// <summary>Connections that wait on the listener.</summary>
    public int? Queue(ListenerAddress address) => Find(address)?.QueueLength;

    /// <summary>Inodes of every socket of ours: what a worker listens on beside these, it bound itself.</summary>
    public IReadOnlySet<long> Inodes => _bound.Values.SelectMany(bound => bound.Everything).Select(socket => socket.Inode).ToHashSet();

    public void OpenListener(OpenListener order)
    {
        var spec = order.Listener;
        if (ListenerRights.Refusal(order) is var (problemOfUser, number))
        {
            post(new ListenerFailed(spec.Address, problemOfUser, number.Value));
            return;
        }

        try
        {
            var socket = Listen(ToPlatform(spec.Address), spec.Backlog, ListenerRights.Of(spec.Address, order.Owner, order.Declared));
            Settle(new Bound(spec, socket));
            post(new ListenerOpened(spec.Address, socket.LocalAddress.ToString()!));
        }
        catch (ListenException problem)
        {
            // Node knows no other word for a path that is taken, whoever lies there.
            var errno = problem.Kind == ListenFailure.PathIsNoSocket ? Errno.EADDRINUSE : problem.Errno;
            post(new ListenerFailed(spec.Address, Overlapped(spec.Address) is { } ours ? InOurWay(spec.Address, ours) : problem.Message, errno.Value));
        }
        catch (SystemCallException problem)
        {
            post(new ListenerFailed(spec.Address, problem.Message, problem.Errno.Value));
        }
        catch (UnauthorizedAccessException problem)
        {
            post(new ListenerFailed(spec.Address, problem.Message, Errno.EACCES.Value));
        }
    }

    /// <summary>A socket that cannot be held and watched (out of descriptors, say) is closed again: nobody would accept what waits on it, and it would be in the way of the next try.</summary>
    private void Settle(Bound bound)
    {
        var address = bound.Spec.Address;
        _bound[address] = bound;
        try
        {
            keeper.Hold(Key(address), HoldKind.Listener, bound.Socket.Handle);
            Watch(bound);
        }
        catch (SystemCallException)
        {
            CloseListener(address);
            throw;
        }
    }

    /// <summary>Goes on with a socket that a daemon before us has bound.</summary>
    /// <param name="spec">What it was bound for.</param>
    /// <param name="user">For whose app; null: for one of our own.</param>
    /// <param name="declared">The app's file names it.</param>
    /// <param name="bequest">Where it is.</param>
    /// <returns>What it is bound to; null when the keeper does not have it.</returns>
    public string? Adopt(ListenerSpec spec, RunAs? user, bool declared, Bequest bequest)
    {
        var key = Key(spec.Address);
        if (bequest.Take(key) is not { } held)
            return null;
        var address = ToPlatform(spec.Address);
        var kept = keepsakes.OfListener(key) ?? new ListenerKeepsake();
        var rights = ListenerRights.Of(spec.Address, user, declared);
        var bound = new Bound(spec, ListenerSocket.FromHandle(held.Fd, address, rights)) { Kept = kept };
        while (bequest.Take(KeyOfDead(spec.Address, bound.Replaced.Count)) is { } dead)
            bound.Replaced.Add(ListenerSocket.FromHandle(dead.Fd, address, rights));
        _bound[spec.Address] = bound;
        Watch(bound); // one that was shut down in between hangs up at once
        return bound.Socket.LocalAddress.ToString()!;
    }

    /// <summary>Closes what a daemon before us was about to close.</summary>
    public void CloseLeftovers(Bequest bequest)
    {
        foreach (var key in bequest.Keys.Where(key => key.StartsWith(Held, StringComparison.Ordinal) || key.StartsWith(HeldDead, StringComparison.Ordinal)))
        {
            using var socket = ListenerSocket.FromHandle(bequest.Take(key)!.Fd);
            keeper.Release(key);
            // Whose it was nobody knows any more. Where somebody else may write, its name could lead anywhere by now; the next one who binds it removes it.
            if (ListenerRights.IsOursAlone(socket.LocalAddress))
                socket.Unlink();
            socket.StopListening();
            keepsakes.OfListener(key, null);
        }
    }

    /// <summary>
    /// A duplicate of the listener for a worker that asked for it, and what goes along. Node's event loop would stand still in accept on a
    /// blocking socket that a sibling was faster on, so from here on it does not block.
    /// </summary>
    /// <param name="address">Which.</param>
    /// <param name="key">Under which name the worker asked.</param>
    /// <param name="data">What the worker sent along; the first who sends any decides for all.</param>
    /// <returns>Null when it was closed meanwhile.</returns>
    public HandedOut? HandOut(ListenerAddress address, string key, string? data)
    {
        if (!_bound.TryGetValue(address, out var bound))
            return null;
        lock (bound)
        {
            bound.Socket.Handle.IsNonBlocking = true;
            var known = bound.Kept.Data;
            Keep(bound, bound.Kept with { NonBlocking = true, Data = data is null || known.ContainsKey(key) ? known : known.Add(key, data) });
            return new HandedOut(
                bound.Spec, bound.Socket.Handle.Duplicate(), bound.Socket.IsDatagram, bound.Kept.Data.GetValueOrDefault(key));
        }
    }


    public void CloseListener(ListenerAddress address)
    {
        if (!_bound.TryRemove(address, out var bound))
            return;
        // A healing that is under way on another thread ends first, and one that comes later finds it closed.
        lock (bound)
        {
            bound.Closed = true;
            keepsakes.OfListener(Key(address), null);
            keeper.Release(Key(address));
            for (var number = 0; number < bound.Replaced.Count; number++)
                keeper.Release(KeyOfDead(address, number));
            bound.Watch?.Dispose();
            bound.NextTry?.Dispose();
            bound.Socket.Unlink();
            foreach (var socket in bound.Everything)
            {
                socket.StopListening();
                socket.Dispose();
            }
        }
    }

    /// <summary>Puts back what the workers of these listeners share; after each start and exit.</summary>
    /// <param name="listeners">Those that the worker had.</param>
    /// <param name="leaving">A worker that has just left; blamed if a socket is found dead now.</param>
    public void Reassert(IEnumerable<ListenerSpec> listeners, string? leaving = null)
    {
        _lastToLeave = leaving ?? _lastToLeave;
        foreach (var listener in listeners)
        {
            if (!_bound.TryGetValue(listener.Address, out var bound))
                continue;
            Heal(bound);
            try
            {
                var drift = bound.Socket.Reassert(listener.Backlog, bound.Kept.NonBlocking);
                if (drift != ListenerDrift.None)
                    log.ListenerPutBack(listener.Address.ToString()!, drift.ToString(), leaving);
            }
            catch (ObjectDisposedException)
            {
                // It was closed in this moment, on the loop's thread.
            }
        }
    }

    /// <summary>The first ready worker decides in which blocking mode the socket stays.</summary>
    public void KeepMode(IEnumerable<ListenerSpec> listeners)
    {
        foreach (var listener in listeners)
        {
            if (!_bound.TryGetValue(listener.Address, out var bound))
                continue;
            lock (bound)
            {
                if (!bound.Closed)
                    Keep(bound, bound.Kept with { NonBlocking = bound.Kept.NonBlocking ?? bound.Socket.IsNonBlocking });
            }
        }
    }

    /// <summary>The next daemon knows it before anybody acts upon it.</summary>
    private void Keep(Bound bound, ListenerKeepsake now)
    {
        if (bound.Kept.Equals(now))
            return;
        bound.Kept = now;
        keepsakes.OfListener(Key(bound.Spec.Address), now);
    }

    private void Watch(Bound bound)
    {
        bound.Watch?.Dispose();
        if (bound.Socket.IsDatagram)
            return; // nobody can shut it down
        // No interest: only hang-ups are told, and a listener hangs up when somebody calls shutdown(2) on it.
        var watch = bound.Watch = poller.Prepare(bound.Socket.Handle, _ => Heal(bound));
        watch.Begin(FdInterest.None);
    }

    private void Heal(Bound bound)
    {
        lock (bound)
        {
            if (bound.Closed)
                return;
            var address = bound.Spec.Address.ToString()!;
            try
            {
                if (!bound.Socket.IsAlive)
                    Revive(bound, address);
                else if (!bound.Socket.PathIsOurs())
                {
                    Replace(bound, bound.Socket.RebindPath(bound.Spec.Backlog));
                    log.ListenerFileVanished(address);
                }

                if (bound.Failures > 0)
                    Recover(bound);
            }
            catch (Exception problem) when (problem is SystemCallException or ListenException or ObjectDisposedException or UnauthorizedAccessException)
            {
                if (bound.Failures == 0)
                    log.ListenerNotHealed(address, problem.Message);
                TryAgain(bound);
            }
        }
    }

    /// <summary>What is in the way (a port that somebody took, no descriptor left) passes, and no event tells of it. The watch would tell of the hang-up without end.</summary>
    private void TryAgain(Bound bound)
    {
        bound.Watch?.Dispose();
        bound.NextTry?.Dispose();
        bound.NextTry = new Timer(_ => Heal(bound), null, TimeSpan.FromSeconds(Math.Min(30, 1 << Math.Min(bound.Failures, 5))), Timeout.InfiniteTimeSpan);
        bound.Failures++;
    }

    private void Recover(Bound bound)
    {
        Watch(bound);
        bound.NextTry?.Dispose();
        bound.Failures = 0;
    }

    private void Revive(Bound bound, string address)
    {
        if (bound.Socket.Relisten(bound.Spec.Backlog))
        {
            log.ListenerKilled(address, _lastToLeave);
            return;
        }

        // A unix socket that was shut down stays dead. A new one takes its path; workers get it when they are replaced.
        Replace(bound, bound.Socket.RebindPath(bound.Spec.Backlog));
        log.ListenerReplaced(address, _lastToLeave);
    }

    private void Replace(Bound bound, ListenerSocket socket)
    {
        if (ReferenceEquals(socket, bound.Socket))
            return;
        keeper.Hold(KeyOfDead(bound.Spec.Address, bound.Replaced.Count), HoldKind.Listener, bound.Socket.Handle);
        bound.Replaced.Add(bound.Socket);
        bound.Socket = socket;
        keeper.Hold(Key(bound.Spec.Address), HoldKind.Listener, socket.Handle);
        Watch(bound);
    }

    /// <summary>Under which the keeper holds the socket.</summary>
    internal static string Key(ListenerAddress address) => Held + Name(address);

    private static string KeyOfDead(ListenerAddress address, int number) => $"{HeldDead}{number}:{Name(address)}";

    /// <summary>As exact as the address itself: what people read of it leaves out what they do not care about.</summary>
    private static string Name(ListenerAddress address) => address switch
    {
        ListenerAddress.Tcp tcp => tcp.DualStack ? $"{tcp}+" : tcp.ToString(),
        ListenerAddress.Unix unix => unix.Mode is { } mode ? $"{unix}:{Convert.ToString(mode, 8)}" : unix.ToString(),
        ListenerAddress.Udp udp => $"{udp}{(udp.DualStack ? "+" : "")}{(udp.Reuse ? "*" : "")}",
        ListenerAddress.Chosen chosen => $"{Name(chosen.From)} (number {chosen.Index} of {chosen.App})",
        _ => throw new ArgumentOutOfRangeException(nameof(address)),
    };

    /// <summary>A listener of ours that has the same port in another way (every address, one address).</summary>
    private ListenerAddress? Overlapped(ListenerAddress wanted) => wanted is ListenerAddress.Tcp tcp
        ? _bound.Keys.OfType<ListenerAddress.Tcp>().FirstOrDefault(ours => ours.Port == tcp.Port && ours != tcp && (IsAny(ours.Address) || IsAny(tcp.Address)))
        : null;

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>
    /// Two sockets could be had for the two addresses (SO_REUSEPORT), but the kernel gives each connection to the one whose address fits best, and that one
    /// may be the one whose workers are leaving. So it is not done, and said what can be.
    /// </summary>
    private static string InOurWay(ListenerAddress wanted, ListenerAddress ours) =>
        $"zd itself holds port {((ListenerAddress.Tcp)ours).Port} as {ours} for workers that run, and {wanted} cannot be had beside it. An app whose new version listens on another address of the same port is stopped and started (zd stop APP, then zd start), not reloaded";

    /// <summary>"Every address" on a machine without IPv6 is every IPv4 address.</summary>
    private static ListenerSocket Listen(ListenAddress address, int backlog, FileUser? rights)
    {
        try
        {
            return ListenerSocket.Listen(address, backlog, rights: rights);
        }
        catch (ListenException problem) when (address is ListenAddress.Tcp { DualStack: true } every && every.Address.Equals(IPAddress.IPv6Any)
            && (problem.Errno == Errno.EAFNOSUPPORT || problem.Errno == Errno.EADDRNOTAVAIL))
        {
            return ListenerSocket.Listen(new ListenAddress.Tcp(IPAddress.Any, every.Port), backlog);
        }
    }

    internal static ListenAddress ToPlatform(ListenerAddress address) => address switch
    {
        ListenerAddress.Tcp tcp => new ListenAddress.Tcp(tcp.Address, tcp.Port, tcp.DualStack),
        ListenerAddress.Unix unix => new ListenAddress.Unix(unix.Path, (UnixFileMode?)unix.Mode),
        ListenerAddress.Udp udp => new ListenAddress.Udp(udp.Address, udp.Port, udp.DualStack, udp.Reuse),
        ListenerAddress.Chosen chosen => ToPlatform(chosen.From),
        _ => throw new ArgumentOutOfRangeException(nameof(address)),
    };

    private sealed class Bound(ListenerSpec spec, ListenerSocket socket)
    {
        public ListenerSpec Spec => spec;

        public ListenerSocket Socket { get; set; } = socket;

        /// <summary>Dead predecessors: living workers still hold them, and connections may wait in their queues.</summary>
        public List<ListenerSocket> Replaced { get; } = [];

        public IEnumerable<ListenerSocket> Everything => [.. Replaced, Socket];

        public FdRegistration? Watch { get; set; }

        /// <summary>How often it could not be revived, one time after the other.</summary>
        public int Failures { get; set; }

        public Timer? NextTry { get; set; }

        /// <summary>The mode that its first user chose, and what the first of them sent along: keys of TLS tickets, which every generation must share.</summary>
        public ListenerKeepsake Kept { get; set; } = new();

        public bool Closed { get; set; }
    }
}

/// <summary>A listener on its way to a worker of a Node cluster.</summary>
/// <param name="Spec">What it is.</param>
/// <param name="Socket">A duplicate, the receiver's to close.</param>
/// <param name="Datagrams">UDP.</param>
/// <param name="Data">JSON that goes along; null for nothing.</param>
internal sealed record HandedOut(ListenerSpec Spec, FdHandle Socket, bool Datagrams, string? Data);
