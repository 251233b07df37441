using Xunit;
using ZeroDown.Keeper;

namespace ZeroDown.Tests.Keeper;

public sealed class DaemonScheduleTests
{
    [Theory]
    [InlineData(true, 0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0)]
    [InlineData(false, 0.0, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0, 1.0, 1.0)]
    public void The_first_death_is_followed_at_once_quick_ones_ever_later_and_a_long_life_forgives(bool failed, params double[] expected)
    {
        var schedule = new DaemonSchedule();
        List<double> pauses = [];
        for (var i = 0; i < 10; i++)
        {
            schedule.Ended(startedAt: At(100), now: At(101), failed);
            pauses.Add((schedule.NextStart - At(101)).TotalSeconds);
        }

        Assert.Equal(expected, pauses);

        schedule.Ended(startedAt: At(200), now: At(210), failed);
        Assert.Equal((At(210), 0, 11), (schedule.NextStart, schedule.QuickDeaths, schedule.Predecessors));
    }

    [Fact]
    public void Failures_are_counted_until_one_lives_long_or_another_program_comes_and_who_is_killed_does_not_count()
    {
        var schedule = new DaemonSchedule();
        schedule.Ended(At(0), At(1), failed: true);
        schedule.Ended(At(1), At(2), failed: false);
        schedule.Ended(At(2), At(3), failed: true);
        Assert.Equal((2, 3), (schedule.Failures, schedule.QuickDeaths));
        schedule.Ended(At(3), At(20), failed: true);
        Assert.Equal(0, schedule.Failures);
        schedule.Ended(At(20), At(21), failed: true);
        schedule.Left(At(22));
        Assert.Equal(0, schedule.Failures);
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
