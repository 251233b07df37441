namespace LoadClient;

/// <summary>
/// Load in the background while a test does something to the server:
/// <code>
/// await using var load = LoadRun.Start(new LoadPlan(url) { KeepAlive = 50, Fresh = 50 });
/// await load.WaitForRequestsAsync(1000, within);
/// …
/// var result = await load.StopAsync();
/// </code>
/// </summary>
public sealed class LoadRun : IAsyncDisposable
{
    private readonly Tally _tally = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Client> _clients;
    private readonly Task _running;

    private LoadRun(LoadPlan plan)
    {
        _clients =
        [
            .. Enumerable.Range(0, plan.KeepAlive).Select(number => new KeepAliveClient(number, plan, _tally)),
            .. Enumerable.Range(0, plan.Fresh).Select(number => new FreshClient(number, plan, _tally)),
            .. Enumerable.Range(0, plan.Silent).Select(number => new SilentClient(number, plan, _tally)),
            .. Enumerable.Range(0, plan.Http2).Select(number => new Http2Client(number, plan, _tally)),
        ];
        _running = Task.WhenAll(_clients.Select(client => Task.Run(() => client.RunAsync(_stop.Token))));
    }

    public static LoadRun Start(LoadPlan plan) => new(plan);

    /// <summary>The counters now; the run goes on.</summary>
    public LoadResult Snapshot() => _tally.Snapshot();

    /// <summary>Completes when so many requests (since the start of the run) were answered or failed; throws with the counters when that takes too long.</summary>
    public async Task WaitForRequestsAsync(long requests, TimeSpan within)
    {
        try
        {
            await _tally.Reaches(requests).WaitAsync(within).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"not {requests} requests within {within.TotalSeconds:0.#} s; so far: {Snapshot()}");
        }
    }

    /// <summary>Completes when so many more requests than now were answered or failed.</summary>
    public Task WaitForMoreAsync(long requests, TimeSpan within) => WaitForRequestsAsync(Snapshot().Requests + requests, within);

    /// <summary>Lets every client finish the request in its hands, then returns the whole count.</summary>
    public async Task<LoadResult> StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        return Snapshot();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _clients.ForEach(client => client.Dispose());
        _stop.Dispose();
    }
}
