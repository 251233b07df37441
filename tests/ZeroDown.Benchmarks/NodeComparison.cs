using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using LoadClient;

namespace ZeroDown.Benchmarks;

/// <summary>
/// A Node program under zd and under pm2 7, side by side: the same server, the same clients, alternating in one run. Each row is a claim:
/// zd is ahead (kept-alive throughput at least level).
/// </summary>
internal static class NodeComparison
{
    private const double Level = 0.95;
    private const int ReloadsPerRound = 3;
    private const int Rounds = 2;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    public static async Task<IReadOnlyList<Figure>> RunAsync(Settings settings)
    {
        var figures = new List<Figure>();
        foreach (var instances in new[] { 2, 4 })
        {
            var (zd, pm2) = await NodeFleet.StartBothAsync(settings.Zd, instances);
            await using (zd)
            {
                if (pm2 is null)
                    return [new Figure("a Node cluster under zd and under pm2", "–", "pm2 is not to be had (no npm)", "–", "ahead", null)];
                await using (pm2)
                {
                    var pair = new Pair(zd, pm2, settings);
                    if (instances == 2)
                    {
                        figures.Add(await MemoryAsync(pair));
                        figures.AddRange(await VerbsAsync(pair));
                    }

                    figures.Add(await NodeRates.CompareAsync(pair, instances, keepAlive: false, least: 1));
                    figures.Add(await NodeRates.CompareAsync(pair, instances, keepAlive: true, least: Level));
                    if (instances == 2)
                    {
                        figures.Add(await KillAsync(pair));
                        figures.Add(await ReloadsAsync(pair, "/"));
                        figures.Add(await ReloadsAsync(pair, "/?delay=100"));
                    }
                }
            }
        }

        return figures;
    }

    private static async Task<Figure> MemoryAsync(Pair pair)
    {
        await Task.Delay(TimeSpan.FromSeconds(10)); // what starting took is given back
        var (ours, theirs) = (pair.Zd.ResidentBytes() / 1e6, pair.Pm2.ResidentBytes() / 1e6);
        return new Figure("Node, 2 workers: memory of the supervisor (VmRSS)", $"{ours:0.0} MB", $"pm2 {theirs:0.0} MB", $"{ours / theirs:0.00}", "< 1", ours < theirs);
    }

    private static async Task<IReadOnlyList<Figure>> VerbsAsync(Pair pair)
    {
        var figures = new List<Figure>();
        foreach (var (ours, theirs) in new[] { ("list", "ls"), ("reload web", "reload web"), ("restart web", "restart web") })
        {
            var (mine, other) = await pair.AlternateAsync(async fleet =>
                (await fleet.RunAsync((fleet == pair.Zd ? ours : theirs).Split(' '))).TotalMilliseconds);
            figures.Add(Quicker($"Node, 2 workers: `{ours}`, the whole command", mine, other));
        }

        return figures;
    }

    /// <summary>From the kill of every worker to the next answer that one client gets, who asks again at once after each failure.</summary>
    private static async Task<Figure> KillAsync(Pair pair)
    {
        var (mine, other) = await pair.AlternateAsync(async fleet =>
        {
            var workers = await fleet.WorkersAsync();
            var clock = Stopwatch.StartNew();
            foreach (var pid in workers)
            {
                using var worker = Process.GetProcessById(pid);
                worker.Kill();
            }

            while (!await AnswersAsync(fleet.Url))
            {
                // The next one.
            }

            var took = clock.Elapsed.TotalMilliseconds;
            while ((await fleet.WorkersAsync()).Count(pid => pid > 0 && !workers.Contains(pid)) < workers.Count)
                await Task.Delay(50);
            return took;
        }, most: 5);
        return Quicker("Node, 2 workers: kill -9 of all of them to the next answer", mine, other);
    }

    private static async Task<bool> AnswersAsync(Uri url)
    {
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(url.Host, url.Port, limit.Token);
            await socket.SendAsync("GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n"u8.ToArray(), limit.Token);
            return await socket.ReceiveAsync(new byte[256], limit.Token) > 0;
        }
        catch (Exception problem) when (problem is SocketException or OperationCanceledException)
        {
            await Task.Delay(2);
            return false;
        }
    }

    private static async Task<Figure> ReloadsAsync(Pair pair, string path)
    {
        var lost = new Dictionary<NodeFleet, (long Failed, long Requests)> { [pair.Zd] = default, [pair.Pm2] = default };
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var fleet in round % 2 == 0 ? new[] { pair.Zd, pair.Pm2 } : [pair.Pm2, pair.Zd])
            {
                await using var load = LoadRun.Start(new LoadPlan(new Uri(fleet.Url, path))
                {
                    KeepAlive = 50,
                    Fresh = 50,
                    Think = TimeSpan.FromMilliseconds(20),
                    ExpectedDelay = TimeSpan.FromMilliseconds(100),
                    Seed = round,
                });
                await load.WaitForRequestsAsync(500, Soon);
                for (var reload = 0; reload < ReloadsPerRound; reload++)
                {
                    await fleet.RunAsync("reload", "web");
                    await load.WaitForMoreAsync(200, Soon);
                }

                var result = await load.StopAsync();
                lost[fleet] = (lost[fleet].Failed + result.Failed, lost[fleet].Requests + result.Requests);
            }
        }

        string Text(NodeFleet fleet) => string.Create(
            CultureInfo.InvariantCulture, $"{lost[fleet].Failed / (double)(Rounds * ReloadsPerRound):0.#} ({lost[fleet].Failed} of {lost[fleet].Requests})");
        var what = path == "/" ? "answers at once" : "after 100 ms";
        return new Figure($"Node, 2 workers: failed requests per reload, 50 kept alive + 50 fresh, {what}", Text(pair.Zd), $"pm2 {Text(pair.Pm2)}", "–", "0", lost[pair.Zd].Failed == 0);
    }

    private static Figure Quicker(string what, List<double> mine, List<double> other)
    {
        var ratio = Pair.Ratio(mine, other);
        return new Figure(what, $"{Statistics.Median(mine):0} ms", $"pm2 {Statistics.Median(other):0} ms", ratio.Text, "< 1", ratio.Median < 1);
    }
}

/// <summary>The two that are compared, and how: one after the other, and who goes first changes, so that a drift of the machine favours nobody.</summary>
internal sealed record Pair(NodeFleet Zd, NodeFleet Pm2, Settings Settings)
{
    /// <param name="measure">Of one of them.</param>
    /// <param name="most">Not more pairs than this, for what takes long.</param>
    public async Task<(List<double> Zd, List<double> Pm2)> AlternateAsync(Func<NodeFleet, Task<double>> measure, int most = int.MaxValue)
    {
        await measure(Zd); // both sides' caches and compilers
        await measure(Pm2);
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var pair = 0; pair < Math.Min(Settings.Pairs, most); pair++)
        {
            if (pair % 2 == 0)
                ours.Add(await measure(Zd));
            theirs.Add(await measure(Pm2));
            if (pair % 2 == 1)
                ours.Add(await measure(Zd));
        }

        return (ours, theirs);
    }

    public static (double Median, string Text) Ratio(List<double> ours, List<double> theirs)
    {
        var ratios = ours.Zip(theirs, (a, b) => a / b).ToList();
        var (low, high) = Statistics.MedianInterval(ratios);
        var median = Statistics.Median(ratios);
        return (median, string.Create(CultureInfo.InvariantCulture, $"{median:0.00} ({low:0.00} to {high:0.00})"));
    }
}
