using System.Diagnostics;

namespace LoadClient;

/// <summary>
/// One client's loop: request after request, each sent once and counted once, until the run stops. A request that has begun when the run
/// stops is still finished and counted.
/// </summary>
internal abstract class Client(string name, LoadPlan plan, Tally tally, int seed) : IDisposable
{
    private readonly Random _random = new(seed);

    protected LoadPlan Plan => plan;

    protected Tally Tally => tally;

    protected RequestLimit Limit { get; } = new(plan.Limit);

    /// <summary>Which exchange this is on the current connection, from 1.</summary>
    protected int Exchange { get; set; }

    protected WorkerSeen? LastWorker { get; set; }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await VisitAsync(stop).ConfigureAwait(false);
            }
            catch (RequestFailedException failure)
            {
                Drop();
                Fail(failure);
            }

            if (plan.Think > TimeSpan.Zero)
                await PauseAsync(plan.Think * _random.NextDouble(), stop).ConfigureAwait(false);
        }

        Drop();
    }

    public virtual void Dispose() => Limit.Dispose();

    /// <summary>One request (or one batch of streams), from sending to the end of the answer.</summary>
    protected abstract Task VisitAsync(CancellationToken stop);

    /// <summary>Lets go of the connection, if one is open.</summary>
    protected abstract void Drop();

    protected TimeSpan Between(int lowMs, int highMs) => TimeSpan.FromMilliseconds(_random.Next(lowMs, highMs));

    protected void Fail(RequestFailedException failure)
    {
        tally.Failed(new Failure(failure.Kind, DateTime.Now, name, Exchange, failure.Message, LastWorker));
        LastWorker = null;
        // A server that refuses would otherwise be asked a hundred thousand times a second.
        if (failure.Kind == FailureKind.Connect)
            Thread.Sleep(1);
    }

    protected static async Task PauseAsync(TimeSpan pause, CancellationToken stop) =>
        await Task.Delay(pause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    protected static long Now() => Stopwatch.GetTimestamp();
}
