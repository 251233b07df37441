using System.Diagnostics;
using System.Globalization;
using LoadClient;

namespace ZeroDown.Benchmarks;

/// <summary>
/// What a supervisor's own death costs: SIGKILL to the daemon, under zd and under pm2, with the same Node program and the same clients. pm2's workers go with
/// their daemon, and its next command starts an empty one.
/// </summary>
internal static class SurvivalBenchmark
{
    private const int Instances = 2;
    private const int Most = 5;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    /// <summary>After which the keeper does not take the next death for a crash loop, and does not wait.</summary>
    private static readonly TimeSpan LongLife = TimeSpan.FromSeconds(11);

    public static async Task<IReadOnlyList<Figure>> RunAsync(Settings settings)
    {
        var (zd, pm2) = await NodeFleet.StartBothAsync(settings.Zd, Instances);
        await using var ours = zd;
        if (pm2 is not null)
            await pm2.DisposeAsync(); // each of its measurements begins with a new one
        var count = Math.Min(settings.Pairs, Most);
        var (answered, restarted, theirs) = (new List<double>(), new List<double>(), new List<double>());
        for (var one = 0; one < count; one++)
        {
            await Task.Delay(LongLife);
            answered.Add(await AnsweredAsync(zd));
            await Task.Delay(LongLife);
            restarted.Add(await RestartedAsync(zd));
            if (pm2 is not null)
                theirs.Add(await WithPm2Async(AnsweredAsync));
        }

        await Task.Delay(LongLife);
        var (failed, requests) = await FailedAsync(zd);
        var other = pm2 is null ? default : await WithPm2LossesAsync();
        const string none = "pm2 is not to be had (no npm)";
        var ratio = theirs.Count == 0 ? "–" : Pair.Ratio(answered, theirs).Text;
        return
        [
            new Figure(
                "Node, 2 workers: kill -9 of the daemon to the first answered `list`, the whole command", $"{Statistics.Median(answered):0} ms, all workers in it",
                theirs.Count == 0 ? none : $"pm2 {Statistics.Median(theirs):0} ms, an empty list", ratio, "–", null),
            new Figure(
                "Node, 2 workers: kill -9 of daemon and one worker to the worker's successor online", $"{Statistics.Median(restarted):0} ms",
                pm2 is null ? none : "pm2 never: all its workers are gone", "–", "–", null),
            new Figure(
                "Node, 2 workers: failed requests when the daemon is killed, 50 kept alive + 50 fresh for 3 s", Text(failed, requests),
                pm2 is null ? none : $"pm2 {Text(other.Failed, other.Requests)}", "–", "0", failed == 0),
        ];
    }

    private static async Task<double> AnsweredAsync(NodeFleet fleet)
    {
        var clock = Stopwatch.StartNew();
        fleet.KillDaemon();
        await fleet.RunAsync(fleet.IsPm2 ? "ls" : "list");
        return clock.Elapsed.TotalMilliseconds;
    }

    private static async Task<double> RestartedAsync(NodeFleet fleet)
    {
        var workers = await fleet.WorkersAsync();
        var clock = Stopwatch.StartNew();
        fleet.KillDaemon();
        using (var victim = Process.GetProcessById(workers[0]))
            victim.Kill();
        while (await fleet.OnlineAsync() is var online && (online.Count < Instances || online.Contains(workers[0])))
        {
            // Ask again: the command itself waits for the daemon.
        }

        return clock.Elapsed.TotalMilliseconds;
    }

    private static async Task<(long Failed, long Requests)> FailedAsync(NodeFleet fleet)
    {
        await using var load = LoadRun.Start(new LoadPlan(fleet.Url) { KeepAlive = 50, Fresh = 50, Think = TimeSpan.FromMilliseconds(20) });
        await load.WaitForRequestsAsync(500, Soon);
        fleet.KillDaemon();
        await Task.Delay(TimeSpan.FromSeconds(3));
        var result = await load.StopAsync();
        return (result.Failed, result.Requests);
    }

    private static async Task<(long Failed, long Requests)> WithPm2LossesAsync()
    {
        await using var fleet = await NodeFleet.StartPm2Async(Instances) ?? throw new InvalidOperationException("pm2 has vanished");
        return await FailedAsync(fleet);
    }

    private static async Task<double> WithPm2Async(Func<NodeFleet, Task<double>> measure)
    {
        await using var fleet = await NodeFleet.StartPm2Async(Instances) ?? throw new InvalidOperationException("pm2 has vanished");
        return await measure(fleet);
    }

    private static string Text(long failed, long requests) => string.Create(CultureInfo.InvariantCulture, $"{failed} of {requests}");
}
