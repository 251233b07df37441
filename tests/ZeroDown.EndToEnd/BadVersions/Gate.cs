using Xunit;

namespace ZeroDown.EndToEnd.BadVersions;

/// <summary>Which cells run: all with ZD_SOAK=1; else 24 of them, in which each way is started once and reloaded once, and each kind has two of either.</summary>
internal static class Gate
{
    public static bool Soak { get; } = Environment.GetEnvironmentVariable("ZD_SOAK") == "1";

    public static TheoryData<Cell> Of(Kind kind) => [.. Cells.Where(cell => cell.Kind == kind)];

    public static IEnumerable<Cell> Cells => Soak ? Cell.All : Pairwise;

    public static IEnumerable<Cell> Pairwise => Enum.GetValues<BadWay>().SelectMany(OfWay);

    private static IEnumerable<Cell> OfWay(BadWay way)
    {
        var kinds = Enum.GetValues<Kind>().Length;
        var (number, half) = ((int)way % kinds, (int)way / kinds);
        yield return new Cell((Kind)((number + (2 * half)) % kinds), way, Deployment.Start);
        // Ways that never get ready are waited for, which is shorter where the bad version alone is waited for.
        yield return new Cell((Kind)((number + 1 + (3 * half)) % kinds), way, number % 2 == 0 || way is BadWay.NeverListens or BadWay.Hangs ? Deployment.ReloadFile : Deployment.ReloadInPlace);
    }
}
