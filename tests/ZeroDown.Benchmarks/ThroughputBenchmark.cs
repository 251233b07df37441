namespace ZeroDown.Benchmarks;

/// <summary>
/// What the supervisor costs on the data path: two workers under zd, and the same two on a socket that they inherited from nobody in
/// particular, in alternating pairs.
/// </summary>
internal static class ThroughputBenchmark
{
    private const double Least = 0.97;

    public static async Task<IReadOnlyList<Figure>> RunAsync(Settings settings)
    {
        var figures = new List<Figure> { await CompareAsync("framework-free", settings, Settings.TestWorker, "serve") };
        if (File.Exists(Settings.TestWebWorker))
            figures.Add(await CompareAsync("ASP.NET Core, UseZeroDown()", settings, Settings.TestWebWorker, "zd=true"));
        return figures;
    }

    private static async Task<Figure> CompareAsync(string kind, Settings settings, string program, params string[] arguments)
    {
        await using var zd = await ZdFleet.StartAsync(settings.Zd, $"script: {program}", "env: { Logging__LogLevel__Default: Warning }", $"args: [{string.Join(", ", arguments)}]");
        await using var bare = await BareWorkers.StartAsync(program, arguments);
        await RequestRate.OfAsync(zd.Url, settings.Seconds); // both sides' JIT
        await RequestRate.OfAsync(bare.Url, settings.Seconds);
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var pair = 0; pair < settings.Pairs; pair++)
        {
            // Who goes first changes, so that a drift of the machine favours nobody.
            if (pair % 2 == 0)
                ours.Add(await RequestRate.OfAsync(zd.Url, settings.Seconds));
            theirs.Add(await RequestRate.OfAsync(bare.Url, settings.Seconds));
            if (pair % 2 == 1)
                ours.Add(await RequestRate.OfAsync(zd.Url, settings.Seconds));
        }

        var ratios = ours.Zip(theirs, (a, b) => a / b).ToList();
        var (low, high) = Statistics.MedianInterval(ratios);
        var ratio = Statistics.Median(ratios);
        return new Figure($"throughput, {kind} ({RequestRate.Tool})", $"{Statistics.Median(ours):0}/s", $"no supervisor {Statistics.Median(theirs):0}/s", $"{ratio:0.000} ({low:0.000} to {high:0.000})", $"≥ {Least}", ratio >= Least);
    }
}
