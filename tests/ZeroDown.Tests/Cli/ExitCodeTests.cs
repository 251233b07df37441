using Xunit;
using ZeroDown.Cli;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Cli;

/// <summary>What scripts build upon.</summary>
public class ExitCodeTests
{
    [Fact]
    public void The_numbers_stay_as_they_are() => Assert.Equal(
        [0, 1, 2, 5, 6, 7, 130],
        (int[])[ExitCode.Done, ExitCode.Failed, ExitCode.WrongUsage, ExitCode.ConfigInvalid, ExitCode.DaemonNotReachable, ExitCode.RollFailed, ExitCode.Interrupted]);

    [Theory]
    [InlineData("list", 0)]
    [InlineData("jlist", 0)]
    [InlineData("describe api", 0)]
    [InlineData("describe nobody", 1)]
    [InlineData("pid nobody", 1)]
    [InlineData("id nobody", 1)]
    [InlineData("env nobody", 1)]
    [InlineData("attach all", 1)]
    [InlineData("start", 1)]
    [InlineData("start nobody.js", 1)]
    [InlineData("start nobody.yaml", 1)]
    [InlineData("start nobody.yaml broken.yaml", 5)]
    [InlineData("start /bin/sh --instances many", 5)]
    [InlineData("serve nowhere", 1)]
    [InlineData("logs nobody", 1)]
    [InlineData("start broken.yaml", 5)]
    [InlineData("stop broken.yaml", 5)]
    [InlineData("reload broken.yaml", 5)]
    [InlineData("stop unknown.yaml", 1)]
    [InlineData("link", 1)]
    [InlineData("frobnicate", 2)]
    [InlineData("stop", 2)]
    [InlineData("stop --frobnicate api", 2)]
    [InlineData("stop --frobNicate api", 2)]
    [InlineData("scale api many", 2)]
    [InlineData("scale api", 2)]
    [InlineData("list --sort colour", 2)]
    [InlineData("logs --lines -1", 2)]
    [InlineData("send 0", 2)]
    [InlineData("--help", 0)]
    [InlineData("stop --help", 0)]
    [InlineData("--version", 0)]
    [InlineData("-v", 0)]
    public async Task With_a_daemon(string typed, int code)
    {
        await using var command = new TypedCommand();
        command.Write("broken.yaml", "apps:\n  - nmae: x\n");
        command.Write("unknown.yaml", "apps:\n  - {name: x, script: /bin/sh}\n");
        Assert.Equal(code, await command.Run(typed.Split(' ')));
        Assert.Equal(code != 0, command.Error.StartsWith("error: ", StringComparison.Ordinal) || command.Error.Contains("\nerror: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Logs_of_nobody_are_not_announced()
    {
        await using var command = new TypedCommand();
        Assert.Equal(1, await command.Run("logs", "nobody"));
        Assert.Equal("", command.Out);
    }

    [Theory]
    [InlineData("list", 0)]
    [InlineData("jlist", 0)]
    [InlineData("report", 0)]
    [InlineData("kill", 0)]
    [InlineData("ping", 6)]
    [InlineData("stop api", 6)]
    [InlineData("reload api", 6)]
    [InlineData("restart all", 6)]
    [InlineData("scale api 2", 6)]
    [InlineData("describe api", 6)]
    [InlineData("env 0", 6)]
    [InlineData("pid", 6)]
    [InlineData("id api", 6)]
    [InlineData("send 0 x", 6)]
    [InlineData("send-signal HUP 0", 6)]
    [InlineData("flush", 6)]
    [InlineData("reload-logs", 6)]
    [InlineData("reset all", 6)]
    [InlineData("logs", 6)]
    [InlineData("start /bin/sh", 6)]
    public async Task Without_a_daemon(string typed, int code)
    {
        await using var command = new TypedCommand(daemon: false);
        Assert.Equal(code, await command.Run(typed.Split(' ')));
        if (typed == "jlist")
            Assert.Equal("[]\n", command.Out);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public async Task What_the_daemon_says_is_the_exit_code(int code)
    {
        await using var command = new TypedCommand();
        command.Daemon.Reply = new CommandReply { ExitCode = code };
        Assert.Equal(code, await command.Run("reload", "api"));
    }

    [Theory]
    [InlineData("scale api 2", 1)]
    [InlineData("stop api", 0)]
    public async Task Nothing_to_do_is_a_failure_where_pm2_says_so(string typed, int code)
    {
        await using var command = new TypedCommand();
        command.Daemon.Reply = new CommandReply { Apps = [new AppReply { App = "api", Outcome = "unchanged", Message = "api already is as asked" }] };
        Assert.Equal(code, await command.Run(typed.Split(' ')));
    }

    [Theory]
    [InlineData("restart api --silent")]
    [InlineData("-s list")]
    [InlineData("--silent describe api")]
    public async Task The_flag_silences_any_verb_in_any_place(string typed)
    {
        await using var command = new TypedCommand();
        Assert.Equal(0, await command.Run(typed.Split(' ')));
        Assert.Equal("", command.Out + command.Error);
    }

    [Fact]
    public async Task Silent_leaves_only_errors()
    {
        await using var command = new TypedCommand { Silent = true };
        Assert.Equal(0, await command.Run("restart", "api"));
        Assert.Equal("", command.Out + command.Error);
        Assert.Equal(1, await command.Run("describe", "nobody"));
        Assert.StartsWith("error: ", command.Error, StringComparison.Ordinal);
    }
}
