using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ZeroDown.AspNetCore;

/// <summary>
/// Ties the worker to the host: ready when the host has started, and drained before the host stops anything.
/// <see cref="IHostedLifecycleService.StoppingAsync"/> is the one place that runs after the stop signal, may take its time, and still comes
/// before the web server closes its connections.
/// </summary>
internal sealed class WorkerLifecycle(Worker worker, IHostApplicationLifetime lifetime, IOptions<HostOptions> options) : IHostedLifecycleService
{
    /// <summary>What the rest of the shutdown may take after the drain.</summary>
    internal static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    // After a drain that ended by time, what ends itself on ApplicationStopping (a polite websocket) gets this long before it is cut.
    private static readonly TimeSpan Politeness = TimeSpan.FromSeconds(1);

    // A drained worker that nobody stops (the supervisor died in between) serves nobody.
    private static readonly TimeSpan Orphaned = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan IdleOfStop = TimeSpan.FromSeconds(3);

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(worker.SayReady);
        worker.Drain.Ordered += order => AllowShutdown(order.Total + Margin);
        _ = StopWhenOrphanedAsync();
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var drain = worker.Drain;
        var byMessage = drain.IsDraining;
        var said = "STOPPING=1";
        if (!byMessage)
        {
            var order = OrderOfSignal();
            drain.Start(order);

            // Who sent the signal may count on a shorter time; tell him before he kills.
            said += FormattableString.Invariant($"\nEXTEND_TIMEOUT_USEC={(order.Total + Margin).TotalMicroseconds:0}");
        }

        worker.Notify?.Say(said);
        await WaitAsync(drain.Over, Timeout.InfiniteTimeSpan, cancellationToken);
        if (byMessage)
        {
            await WaitAsync(drain.Quiet, Politeness, cancellationToken);
        }

        drain.AbortAll();
        await WaitAsync(drain.Quiet, Politeness, cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task WaitAsync(Task task, TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            await task.WaitAsync(atMost, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
        }
    }

    private DrainOrder OrderOfSignal()
    {
        var limit = options.Value.ShutdownTimeout;
        var total = worker.Environment.DrainTimeout ?? (limit > 2 * Margin ? limit - Margin : limit / 2);

        // Without a channel the signal is all that a supervisor has, in a roll too, where idle connections get the whole time. With one, a bare
        // signal is somebody's wish to stop.
        var idle = worker.Environment.IdleTimeout ?? (worker.Environment.ChannelDescriptor is null || total < IdleOfStop ? total : IdleOfStop);
        return new DrainOrder("signal", idle, total);
    }

    private void AllowShutdown(TimeSpan needed)
    {
        if (options.Value.ShutdownTimeout < needed)
        {
            options.Value.ShutdownTimeout = needed;
        }
    }

    private async Task StopWhenOrphanedAsync()
    {
        await worker.Drain.Over;
        await Task.Delay(Orphaned);
        lifetime.StopApplication();
    }
}
