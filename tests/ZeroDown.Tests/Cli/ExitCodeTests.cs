using Xunit;
using ZeroDown.Cli;

namespace ZeroDown.Tests.Cli;

public sealed class ExitCodeTests
{
    [Fact]
    public void The_numbers_that_scripts_build_upon_do_not_change() => Assert.Equal(
        (0, 1, 2, 5, 6, 7, 130),
        (ExitCode.Done, ExitCode.Failed, ExitCode.WrongUsage, ExitCode.ConfigInvalid, ExitCode.DaemonNotReachable, ExitCode.RollFailed, ExitCode.Interrupted));
}
