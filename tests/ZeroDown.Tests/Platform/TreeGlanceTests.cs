using System.Diagnostics;
using System.Globalization;
using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

public sealed class TreeGlanceTests
{
    [Fact]
    public void What_matches_is_found_with_all_that_descends_from_it_and_nothing_beside()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is Linux's");
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", "sh -c 'sleep 900; true' & echo $!; sleep 901; true"]) { RedirectStandardOutput = true })!;
        try
        {
            var inner = int.Parse(shell.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
            IReadOnlyList<TreeMember> below = [];
            Assert.True(SpinWait.SpinUntil(() => (below = WorkerTree.Below(shell.Id)).Count == 3, TimeSpan.FromSeconds(30)), string.Join(", ", below));
            Assert.DoesNotContain(below, member => member.Pid == shell.Id);

            var found = TreeGlance.At(below).WithAllBelow(member => member.Pid == inner);
            Assert.Equal(2, found.Count);
            Assert.All(found, member => Assert.True(member.Pid == inner || member.ParentPid == inner));
            Assert.Empty(TreeGlance.At(below).WithAllBelow(_ => false));
        }
        finally
        {
            shell.Kill(entireProcessTree: true);
        }
    }
}
