using LoadClient;

namespace ZeroDown.Benchmarks;

/// <summary>Reloads of two workers under 50 kept-alive and 50 fresh connections: how long the command takes and what it costs the clients.</summary>
internal static class ReloadBenchmark
{
    private const int Reloads = 5;

    public static async Task<IReadOnlyList<Figure>> RunAsync(Settings settings)
    {
        await using var zd = await ZdFleet.StartAsync(settings.Zd, $"script: {Settings.TestWorker}", "args: [serve]");
        await using var pm2 = await Pm2Fleet.StartAsync();
        var figures = new List<Figure>();
        foreach (var path in new[] { "/", "/?delay=100" })
        {
            var ours = await MeasureAsync(new Uri(zd.Url, path), () => zd.RunAsync("reload", "web"));
            var theirs = pm2 is null ? null : await MeasureAsync(new Uri(pm2.Url, path), () => pm2.RunAsync("reload", "web"));
            var what = $"{Reloads} reloads under load, {(path == "/" ? "answers at once" : "after 100 ms")}";
            figures.Add(new Figure($"{what}: failed requests", Lost(ours), theirs is null ? "pm2 is not to be had (no npm)" : $"pm2 {Lost(theirs)}", "–", "0", ours.Result.Failed == 0));
            figures.Add(new Figure($"{what}: the command", $"{ours.MedianMs:0} ms", theirs is null ? "–" : $"pm2 {theirs.MedianMs:0} ms", theirs is null ? "–" : $"{ours.MedianMs / theirs.MedianMs:0.00}", "–", null));
        }

        return figures;
    }

    private static string Lost(Measured measured) => $"{measured.Result.Failed} of {measured.Result.Requests}";

    private static async Task<Measured> MeasureAsync(Uri url, Func<Task<TimeSpan>> reload)
    {
        await using var load = LoadRun.Start(new LoadPlan(url) { KeepAlive = 50, Fresh = 50, Think = TimeSpan.FromMilliseconds(20), ExpectedDelay = TimeSpan.FromMilliseconds(100) });
        await load.WaitForRequestsAsync(500, TimeSpan.FromSeconds(30));
        var times = new List<double>();
        for (var i = 0; i < Reloads; i++)
        {
            times.Add((await reload()).TotalMilliseconds);
            await load.WaitForMoreAsync(200, TimeSpan.FromSeconds(30));
        }

        return new Measured(await load.StopAsync(), Statistics.Median(times));
    }

    private sealed record Measured(LoadResult Result, double MedianMs);
}
