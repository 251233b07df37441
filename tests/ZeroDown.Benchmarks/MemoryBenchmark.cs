namespace ZeroDown.Benchmarks;

/// <summary>What stays resident for two workers, 10 s after they are ready, beside pm2's daemon with two cluster workers.</summary>
internal static class MemoryBenchmark
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<Figure>> RunAsync(Settings settings)
    {
        await using var zd = await ZdFleet.StartAsync(settings.Zd, $"script: {Settings.TestWorker}", "args: [serve]");
        await using var pm2 = await Pm2Fleet.StartAsync();
        await Task.Delay(Settle);
        var parts = zd.ResidentPids().Select(Commands.ResidentBytes).ToList();
        if (parts.Count != 2)
            throw new InvalidOperationException($"expected keeper and daemon, found {parts.Count} processes");
        var ours = parts.Sum() / 1e6;
        var detail = $"{ours:0.0} MB ({string.Join(" + ", parts.Select(bytes => $"{bytes / 1e6:0.0}"))})";
        if (pm2 is null)
            return [new Figure("keeper + daemon, VmRSS", detail, "pm2 is not to be had (no npm)", "–", "≤ 1/2", null)];
        var theirs = Commands.ResidentBytes(pm2.DaemonPid) / 1e6;
        return [new Figure("keeper + daemon, VmRSS", detail, $"pm2's daemon {theirs:0.0} MB", $"{ours / theirs:0.00}", "≤ 1/2", ours <= theirs / 2)];
    }
}
