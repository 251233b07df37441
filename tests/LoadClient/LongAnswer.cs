namespace LoadClient;

/// <summary>How something long-lived came to its end.</summary>
public enum EndKind
{
    /// <summary>As the protocol announces it: all bytes of the body, the last chunk, a close frame.</summary>
    Complete,

    /// <summary>Closed in the middle.</summary>
    Cut,

    /// <summary>Reset in the middle.</summary>
    Reset,

    /// <summary>The test closed it itself.</summary>
    ByUs,
}

/// <summary>When and how a long answer or a websocket ended.</summary>
/// <param name="After">Since it was opened.</param>
/// <param name="Received">Bytes of the body, or messages of a websocket.</param>
public sealed record LongLivedEnd(EndKind How, TimeSpan After, long Received, string Detail);

/// <summary>
/// One answer that goes on for long, read as it comes: a download or a stream of server-sent events. It tells which worker gives it
/// (the first piece of the body that names a pid), how much has come, and how and when it ended.
/// </summary>
public sealed class LongAnswer : IAsyncDisposable
{
    private readonly RequestLimit _limit;
    private readonly Http1Connection _connection;
    private readonly long _opened = System.Diagnostics.Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly List<(long Events, TaskCompletionSource Reached)> _waiting = [];
    private long _received, _events;
    private volatile bool _closing;

    private LongAnswer(Http1Connection connection, RequestLimit limit)
    {
        _connection = connection;
        _limit = limit;
        Ended = Task.FromResult(new LongLivedEnd(EndKind.Cut, TimeSpan.Zero, 0, "not begun"));
    }

    /// <summary>Null until a piece of the body has named its worker.</summary>
    public WorkerSeen? Worker { get; private set; }

    /// <summary>Bytes of the body so far.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>Server-sent events so far (lines that begin with <c>data:</c>).</summary>
    public long Events => Volatile.Read(ref _events);

    /// <summary>Completes when the answer has ended, however it did; never throws.</summary>
    public Task<LongLivedEnd> Ended { get; private set; }

    /// <summary>Asks, and returns once the headers of a 200 have come.</summary>
    public static async Task<LongAnswer> OpenAsync(LoadTarget target, string? pathAndQuery = null)
    {
        var limit = new RequestLimit(TimeSpan.FromSeconds(10));
        limit.Arm();
        var connection = await Http1Connection.OpenAsync(target, limit, new byte[Http1Connection.BufferBytes]).ConfigureAwait(false);
        await connection.SendAsync(target.Request(close: false, pathAndQuery)).ConfigureAwait(false);
        var head = await connection.ReadHeadAsync().ConfigureAwait(false);
        if (head.Status != 200)
            throw new InvalidOperationException($"status {head.Status} for {pathAndQuery ?? target.Url.PathAndQuery}");
        limit.Disarm();
        var answer = new LongAnswer(connection, limit);
        answer.Ended = Task.Run(answer.ReadAsync);
        return answer;
    }

    /// <summary>How it ended; throws when it goes on for longer.</summary>
    public Task<LongLivedEnd> EndsWithin(TimeSpan within) => Ended.WaitAsync(within);

    public async Task WaitForEventsAsync(long events, TimeSpan within)
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
            _waiting.Add((events, reached));
        TellReached();
        var first = await Task.WhenAny(reached.Task, Ended).WaitAsync(within).ConfigureAwait(false);
        if (first != reached.Task)
            throw new InvalidOperationException($"the stream ended after {Events} events, before number {events}: {await Ended.ConfigureAwait(false)}");
    }

    public async ValueTask DisposeAsync()
    {
        _closing = true;
        _connection.Dispose();
        await Ended.ConfigureAwait(false);
        _limit.Dispose();
    }

    private async Task<LongLivedEnd> ReadAsync()
    {
        var piece = new byte[8 * 1024];
        try
        {
            int read;
            while ((read = await _connection.ReadBodyAsync(piece).ConfigureAwait(false)) > 0)
            {
                Worker ??= WorkerSeen.In(piece.AsSpan(0, read));
                Volatile.Write(ref _events, _events + piece.AsSpan(0, read).Count("data:"u8));
                Volatile.Write(ref _received, _received + read);
                TellReached();
            }

            return End(EndKind.Complete, "whole");
        }
        catch (RequestFailedException failure)
        {
            return End(failure.Kind == FailureKind.Reset ? EndKind.Reset : EndKind.Cut, failure.Message);
        }
        catch (Exception e) when (_closing)
        {
            return End(EndKind.ByUs, e.Message);
        }
    }

    private LongLivedEnd End(EndKind how, string detail) =>
        new(_closing ? EndKind.ByUs : how, System.Diagnostics.Stopwatch.GetElapsedTime(_opened), Received, detail);

    private void TellReached()
    {
        lock (_gate)
        {
            foreach (var (_, reached) in _waiting.Where(wait => wait.Events <= Events))
                reached.TrySetResult();
            _waiting.RemoveAll(wait => wait.Events <= Events);
        }
    }
}
