using Xunit;
using ZeroDown.Daemon.Rpc;
using ZeroDown.Tests.Platform;

namespace ZeroDown.Tests.Daemon;

public sealed class UsageMeterTests
{
    [Fact]
    public void Processes_that_are_gone_are_not_remembered_for_ever()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "costs are read from /proc");
        var meter = new UsageMeter(roomy: 4);
        for (var i = 0; i < 4; i++)
        {
            using var worker = Tool.Start("sleep", "600");
            meter.Read(worker.Pid, TimeSpan.Zero);
            Assert.Equal(i + 1, meter.Count);
        }

        meter.Read(Environment.ProcessId, TimeSpan.Zero);

        Assert.Equal(1, meter.Count);
    }
}
