using Xunit;
using ZeroDown.Config;

namespace ZeroDown.Tests.Cli;

public class OptionsVerbTests
{
    [Fact]
    public async Task All_options_stand_in_one_table_and_no_daemon_is_asked()
    {
        await using var command = new TypedCommand(daemon: false);
        Assert.Equal(0, await command.Run("options"));
        Assert.Equal(
            AppOptions.All.Where(o => o.IsSupported).Select(o => o.Name),
            command.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(' ')[0]));
        Assert.Contains("vizion", command.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_option_is_told_with_its_other_spellings_and_its_flag()
    {
        await using var command = new TypedCommand(daemon: false);
        Assert.Equal(0, await command.Run("options", "killTimeout", "autorestart"));
        Assert.Equal("""
            kill_timeout: duration
              from the stop signal to SIGKILL
              default: 10s
              also: killTimeout
              flag: --kill-timeout, -k

            autorestart: true | false
              start again what exits by itself
              default: true
              flag: --no-autorestart

            """, command.Out);
    }

    [Fact]
    public async Task An_unknown_one_names_the_nearest()
    {
        await using var command = new TypedCommand(daemon: false);
        Assert.Equal(1, await command.Run("options", "instaces"));
        Assert.Equal("error: there is no option 'instaces'; did you mean 'instances'?\n", command.Error);
    }
}
