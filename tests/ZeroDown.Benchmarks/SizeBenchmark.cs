namespace ZeroDown.Benchmarks;

/// <summary>How big the one binary is.</summary>
internal static class SizeBenchmark
{
    private const double MostMegabytes = 15;

    public static Task<IReadOnlyList<Figure>> RunAsync(Settings settings)
    {
        var megabytes = new FileInfo(settings.Zd).Length / 1e6;
        return Task.FromResult<IReadOnlyList<Figure>>(
            [new Figure("binary", $"{megabytes:0.0} MB", "–", "–", $"≤ {MostMegabytes} MB", megabytes <= MostMegabytes)]);
    }
}
