using Xunit;
using ZeroDown.Keeper;

namespace ZeroDown.Tests.Keeper;

public sealed class PatienceTests
{
    [Fact]
    public void It_is_over_after_its_time()
    {
        var patience = new Patience(At(8), now: At(0));
        double[] looks = [1, 2, 3.9, 4, 6, 7.9, 8, 9];
        Assert.Equal([false, false, false, false, false, false, true, true], looks.Select(seconds => patience.IsOver(At(seconds))));
    }

    [Fact]
    public void It_is_never_over_before_its_time_however_often_somebody_looks()
    {
        var patience = new Patience(At(8), now: At(0));
        Assert.DoesNotContain(Enumerable.Range(0, 800), hundredths => patience.IsOver(At(hundredths / 100.0)));
    }

    [Fact]
    public void Time_that_was_slept_through_counts_as_one_quarter()
    {
        var patience = new Patience(At(8), now: At(0));
        Assert.False(patience.IsOver(At(2)));
        Assert.False(patience.IsOver(At(5000)));
        Assert.Equal(At(5002), patience.Next);
        Assert.False(patience.IsOver(At(5002)));
        Assert.True(patience.IsOver(At(5004)));
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
