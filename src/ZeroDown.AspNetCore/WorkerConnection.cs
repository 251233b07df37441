using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace ZeroDown.AspNetCore;

/// <summary>
/// A connection from accept to its very end, and what the drain has to know of it: does it have requests, and may it be closed. It wraps the
/// transport's connection because only <see cref="DisposeAsync"/> says that the last byte has been handed to the kernel;
/// <see cref="ConnectionClosed"/> fires already when the client shuts down its sending side and still waits for the answer.
/// </summary>
internal sealed class WorkerConnection : ConnectionContext, IDrainable
{
    // A client that has not read the GOAWAY yet opens another stream; each such stream moves the end, up to a limit.
    private const int GoAwaySettleMs = 100;
    private const int GoAwayPatienceMs = 2_000;

    private readonly ConnectionContext _transport;
    private readonly Drain _drain;
    private readonly object _lock = new();
    private int _requests;
    private bool _closing;
    private long _goAwayAt;
    private long _goAwaySettles;

    public WorkerConnection(ConnectionContext transport, Drain drain)
    {
        _transport = transport;
        _drain = drain;
        transport.Features.Set(this);
    }

    public int Requests => Volatile.Read(ref _requests);

    public long IdleSince { get; private set; } = Environment.TickCount64;

    public override string ConnectionId
    {
        get => _transport.ConnectionId;
        set => _transport.ConnectionId = value;
    }

    public override IFeatureCollection Features => _transport.Features;

    public override IDictionary<object, object?> Items
    {
        get => _transport.Items;
        set => _transport.Items = value;
    }

    // Set by the TLS layer, which expects every reader of the connection's features to see the same pipe.
    public override IDuplexPipe Transport
    {
        get => _transport.Transport;
        set => _transport.Transport = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _transport.LocalEndPoint;
        set => _transport.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _transport.RemoteEndPoint;
        set => _transport.RemoteEndPoint = value;
    }

    public override CancellationToken ConnectionClosed
    {
        get => _transport.ConnectionClosed;
        set => _transport.ConnectionClosed = value;
    }

    public override void Abort() => _transport.Abort(new ConnectionAbortedException("The drain's time is over."));

    public override void Abort(ConnectionAbortedException abortReason) => _transport.Abort(abortReason);

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await _transport.DisposeAsync();
            await base.DisposeAsync();
        }
        finally
        {
            _drain.Forget(this);
        }
    }

    /// <summary>A request begins. During a drain, an HTTP/2 client is told to send the next one elsewhere.</summary>
    public void BeginRequest(bool http2)
    {
        lock (_lock)
        {
            _requests++;
            SpeaksHttp2 |= http2;
            if (_goAwayAt != 0)
            {
                _goAwaySettles = Math.Min(Environment.TickCount64 + GoAwaySettleMs, _goAwayAt + GoAwayPatienceMs);
            }
        }

        if (http2 && _drain.IsDraining)
        {
            SayGoAway();
        }
    }

    public void EndRequest()
    {
        lock (_lock)
        {
            _requests--;
            IdleSince = Environment.TickCount64;
        }
    }

    private bool SpeaksHttp2 { get; set; }

    /// <summary>
    /// Tells an HTTP/2 client that has requests open to send no more here (GOAWAY with the highest id). Not for an idle connection: Kestrel
    /// closes those in the same breath, and would lose a request that is on its way.
    /// </summary>
    public void SayGoAway()
    {
        lock (_lock)
        {
            if (!SpeaksHttp2 || _requests == 0 || _closing)
            {
                return;
            }

            _closing = true;
            _goAwayAt = Environment.TickCount64;
            _goAwaySettles = _goAwayAt + GoAwaySettleMs;
        }

        RequestClose();
    }

    /// <summary>
    /// How long an HTTP/2 request must still keep its stream open after a GOAWAY, in milliseconds. When the last stream ends, Kestrel closes
    /// the connection; until the client has read the GOAWAY it may open another one, which would be lost.
    /// </summary>
    public int GoAwayHoldMs()
    {
        lock (_lock)
        {
            return _goAwayAt == 0 ? 0 : (int)Math.Clamp(_goAwaySettles - Environment.TickCount64, 0, GoAwaySettleMs);
        }
    }

    /// <remarks>Bytes that the kernel has and the server has not read yet are a request that began: on a busy machine that takes a while.</remarks>
    public void CloseIfIdle()
    {
        lock (_lock)
        {
            if (_requests > 0 || _closing || HasUnreadBytes())
            {
                return;
            }

            _closing = true;
        }

        RequestClose();
    }

    private bool HasUnreadBytes()
    {
        try
        {
            return Features.Get<IConnectionSocketFeature>()?.Socket.Available > 0;
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            return false; // it is over by itself
        }
    }

    private void RequestClose() => Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
}
