using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace ZeroDown.AspNetCore;

/// <summary>
/// One endpoint's accept loop. It takes no connection before the host has started, and none after the drain has begun. Without a socket it is
/// the silent twin of another endpoint. Kestrel reads a null from <see cref="AcceptAsync"/> as "no more", without a word in the log.
/// </summary>
internal sealed class WorkerListener(EndPoint requested, WorkerSockets sockets, SocketTransportOptions options, ILogger log)
    : IConnectionListener
{
    private readonly SocketConnectionContextFactory _connections = new(
        new SocketConnectionFactoryOptions
        {
            IOQueueCount = options.IOQueueCount,
            MaxReadBufferSize = options.MaxReadBufferSize,
            MaxWriteBufferSize = options.MaxWriteBufferSize,
            UnsafePreferInlineScheduling = options.UnsafePreferInlineScheduling,
            WaitForDataBeforeAllocatingBuffer = options.WaitForDataBeforeAllocatingBuffer,
        },
        log);

    private static readonly TimeSpan QueueGlance = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _unbound = new();
    private CancellationTokenSource? _stop;
    private Socket? _socket;
    private bool _inherited;

    /// <summary>What the program asked for.</summary>
    public EndPoint Requested { get; } = requested;

    /// <summary>Where it really listens.</summary>
    public EndPoint EndPoint { get; private set; } = requested;

    /// <summary>Listens on <paramref name="socket"/> from now on, instead of what it had.</summary>
    public void Use(Socket socket, InheritedSocket? inherited)
    {
        Discard();
        _socket = socket;
        _inherited = inherited is not null;
        if (!_inherited)
        {
            sockets.Drain.BeginOwnQueue(); // what waits in our own queue is work left to do
        }

        EndPoint = inherited?.Address ?? socket.LocalEndPoint!;
    }

    public void Silence()
    {
        Discard();
        EndPoint = Requested;
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        var stop = (_stop ??= CancellationTokenSource.CreateLinkedTokenSource(sockets.Drain.StopAccepting, _unbound.Token)).Token;
        try
        {
            if (!sockets.AllBound.IsCompleted)
            {
                await sockets.AllBound.WaitAsync(stop);
            }

            if (_socket is null)
            {
                await Task.Delay(Timeout.Infinite, stop);
                return null;
            }

            return await NextAsync(_socket, stop);
        }
        catch (OperationCanceledException)
        {
            // On an inherited socket the queue belongs to the siblings. On one of the program's own nobody else would ever answer what is
            // queued, and closing it would reset them.
            return _unbound.IsCancellationRequested || _inherited || _socket is null ? null : await TakeQueuedAsync(_socket);
        }
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        // Cancel before dispose: a cancelled accept has either taken its connection or left it in the queue, never half.
        _unbound.Cancel();
        Discard();
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _unbound.Cancel();
        Discard();
        _connections.Dispose();
        return default;
    }

    private async ValueTask<ConnectionContext?> NextAsync(Socket socket, CancellationToken stop)
    {
        while (true)
        {
            if (!sockets.Drain.TryBeginAccept())
            {
                throw new OperationCanceledException();
            }

            WorkerConnection? accepted = null;
            SocketError trouble;
            try
            {
                accepted = Dress(await socket.AcceptAsync(stop));
                trouble = SocketError.Success;
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException e)
            {
                trouble = e.SocketErrorCode;
            }
            finally
            {
                sockets.Drain.EndAccept(accepted);
            }

            if (accepted is not null)
            {
                return accepted;
            }

            if (trouble is SocketError.OperationAborted)
            {
                return null;
            }

            if (trouble is not (SocketError.ConnectionReset or SocketError.ConnectionAborted))
            {
                // Out of descriptors, or a sibling has shut the shared socket down and the supervisor is about to heal it.
                log.LogWarning("Cannot accept on {Endpoint}: {Error}; trying again", EndPoint, trouble);
                await Task.Delay(100, stop);
            }
        }
    }

    private WorkerConnection Dress(Socket accepted)
    {
        try
        {
            if (accepted.LocalEndPoint is IPEndPoint)
            {
                accepted.NoDelay = options.NoDelay;
            }

            return new WorkerConnection(_connections.Create(accepted), sockets.Drain);
        }
        catch
        {
            accepted.Dispose();
            throw;
        }
    }

    private async ValueTask<ConnectionContext?> TakeQueuedAsync(Socket socket)
    {
        using var glance = new CancellationTokenSource(QueueGlance);
        sockets.Drain.BeginOwnQueue();
        WorkerConnection? accepted = null;
        try
        {
            return accepted = Dress(await socket.AcceptAsync(glance.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            Discard(); // the port is free for the successor
            return null;
        }
        finally
        {
            sockets.Drain.EndOwnQueue(accepted);
        }
    }

    private void Discard()
    {
        if (Interlocked.Exchange(ref _socket, null) is { } socket)
        {
            socket.Dispose();
            if (!_inherited)
            {
                sockets.Drain.EndOwnQueue(null);
            }
        }
    }
}
