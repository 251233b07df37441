using System.Globalization;
using LoadClient;

namespace ZeroDown.Benchmarks;

/// <summary>
/// Requests per second of a Node cluster, and how they spread over its workers: under pm2 a JavaScript thread hands out each connection in
/// turn; under zd the workers take them from one queue themselves.
/// </summary>
internal static class NodeRates
{
    private const int Connections = 50;

    public static async Task<Figure> CompareAsync(Pair pair, int instances, bool keepAlive, double least)
    {
        var (ours, theirs) = await pair.AlternateAsync(fleet => RateAsync(fleet.Url, keepAlive, pair.Settings.Seconds));
        var ratio = Pair.Ratio(ours, theirs);
        var (mine, other) = (await SpreadAsync(pair.Zd, keepAlive, pair.Settings.Seconds), await SpreadAsync(pair.Pm2, keepAlive, pair.Settings.Seconds));
        return new Figure(
            $"Node, {instances} workers: requests per second, {Connections} {(keepAlive ? "kept alive" : "fresh")} connections ({RequestRate.Tool}; share of each worker)",
            $"{Statistics.Median(ours):0}/s ({mine})",
            $"pm2 {Statistics.Median(theirs):0}/s ({other})",
            ratio.Text,
            string.Create(CultureInfo.InvariantCulture, $"{(least < 1 ? "≥" : ">")} {least:0.##}"),
            least < 1 ? ratio.Median >= least : ratio.Median > least);
    }

    private static async Task<double> RateAsync(Uri url, bool keepAlive, int seconds)
    {
        if (keepAlive)
            return await RequestRate.OfAsync(url, seconds);
        if (Commands.Find("wrk") is not { } wrk)
        {
            await using var load = LoadRun.Start(new LoadPlan(url) { Fresh = Connections });
            await Task.Delay(TimeSpan.FromSeconds(seconds));
            return (await load.StopAsync()).PerSecond;
        }

        var (output, _) = await Commands.RunAsync(wrk, ["-t1", $"-c{Connections}", $"-d{seconds}s", "-H", "Connection: close", url.ToString()]);
        var line = output.Split('\n').First(line => line.StartsWith("Requests/sec:", StringComparison.Ordinal));
        return double.Parse(line["Requests/sec:".Length..], CultureInfo.InvariantCulture);
    }

    private static async Task<string> SpreadAsync(NodeFleet fleet, bool keepAlive, int seconds)
    {
        await using var load = LoadRun.Start(new LoadPlan(fleet.Url) { KeepAlive = keepAlive ? Connections : 0, Fresh = keepAlive ? 0 : Connections });
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var result = await load.StopAsync();
        return string.Join(" / ", result.ByPid.Values.OrderDescending().Select(count => $"{100.0 * count / result.Answered:0} %"));
    }
}
