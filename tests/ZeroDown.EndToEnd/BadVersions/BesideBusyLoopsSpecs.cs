using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.BadVersions;

/// <summary>The same table while four busy loops run beside it: every cell with ZD_SOAK=1, else a throw in the first line.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class BesideBusyLoopsSpecs : BadVersionTest
{
    public static TheoryData<Cell> Cells => Gate.Soak
        ? [.. Cell.All]
        : [new Cell(Kind.ForkNode, BadWay.ThrowsAtOnce, Deployment.Start), new Cell(Kind.ClusterNode, BadWay.ThrowsAtOnce, Deployment.ReloadFile)];

    [Theory, MemberData(nameof(Cells))]
    public async Task A_bad_version_on_a_busy_machine_is_told_truthfully(Cell cell)
    {
        using var loops = new BusyLoops();
        await Run(cell, isBusy: true);
    }
}
