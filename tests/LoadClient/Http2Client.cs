using System.Text;

namespace LoadClient;

/// <summary>Keeps one HTTP/2 connection with several streams in flight, until the server says GOAWAY; then a new one.</summary>
internal sealed class Http2Client(int number, LoadPlan plan, Tally tally) : Client($"http/2 {number}", plan, tally, plan.Seed * 4000 + number)
{
    private Http2Connection? _connection;

    protected override async Task VisitAsync(CancellationToken stop)
    {
        var started = Now();
        Limit.Arm();
        if (_connection is null)
        {
            Exchange = 0;
            _connection = await Http2Connection.OpenAsync(Plan.Target, Limit).ConfigureAwait(false);
            Tally.Connected();
        }

        foreach (var stream in await _connection.ExchangeAsync(Plan.StreamsPerConnection).ConfigureAwait(false))
        {
            Exchange++;
            Count(stream, started);
        }

        if (_connection.GoingAway)
            Drop();
    }

    protected override void Drop()
    {
        _connection?.Dispose();
        _connection = null;
    }

    private void Count(Http2Stream stream, long started)
    {
        if (stream.Refused)
            Tally.RefusedByGoAway();
        else if (stream.Failed is { } failed)
            Fail(failed);
        else if (stream.Status != 200)
            Fail(new RequestFailedException(FailureKind.WrongStatus, $"status {stream.Status}"));
        else if (Plan.MustContain is { } text && !Encoding.UTF8.GetString(stream.Body).Contains(text, StringComparison.Ordinal))
            Fail(new RequestFailedException(FailureKind.WrongBody, $"the body lacks '{text}'"));
        else
            Tally.Answered(LastWorker = WorkerSeen.In(stream.Body), started);
    }
}
