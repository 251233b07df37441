using System.Collections.Immutable;
using System.CommandLine;
using Xunit;
using ZeroDown.Cli.Verbs;
using ZeroDown.Config;

namespace ZeroDown.Tests.Cli;

/// <summary>From flags as typed to options as a file would say them.</summary>
public sealed class AppFlagTests
{
    [Theory]
    [InlineData("-c '0 4 * * *'", "cron_restart=0 4 * * *")]
    [InlineData("--cron-restart 0", "cron_restart=0")]
    [InlineData("--watch", "watch=true")]
    [InlineData("--watch src --watch lib", "watch=src,lib")]
    [InlineData("--watch --ignore-watch node_modules --ignore-watch dist", "watch=true ignore_watch=node_modules,dist")]
    [InlineData("--watch-delay 4", "watch_delay=4s")]
    [InlineData("--watch-delay 4000ms", "watch_delay=4000ms")]
    [InlineData("--max-memory-restart 300M", "max_memory_restart=300M")]
    [InlineData("--filter-env AWS --filter-env npm_", "filter_env=[AWS,npm_]")]
    [InlineData("--filter-env AWS", "filter_env=[AWS]")]
    [InlineData("-k 1 -k 2", "kill_timeout=2")]
    [InlineData("--stop-exit-codes 0 3", "stop_exit_codes=0,3")]
    [InlineData("--listen :80 --listen :81", "listen=:80,:81")]
    [InlineData("-l --time --log-type json", "log_file=true log_type=json time=true")]
    [InlineData("--log all.log -p app.pid --uid node", "log_file=all.log pid_file=app.pid uid=node")]
    [InlineData("--no-treekill", "treekill=false")]
    [InlineData("--trace -w", "trace=true write=true")]
    public void Flags_become_options(string typed, string expected)
    {
        var given = Given(typed);
        Assert.Equal(expected, string.Join(' ', given.Select(g => $"{g.Option}={(g.IsList ? $"[{string.Join(',', g.Values)}]" : string.Join(',', g.Values))}")));
        Assert.All(given, g => Assert.NotNull(AppOptions.Find(g.Option)));
    }

    [Theory]
    [InlineData("--listen :80 server.js")]
    [InlineData("--filter-env A server.js")]
    [InlineData("-i 2 server.js --watch")]
    public void A_flag_does_not_swallow_the_script(string typed)
    {
        Assert.True(ShellLine.TrySplit(typed, out var words));
        var (flags, command) = Command();
        var parsed = command.Parse([.. words]);
        Assert.Empty(parsed.Errors);
        Assert.NotEmpty(flags.Given(parsed));
        Assert.Equal(["server.js"], parsed.GetValue<string[]>("what")!);
    }

    private static ImmutableArray<GivenOption> Given(string typed)
    {
        Assert.True(ShellLine.TrySplit(typed, out var words));
        var (flags, command) = Command();
        var parsed = command.Parse([.. words]);
        Assert.Empty(parsed.Errors);
        return flags.Given(parsed);
    }

    private static (AppFlags Flags, Command Command) Command()
    {
        var flags = new AppFlags();
        var command = new Command("start") { new Argument<string[]>("what") { Arity = ArgumentArity.ZeroOrMore } };
        flags.Declare(command);
        return (flags, command);
    }
}
