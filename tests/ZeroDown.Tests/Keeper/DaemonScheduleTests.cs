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

    [Fact]
    public void A_successor_goes_on_counting_and_the_daemon_that_handed_over_is_no_failure()
    {
        var schedule = new DaemonSchedule();
        schedule.Inherit(Failing);
        schedule.HandedOver(startedAt: At(0), now: At(1));
        Assert.Equal((5, 3, 2), (schedule.Predecessors, schedule.QuickDeaths, schedule.Failures));
        schedule.Ended(At(1), At(2), failed: true);
        Assert.Equal((6, 4, 3), (schedule.Predecessors, schedule.QuickDeaths, schedule.Failures));
    }

    [Fact]
    public void A_daemon_that_lived_long_under_a_dead_keeper_has_made_up_for_those_before_it()
    {
        var schedule = new DaemonSchedule();
        schedule.Inherit(Failing);
        schedule.HandedOver(startedAt: At(0), now: At(10));
        Assert.Equal((5, 0, 0), (schedule.Predecessors, schedule.QuickDeaths, schedule.Failures));
    }

    private static KeeperFields Failing => new(KeeperClient.ContractVersion, Pid: 1, Predecessors: 4, QuickDeaths: 3) { Failures = 2 };

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
