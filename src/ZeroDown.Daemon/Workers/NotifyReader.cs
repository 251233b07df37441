using ZeroDown.Core.Supervision;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// Hears what a worker says on its <c>NOTIFY_SOCKET</c> (sd_notify). One socket per worker, so there is no doubt who speaks.
/// A datagram is looked at, goes through the loop, and is taken only then; a BARRIER is acknowledged by the taking.
/// </summary>
internal sealed class NotifyReader : IDisposable
{
    private readonly WorkerId _worker;
    private readonly NotifySocket _socket;
    private readonly int? _owner;
    private readonly FdPoller _poller;
    private readonly SupervisorLoop _loop;
    private readonly FdRegistration _registration;
    private bool _disposed;

    /// <param name="worker">Who speaks.</param>
    /// <param name="socket">Owned.</param>
    /// <param name="owner">The worker's user when it is not ours: the socket lies where others come by.</param>
    /// <param name="poller">Tells when there is news.</param>
    /// <param name="loop">Where it goes.</param>
    public NotifyReader(WorkerId worker, NotifySocket socket, int? owner, FdPoller poller, SupervisorLoop loop)
    {
        _worker = worker;
        _socket = socket;
        _owner = owner;
        _poller = poller;
        _loop = loop;
        _registration = poller.Prepare(socket.Handle, _ => Look());
        _registration.Begin(FdInterest.Read);
    }

    public void Dispose()
    {
        _registration.Dispose();
        _poller.Post(() =>
        {
            _disposed = true;
            _socket.Unlink();
            _socket.Dispose();
        });
    }

    private void Look()
    {
        if (_disposed || !_socket.TryPeek(out var datagram))
            return;

        if (IsTrusted(datagram.SenderUid))
        {
            foreach (var news in Meaning(NotifyMessage.Parse(datagram.Text)))
                _loop.Post(news);
        }

        _registration.Change(FdInterest.None);
        _loop.Post(null, () => _poller.Post(() =>
        {
            if (_disposed)
                return;
            _socket.Consume();
            _registration.Change(FdInterest.Read);
        }));
    }

    private bool IsTrusted(int? sender) => _owner is not { } owner || sender is null || sender == owner || sender == CurrentUser.Uid;

    private IEnumerable<SupervisorEvent> Meaning(NotifyMessage message)
    {
        if (message.Status is { } status)
            yield return new WorkerSaidStatus(_worker, status);
        if (message.ExtendTimeout is { } extension)
            yield return new WorkerExtendedTimeout(_worker, extension);
        if (message.Ready)
            yield return new WorkerSaidReady(_worker);
        if (message.Stopping)
            yield return new WorkerSaidStopping(_worker);
    }
}
