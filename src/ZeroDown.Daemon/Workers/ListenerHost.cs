using System.Collections.Concurrent;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Keeper;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// The listening sockets: bound once, kept open across every worker's life, watched. A worker shares more with its siblings
/// than it knows: whatever it does to the socket (backlog, linger, blocking mode, shutdown) it does for all of them, so the
/// options are put back after each start and exit, and a socket that somebody shut down listens again.
/// </summary>
internal sealed class ListenerHost(KeeperClient keeper, FdPoller poller, Action<SupervisorEvent> post, DaemonLog log)
{
    private readonly ConcurrentDictionary<ListenerAddress, Open> _open = new();
    private volatile string? _lastToLeave;

    public ListenerSocket? Find(ListenerAddress address) => _open.GetValueOrDefault(address)?.Socket;

    /// <summary>Connections that wait on the listener.</summary>
    public int? Queue(ListenerAddress address) => Find(address)?.QueueLength;

    public void OpenListener(ListenerSpec spec)
    {
        try
        {
            var socket = ListenerSocket.Listen(ToPlatform(spec.Address), spec.Backlog);
            Adopt(spec, socket);
            post(new ListenerOpened(spec.Address, socket.LocalAddress.ToString()!));
        }
        catch (ListenException problem)
        {
            post(new ListenerFailed(spec.Address, problem.Message));
        }
    }

    public void CloseListener(ListenerAddress address)
    {
        if (!_open.TryRemove(address, out var open))
            return;
        keeper.Release(Key(address));
        open.Watch.Dispose();
        open.Socket.Close(unlink: true);
    }

    /// <summary>Puts back what the workers of these listeners share; after each start and exit.</summary>
    /// <param name="listeners">Those that the worker had.</param>
    /// <param name="leaving">The name of a worker that has just left; blamed if a socket is found dead now.</param>
    public void Reassert(IEnumerable<ListenerSpec> listeners, string? leaving = null)
    {
        _lastToLeave = leaving ?? _lastToLeave;
        foreach (var listener in listeners)
        {
            if (!_open.TryGetValue(listener.Address, out var open))
                continue;
            Heal(open);
            open.Socket.Reassert(listener.Backlog, open.NonBlocking);
        }
    }

    /// <summary>The app's first ready worker decides in which mode the socket stays.</summary>
    public void KeepMode(IEnumerable<ListenerSpec> listeners)
    {
        foreach (var listener in listeners)
        {
            if (_open.TryGetValue(listener.Address, out var open))
                open.NonBlocking ??= open.Socket.IsNonBlocking;
        }
    }

    private void Adopt(ListenerSpec spec, ListenerSocket socket)
    {
        keeper.Hold(Key(spec.Address), HoldKind.Listener, socket.Handle);
        var open = new Open(spec, socket);
        // Events 0: only hang-ups are told, and a listener hangs up when somebody calls shutdown(2) on it.
        open.Watch = poller.Register(socket.Handle, FdInterest.None, _ => Heal(open));
        _open[spec.Address] = open;
    }

    private void Heal(Open open)
    {
        lock (open)
        {
            if (open.Socket.IsAlive || !_open.ContainsKey(open.Spec.Address))
                return;
            try
            {
                open.Socket.Relisten();
                log.ListenerKilled(open.Spec.Address.ToString()!, _lastToLeave);
            }
            catch (Exception problem) when (problem is SystemCallException or ListenException)
            {
                log.ListenerNotHealed(open.Spec.Address.ToString()!, problem.Message);
            }
        }
    }

    private static string Key(ListenerAddress address) => $"listener:{address}";

    private static ListenAddress ToPlatform(ListenerAddress address) => address switch
    {
        ListenerAddress.Tcp tcp => new ListenAddress.Tcp(tcp.Address, tcp.Port, tcp.DualStack),
        ListenerAddress.Unix unix => new ListenAddress.Unix(unix.Path, unix.Mode),
        _ => throw new ArgumentOutOfRangeException(nameof(address)),
    };

    private sealed class Open(ListenerSpec spec, ListenerSocket socket)
    {
        public ListenerSpec Spec => spec;

        public ListenerSocket Socket => socket;

        public FdRegistration Watch { get; set; } = null!;

        public bool? NonBlocking { get; set; }
    }
}
