namespace ZeroDown.AspNetCore;

/// <summary>How a drain goes.</summary>
/// <param name="Why">The supervisor's reason: <c>reload</c>, <c>scale</c>, <c>stop</c>, <c>restart</c>, <c>delete</c>, <c>shutdown</c>; or <c>signal</c>.</param>
/// <param name="Idle">How long a connection without a request may stay open, to speak once more.</param>
/// <param name="Total">How long everything else may take, long-lived connections included.</param>
internal sealed record DrainOrder(string Why, TimeSpan Idle, TimeSpan Total);

/// <summary>What is still open.</summary>
/// <param name="Requests">Requests being answered, event streams and websockets among them.</param>
/// <param name="Idle">Connections without a request.</param>
internal readonly record struct OpenWork(int Requests, int Idle);

/// <summary>An open connection, as far as a drain is concerned. (This file knows no ASP.NET Core: a host without a web server drains too.)</summary>
internal interface IDrainable
{
    /// <summary>Requests being answered right now; more than one in HTTP/2.</summary>
    int Requests { get; }

    /// <summary>When the last request ended (or the connection was accepted), in <see cref="Environment.TickCount64"/>.</summary>
    long IdleSince { get; }

    /// <summary>Tells an HTTP/2 client that has requests open to send the next one elsewhere; nothing for anybody else.</summary>
    void SayGoAway();

    /// <summary>Closes the connection if no request is being answered on it.</summary>
    void CloseIfIdle();

    /// <summary>Cuts the connection.</summary>
    void Abort();
}

/// <summary>
/// Lets a worker go without losing a request. A server that closes an idle connection races the request that the client is just sending,
/// so nothing is closed here that may still speak: accepting ends at once, every answer from now on says that it was the last one on its
/// connection (<c>Connection: close</c>, GOAWAY), and a silent connection is left alone until it has spoken or its time is over.
/// <para>
/// A drain begins once and never ends: Serving → draining → over, where "over" is no connection left, or the total time passed. A second
/// order only moves the deadlines.
/// </para>
/// </summary>
internal sealed class Drain : IDisposable
{
    // Four reports per second at most, and the grain of the deadlines.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    private readonly object _lock = new();
    private readonly CancellationTokenSource _stopAccepting = new();
    private readonly HashSet<IDrainable> _connections = [];
    private readonly TaskCompletionSource _acceptedLast = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _quiet = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _accepting;
    private int _queuesOfOurOwn;
    private int _requestsElsewhere;
    private volatile bool _draining;
    private DrainOrder _order = new("", TimeSpan.Zero, TimeSpan.Zero);
    private long _startedAt;

    /// <summary>
    /// Called when the last connection has been accepted: who hears it may rely on that. Then at most four times per second when the numbers
    /// have changed.
    /// </summary>
    public Action<OpenWork>? Progress { get; set; }

    /// <summary>Called when a drain begins or gets new deadlines.</summary>
    public Action<DrainOrder>? Ordered { get; set; }

    public bool IsDraining => _draining;

    /// <summary>Completes when nothing is open any more, or the drain's time has passed.</summary>
    public Task Over => _over.Task;

    /// <summary>Cancelled when accepting ends.</summary>
    public CancellationToken StopAccepting => _stopAccepting.Token;

    public OpenWork Open
    {
        get
        {
            lock (_lock)
            {
                var requests = 0;
                var idle = 0;
                foreach (var connection in _connections)
                {
                    var here = connection.Requests;
                    requests += here;
                    idle += here == 0 ? 1 : 0;
                }

                return new OpenWork(requests + _requestsElsewhere, idle);
            }
        }
    }

    public void Start(DrainOrder order)
    {
        bool first;
        lock (_lock)
        {
            first = !_draining;
            _order = order;
            _startedAt = Environment.TickCount64;
            _draining = true;
        }

        Ordered?.Invoke(order);
        if (first)
        {
            _stopAccepting.Cancel();
            _ = RunAsync();
        }
    }

    /// <summary>
    /// Brackets one accept. While a drain waits for silence, an accept that the kernel has completed but nobody has seen yet must count, or
    /// its connection would be forgotten. False: accepting has ended.
    /// </summary>
    public bool TryBeginAccept()
    {
        lock (_lock)
        {
            if (_draining)
            {
                return false;
            }

            _accepting++;
            return true;
        }
    }

    /// <summary>Ends the accept; <paramref name="connection"/> is what came of it, or null.</summary>
    public void EndAccept(IDrainable? connection)
    {
        lock (_lock)
        {
            _accepting--;
            if (connection is not null)
            {
                _connections.Add(connection);
            }
        }

        NoticeQuiet();
    }

    /// <summary>
    /// Brackets the use of a socket of the program's own: nobody else will ever answer its queue, so the drain is not over before it is empty.
    /// </summary>
    public void BeginOwnQueue()
    {
        lock (_lock)
        {
            _queuesOfOurOwn++;
        }
    }

    /// <summary>Ends it; <paramref name="connection"/> is what was taken out of it, or null.</summary>
    public void EndOwnQueue(IDrainable? connection)
    {
        lock (_lock)
        {
            _queuesOfOurOwn--;
            if (connection is not null)
            {
                _connections.Add(connection);
            }
        }

        NoticeQuiet();
    }

    public void Forget(IDrainable connection)
    {
        lock (_lock)
        {
            _connections.Remove(connection);
        }

        NoticeQuiet();
    }

    /// <summary>A request that came by another road than our listeners (another server, a transport of the program's own).</summary>
    public void BeginRequestElsewhere() => Interlocked.Increment(ref _requestsElsewhere);

    public void EndRequestElsewhere()
    {
        Interlocked.Decrement(ref _requestsElsewhere);
        NoticeQuiet();
    }

    /// <summary>Cuts what outlived the drain, so that the host's own shutdown finds nothing to wait for.</summary>
    public void AbortAll()
    {
        foreach (var connection in Snapshot())
        {
            connection.Abort();
        }
    }

    /// <summary>Completes when no connection is left at all.</summary>
    public Task Quiet => _quiet.Task;

    public void Dispose() => _stopAccepting.Dispose();

    private async Task RunAsync()
    {
        foreach (var connection in Snapshot())
        {
            connection.SayGoAway();
        }

        OpenWork? told = null;
        NoticeQuiet();
        Report();
        while (!_quiet.Task.IsCompleted)
        {
            DrainOrder order;
            long startedAt;
            lock (_lock)
            {
                (order, startedAt) = (_order, _startedAt);
            }

            var now = Environment.TickCount64;
            var left = TimeSpan.FromMilliseconds(startedAt - now) + order.Total;
            if (left <= TimeSpan.Zero)
            {
                break;
            }

            foreach (var connection in Snapshot())
            {
                // A connection that was busy when the drain began gets its idle time from the end of its request: that answer's head
                // may have been sent before the drain, without saying that it was the last.
                if (now - Math.Max(startedAt, connection.IdleSince) >= order.Idle.TotalMilliseconds)
                {
                    connection.CloseIfIdle();
                }
            }

            Report();
            await Task.WhenAny(told is null ? _acceptedLast.Task : _quiet.Task, Task.Delay(left < Tick ? left : Tick));
        }

        if (told is null)
        {
            Report();
        }

        _over.TrySetResult();

        void Report()
        {
            if (_acceptedLast.Task.IsCompleted && Open is var open && told != open)
            {
                told = open;
                Progress?.Invoke(open);
            }
        }
    }

    private IDrainable[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _connections];
        }
    }

    private void NoticeQuiet()
    {
        if (!_draining)
        {
            return;
        }

        lock (_lock)
        {
            if (_accepting > 0)
            {
                return;
            }

            _acceptedLast.TrySetResult();
            if (_queuesOfOurOwn == 0 && _connections.Count == 0 && Volatile.Read(ref _requestsElsewhere) == 0)
            {
                _quiet.TrySetResult();
            }
        }
    }
}
