using Xunit;
using ZeroDown.Daemon.Workers;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Tests.Daemon;

public sealed class LaunchProblemsTests
{
    [Theory]
    [InlineData("ENOMEM", true)]
    [InlineData("EAGAIN", true)]
    [InlineData("EMFILE", true)]
    [InlineData("ENFILE", true)]
    [InlineData("ENOSPC", true)]
    [InlineData("EDQUOT", true)]
    [InlineData("EROFS", true)]
    [InlineData("ENOENT", false)]
    [InlineData("EACCES", false)]
    [InlineData("ENOEXEC", false)]
    public void What_the_machine_lacks_may_pass_and_what_is_wrong_with_the_program_does_not(string name, bool temporary)
    {
        var errno = new Errno(Errno.Known.Single(known => known.Name == name).Value);

        var fromKeeper = LaunchProblems.From(new LaunchFailure(LaunchStep.Spawn, errno, "posix_spawn"));
        var ours = LaunchProblems.From(new SystemCallException("mkfifo /x", errno));
        var fromRuntime = LaunchProblems.From(new IOException("no room", errno.Value));

        Assert.All([fromKeeper, ours, fromRuntime], problem => Assert.Equal((errno.Value, temporary), (problem.Errno, problem.Temporary)));
        Assert.Equal(("spawn", "prepare", "prepare"), (fromKeeper.Step, ours.Step, fromRuntime.Step));
    }

    [Fact]
    public void What_the_runtime_says_without_a_number_of_the_kernel_is_not_taken_for_one() =>
        Assert.Equal((0, false), (LaunchProblems.From(new IOException("odd")).Errno, LaunchProblems.From(new IOException("odd")).Temporary));
}
