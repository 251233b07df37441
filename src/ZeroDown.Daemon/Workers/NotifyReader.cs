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
    private readonly FdPoller _poller;
    private readonly SupervisorLoop _loop;
    private readonly FdRegistration _registration;
    private bool _disposed;

    public NotifyReader(WorkerId worker, NotifySocket socket, FdPoller poller, SupervisorLoop loop)
    {
        _worker = worker;
        _socket = socket;
        _poller = poller;
        _loop = loop;
        _registration = poller.Register(socket.Handle, FdInterest.Read, _ => Look());
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

        foreach (var news in Meaning(NotifyMessage.Parse(datagram.Text)))
            _loop.Post(news);

        _registration.Change(FdInterest.None);
        _loop.Post(null, () => _poller.Post(() =>
        {
            if (_disposed)
                return;
            _socket.Consume();
            _registration.Change(FdInterest.Read);
        }));
    }

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
