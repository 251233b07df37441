using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Daemon.Upkeep;

namespace ZeroDown.Tests.Daemon;

public sealed class CronTests
{
    private static readonly AppName App = new("api");
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Theory]
    [InlineData("0 3 * * *", "2026-11-25 03:00:00")]
    [InlineData("*/10 * * * * *", "2026-11-24 12:00:10")]
    [InlineData("@daily", "2026-11-25 00:00:00")]
    [InlineData("30 4 * * mon-fri", "2026-11-25 04:30:00")]
    [InlineData("0 0 31 * *", "2026-12-31 00:00:00")]
    public void The_next_moment_is_what_cron_says(string pattern, string next) =>
        Assert.Equal(At(next), CronPattern.Parse(pattern).Next(At("2026-11-24 12:00:00"), TimeZoneInfo.Utc));

    [Fact]
    public void Of_the_day_of_the_month_and_the_weekday_either_is_enough()
    {
        var pattern = CronPattern.Parse("0 0 1 * fri");
        Assert.Equal(At("2026-11-27 00:00:00"), pattern.Next(At("2026-11-24 12:00:00"), TimeZoneInfo.Utc));
        Assert.Equal(At("2026-12-01 00:00:00"), pattern.Next(At("2026-11-27 12:00:00"), TimeZoneInfo.Utc));
    }

    [Theory]
    [InlineData("61 * * * *", "between 0 and 59")]
    [InlineData("* * *", "3 fields instead of 5 or 6")]
    [InlineData("every night", "2 fields instead of 5 or 6")]
    [InlineData("0 0 30 2 *", "a day that never comes")]
    [InlineData("@nightly", "")]
    public void What_is_no_schedule_is_said(string pattern, string says) =>
        Assert.Contains(says, CronPattern.Problem(pattern)!, StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void A_moment_is_told_once()
    {
        var calendar = Calendar("0 * * * *", At("2026-11-24 12:30:00"));
        Assert.Empty(calendar.TakeDue(At("2026-11-24 12:59:59")));
        Assert.Single(calendar.TakeDue(At("2026-11-24 13:00:00")));
        Assert.Empty(calendar.TakeDue(At("2026-11-24 13:00:01")));
        Assert.Equal(At("2026-11-24 14:00:00"), calendar.NextOf(App));
    }

    [Fact]
    public void What_was_missed_while_the_machine_slept_comes_once()
    {
        var calendar = Calendar("0 * * * *", At("2026-11-24 12:30:00"));
        Assert.Single(calendar.TakeDue(At("2026-11-24 18:10:00")));
        Assert.Equal(At("2026-11-24 19:00:00"), calendar.NextOf(App));
    }

    [Fact]
    public void A_clock_that_is_set_back_does_not_make_the_next_moment_late()
    {
        var calendar = Calendar("0 3 * * *", At("2026-11-24 12:00:00"));
        Assert.Empty(calendar.TakeDue(At("2026-11-24 12:00:00")));
        Assert.Empty(calendar.TakeDue(At("2026-11-20 12:00:00")));
        Assert.Equal(At("2026-11-21 03:00:00"), calendar.NextOf(App));
    }

    [Fact]
    public void The_clock_is_asked_often_enough_to_notice_that_it_jumps()
    {
        var calendar = Calendar("0 3 * * *", At("2026-11-24 12:00:00"));
        Assert.Equal(CronCalendar.LongestPause, calendar.Pause(At("2026-11-24 12:00:00")));
        Assert.Equal(TimeSpan.FromSeconds(2), calendar.Pause(At("2026-11-25 02:59:58")));
        calendar.Remove(App);
        Assert.Null(calendar.Pause(At("2026-11-24 12:00:00")));
    }

    [Fact]
    public void An_hour_that_summer_time_leaves_out_is_not_missed_and_one_that_comes_twice_counts_once()
    {
        var pattern = CronPattern.Parse("30 2 * * *");
        var spring = pattern.Next(new DateTimeOffset(2026, 3, 29, 0, 0, 0, TimeSpan.FromHours(1)), Berlin)!.Value;
        Assert.Equal(new DateTimeOffset(2026, 3, 29, 3, 0, 0, TimeSpan.FromHours(2)), spring);

        var autumn = pattern.Next(new DateTimeOffset(2026, 10, 25, 0, 0, 0, TimeSpan.FromHours(2)), Berlin)!.Value;
        Assert.Equal(25, autumn.Day);
        Assert.Equal(26, pattern.Next(autumn, Berlin)!.Value.Day);
    }

    private static CronCalendar Calendar(string pattern, DateTimeOffset now)
    {
        var calendar = new CronCalendar(TimeZoneInfo.Utc);
        calendar.Set(App, pattern, now);
        return calendar;
    }

    private static DateTimeOffset At(string text) =>
        new(DateTime.ParseExact(text, "yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture), TimeSpan.Zero);
}
