using CsCheck;
using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

public sealed class NotifyMessageTests
{
    [Fact]
    public void Everything_we_act_on_is_read()
    {
        var message = NotifyMessage.Parse("""
            READY=1
            RELOADING=1
            STOPPING=1
            STATUS=serving = well
            EXTEND_TIMEOUT_USEC=1500000
            WATCHDOG=1
            WATCHDOG_USEC=250
            MAINPID=4711
            ERRNO=2
            BARRIER=1
            """);

        Assert.Equal(new NotifyMessage(
            Ready: true, Stopping: true, Reloading: true, Status: "serving = well", ExtendTimeout: TimeSpan.FromSeconds(1.5), Watchdog: true,
            WatchdogTimeout: TimeSpan.FromMicroseconds(250), MainPid: 4711, ErrorNumber: 2, Barrier: true), message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("READY=0")]
    [InlineData("READY")]
    [InlineData("=1")]
    [InlineData("X_NOBODY=1\nFDSTORE=1")]
    [InlineData("MAINPID=-1\nERRNO=x\nWATCHDOG_USEC=soon\nEXTEND_TIMEOUT_USEC=")]
    [InlineData("\n\n\0")]
    public void What_is_unknown_or_unreadable_says_nothing(string text) => Assert.Equal(new NotifyMessage(), NotifyMessage.Parse(text));

    [Fact]
    public void An_endless_extension_is_the_longest_time_there_is() =>
        Assert.Equal(TimeSpan.MaxValue, NotifyMessage.Parse($"EXTEND_TIMEOUT_USEC={ulong.MaxValue}").ExtendTimeout);

    [Fact]
    public void No_text_at_all_makes_it_fail() => Gen.String.Sample(text => NotifyMessage.Parse(text) is not null);
}
