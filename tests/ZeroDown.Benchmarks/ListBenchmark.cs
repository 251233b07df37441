namespace ZeroDown.Benchmarks;

/// <summary>A listing as a whole process, from fork to exit, beside two running workers.</summary>
internal static class ListBenchmark
{
    public static async Task<IReadOnlyList<Figure>> RunAsync(Settings settings)
    {
        await using var zd = await ZdFleet.StartAsync(settings.Zd, $"script: {Settings.TestWorker}", "args: [serve]");
        await using var pm2 = await Pm2Fleet.StartAsync();
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var pair = 0; pair <= settings.Pairs; pair++)
        {
            var mine = await zd.RunAsync("list");
            var other = pm2 is null ? TimeSpan.Zero : await pm2.RunAsync("ls");
            if (pair == 0)
                continue; // the first one warms the page cache
            ours.Add(mine.TotalMilliseconds);
            theirs.Add(other.TotalMilliseconds);
        }

        if (pm2 is null)
            return [new Figure("`zd list` as a process", $"{Statistics.Median(ours):0.0} ms", "pm2 is not to be had (no npm)", "–", "≤ 1/10", null)];
        var ratios = ours.Zip(theirs, (a, b) => a / b).ToList();
        var (low, high) = Statistics.MedianInterval(ratios);
        var ratio = Statistics.Median(ratios);
        return
        [
            new Figure("`zd list` as a process", $"{Statistics.Median(ours):0.0} ms", $"`pm2 ls` {Statistics.Median(theirs):0} ms", $"{ratio:0.000} ({low:0.000} to {high:0.000})", "≤ 1/10", ratio <= 0.1),
        ];
    }
}
