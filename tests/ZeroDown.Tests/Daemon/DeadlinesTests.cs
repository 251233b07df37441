using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon;

namespace ZeroDown.Tests.Daemon;

public sealed class DeadlinesTests
{
    [Fact]
    public void Deadlines_come_in_the_order_of_their_times_and_each_once()
    {
        var deadlines = new Deadlines();
        deadlines.Arm(Id(1), TimeSpan.FromSeconds(2));
        deadlines.Arm(Id(2), TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), deadlines.Next);
        Assert.True(deadlines.TryTakeDue(TimeSpan.FromSeconds(5), out var first));
        Assert.True(deadlines.TryTakeDue(TimeSpan.FromSeconds(5), out var second));
        Assert.False(deadlines.TryTakeDue(TimeSpan.FromSeconds(5), out _));
        Assert.Equal((Id(2), Id(1)), (first, second));
    }

    [Fact]
    public void What_was_disarmed_never_comes()
    {
        var deadlines = new Deadlines();
        deadlines.Arm(Id(1), TimeSpan.FromSeconds(1));
        deadlines.Disarm(Id(1));
        Assert.Null(deadlines.Next);
        Assert.False(deadlines.TryTakeDue(TimeSpan.MaxValue, out _));
    }

    private static DeadlineId Id(long epoch) => new(new AppName("web"), 0, new WorkerId(1), DeadlineKind.Kill, epoch);
}
