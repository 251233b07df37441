using Xunit;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Tests.Platform.Launching;

/// <summary>Only <see cref="Reaper.Reap"/>: the looks see every child of the process, also those of other tests; the keeper's tests cover them.</summary>
public sealed class ReaperTests
{
    [Fact]
    public void An_exit_is_told_with_code_and_usage()
    {
        var exit = Run("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; exit 9");

        Assert.Equal((9, (int?)null, false), (exit.ExitCode, exit.Signal, exit.CoreDumped));
        Assert.True(exit.MaxRssBytes > 100_000);
        Assert.True(exit.UserTime > TimeSpan.Zero);
        Assert.Equal("exit code 9", exit.ToString());
    }

    [Fact]
    public void A_death_is_told_with_its_signal()
    {
        var exit = Run("kill -11 $$");

        Assert.Equal(((int?)null, 11), (exit.ExitCode, exit.Signal));
        Assert.StartsWith("signal 11", exit.ToString(), StringComparison.Ordinal);
    }

    private static ChildExit Run(string script) =>
        Reaper.Reap(ChildLauncher.Launch(new ChildImage("/bin/sh", ["sh", "-c", script], [], [], NewSession: true)));
}
