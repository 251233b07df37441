using Xunit;
using ZeroDown.Daemon.Output;

namespace ZeroDown.Tests.Daemon;

public sealed class DatePatternTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 5, 16, 7, 9, 42, TimeSpan.FromHours(5.5));

    [Theory]
    [InlineData("YYYY-MM-DD HH:mm:ss.SSS Z", "2026-03-05 16:07:09.042 +05:30")]
    [InlineData("YYYY-MM-DD HH:mm Z", "2026-03-05 16:07 +05:30")]
    [InlineData(DatePattern.Standard, "2026-03-05T16:07:09")]
    [InlineData("YY/M/D h:m:s A ZZ", "26/3/5 4:7:9 PM +0530")]
    [InlineData("dddd ddd dd d, MMMM MMM", "Thursday Thu Th 4, March Mar")]
    [InlineData("[on] DD.MM. [at] hh a", "on 05.03. at 04 pm")]
    [InlineData("X x", "1772707029 1772707029042")]
    [InlineData("", "")]
    [InlineData("ddd, MMM D [at] hh A", "Thu, Mar 5 at 04 PM")]
    [InlineData("[open", "[open")]
    public void Letters_mean_what_they_mean_to_moment(string pattern, string text) => Assert.Equal(text, new DatePattern(pattern).Write(At));

    [Theory]
    [InlineData(0, "12 AM")]
    [InlineData(12, "12 PM")]
    public void Noon_and_midnight_are_twelve(int hour, string text) =>
        Assert.Equal(text, new DatePattern("h A").Write(new DateTimeOffset(2026, 1, 1, hour, 0, 0, TimeSpan.Zero)));
}
