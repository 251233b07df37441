using System.Text;

namespace LoadClient;

/// <summary>What the three kinds of HTTP/1.1 clients share: reading and judging one answer.</summary>
internal abstract class Http1Client(string name, LoadPlan plan, Tally tally, int seed) : Client(name, plan, tally, seed)
{
    private readonly byte[] _wire = new byte[Http1Connection.BufferBytes];
    private readonly byte[] _body = new byte[8 * 1024];
    private readonly byte[]? _mustContain = plan.MustContain is null ? null : Encoding.UTF8.GetBytes(plan.MustContain);

    protected Http1Connection? Connection { get; set; }

    protected override void Drop()
    {
        Connection?.Dispose();
        Connection = null;
    }

    protected async ValueTask ConnectAsync()
    {
        Exchange = 1;
        LastWorker = null;
        Connection = await Http1Connection.OpenAsync(Plan.Target, Limit, _wire).ConfigureAwait(false);
        Tally.Connected();
    }

    /// <summary>Sends one request, reads its answer, counts it. True when the server keeps the connection.</summary>
    protected async ValueTask<bool> ExchangeAsync(byte[] request, long startedAt)
    {
        var connection = Connection!;
        await connection.SendAsync(request).ConfigureAwait(false);
        var head = await connection.ReadHeadAsync().ConfigureAwait(false);
        var length = 0;
        int read;
        // The first 8 KiB are kept to be looked at; of a longer body, the last piece lands there again and again.
        while ((read = await connection.ReadBodyAsync(_body.AsMemory(length < _body.Length ? length : 0)).ConfigureAwait(false)) > 0)
            length = Math.Min(length + read, _body.Length);
        Judge(head, _body.AsSpan(0, length));
        LastWorker = WorkerSeen.In(_body.AsSpan(0, length));
        Tally.Answered(LastWorker, startedAt);
        Exchange++;
        return head.KeepAlive;
    }

    private void Judge(Http1Head head, ReadOnlySpan<byte> body)
    {
        if (head.Status != 200)
            throw new RequestFailedException(FailureKind.WrongStatus, $"status {head.Status}: {Encoding.UTF8.GetString(body[..Math.Min(body.Length, 80)])}");
        if (_mustContain is not null && body.IndexOf(_mustContain) < 0)
            throw new RequestFailedException(FailureKind.WrongBody, $"the body lacks '{Plan.MustContain}': {Encoding.UTF8.GetString(body[..Math.Min(body.Length, 80)])}");
    }
}

/// <summary>Reuses its connection as long as the server does not announce the end; then a new one, which is no failure.</summary>
internal sealed class KeepAliveClient(int number, LoadPlan plan, Tally tally) : Http1Client($"keep-alive {number}", plan, tally, plan.Seed * 1000 + number)
{
    private readonly byte[] _request = plan.Target.Request(close: false);

    protected override async Task VisitAsync(CancellationToken stop)
    {
        var started = Now();
        Limit.Arm();
        if (Connection is null)
            await ConnectAsync().ConfigureAwait(false);
        if (!await ExchangeAsync(_request, started).ConfigureAwait(false))
            Drop();
    }
}

/// <summary>A connection of its own for each request.</summary>
internal sealed class FreshClient(int number, LoadPlan plan, Tally tally) : Http1Client($"fresh {number}", plan, tally, plan.Seed * 2000 + number)
{
    private readonly byte[] _request = plan.Target.Request(close: true);

    protected override async Task VisitAsync(CancellationToken stop)
    {
        var started = Now();
        Limit.Arm();
        await ConnectAsync().ConfigureAwait(false);
        await ExchangeAsync(_request, started).ConfigureAwait(false);
        await Connection!.AwaitCloseAsync().ConfigureAwait(false);
        Drop();
    }
}

/// <summary>Connects and says nothing for a while: the worker that accepted may be told to drain before the first byte arrives.</summary>
internal sealed class SilentClient(int number, LoadPlan plan, Tally tally) : Http1Client($"silent {number}", plan, tally, plan.Seed * 3000 + number)
{
    private readonly byte[] _request = plan.Target.Request(close: true);

    protected override async Task VisitAsync(CancellationToken stop)
    {
        Limit.Arm();
        await ConnectAsync().ConfigureAwait(false);
        Limit.Disarm();
        await PauseAsync(Between(150, 300), stop).ConfigureAwait(false);
        Limit.Arm();
        await ExchangeAsync(_request, Now()).ConfigureAwait(false);
        await Connection!.AwaitCloseAsync().ConfigureAwait(false);
        Drop();
    }
}
