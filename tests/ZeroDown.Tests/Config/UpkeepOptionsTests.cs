using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Daemon.Upkeep;

namespace ZeroDown.Tests.Config;

public sealed class UpkeepOptionsTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public UpkeepOptionsTests() => _workspace.Context = _workspace.Context with { CronProblem = CronPattern.Problem };

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("1G", 1L << 30)]
    [InlineData("300M", 300L << 20)]
    [InlineData("1024", 1024L)]
    [InlineData("0", null)]
    public void Memory_is_1024_based_and_zero_is_no_limit(string written, long? bytes) =>
        Assert.Equal(bytes, Rule($"max_memory_restart: {written}").MaxMemoryBytes);

    [Theory]
    [InlineData("cron_restart: '0 3 * * *'", "0 3 * * *")]
    [InlineData("cron: '*/5 * * * * *'", "*/5 * * * * *")]
    [InlineData("cron_restart: 0", null)]
    [InlineData("cron_restart: false", null)]
    public void A_schedule_has_an_alias_and_zero_takes_it_away(string line, string? pattern) => Assert.Equal(pattern, Rule(line).Cron);

    [Fact]
    public void What_is_no_schedule_is_said_with_its_place_and_what_to_write() =>
        Assert.Contains("0 3 * * *", _workspace.Said("cron_restart: 'every night'"), StringComparison.Ordinal);

    [Fact]
    public void Watch_true_is_the_working_directory_with_pm2s_ignores()
    {
        var watch = Rule("watch: true").Watch!;
        Assert.Equal([_workspace.Path], watch.Paths);
        Assert.Equal([".*", "node_modules"], watch.Ignore);
        Assert.Equal(WatchRule.StandardDelay, watch.Delay);
    }

    [Fact]
    public void Paths_start_at_the_cwd_and_ignored_names_stay_names()
    {
        _workspace.File("app/lib/x.js");
        var watch = Rule("cwd: app", "script: ../server.js", "watch: [lib, 'src/**/*.js']", "ignore_watch: [logs/, ./tmp, '**/*.log']", "watch_delay: 1000").Watch!;
        Assert.Equal([_workspace["app/lib"], _workspace["app/src/**/*.js"]], watch.Paths);
        Assert.Equal(["logs", _workspace["app/tmp"], "*.log"], watch.Ignore);
        Assert.Equal(TimeSpan.FromSeconds(1), watch.Delay);
    }

    [Fact]
    public void What_chokidar_is_told_and_can_be_honoured_is_honoured()
    {
        var watch = Rule("watch: true", "watch_options: {followSymlinks: false, depth: 2, usePolling: true, ignored: [data]}").Watch!;
        Assert.False(watch.FollowLinks);
        Assert.Equal(2, watch.Depth);
        Assert.Equal(["data"], watch.Ignore);
        Assert.Contains("did you mean 'depth'", _workspace.Said("watch_options: {deph: 1}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Watch_false_is_switched_off_and_nothing_said_is_nothing()
    {
        Assert.False(Rule("watch: false").Watch!.Enabled);
        Assert.Null(Rule("max_restarts: 1").Watch);
    }

    [Fact]
    public void A_path_that_does_not_exist_is_said() =>
        Assert.Contains("watch: " + _workspace["lib"] + " does not exist", _workspace.Said("watch: lib"), StringComparison.Ordinal);

    [Fact]
    public void A_project_is_not_watched_because_only_the_command_builds()
    {
        _workspace.File("Web.csproj", "<Project/>");
        Assert.Contains("Web.csproj is not watched", _workspace.Said("script: Web.csproj", "watch: true"), StringComparison.Ordinal);
        Assert.Null(Rule("script: Web.csproj", "watch: true").Watch);
    }

    [Fact]
    public void Treekill_is_on_unless_switched_off()
    {
        Assert.True(_workspace.App("max_restarts: 1").Stop.WholeTree);
        Assert.False(_workspace.App("treekill: false").Stop.WholeTree);
    }

    private UpkeepRule Rule(params string[] lines) => _workspace.App(lines).Upkeep;
}
