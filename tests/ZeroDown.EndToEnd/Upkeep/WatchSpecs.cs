using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Upkeep;

/// <summary><c>watch</c>: changed files roll the app.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class WatchSpecs : EndToEndTest
{
    [Fact]
    public async Task A_changed_file_rolls_the_app_once_and_no_request_is_lost()
    {
        Zd.Write("lib/a.js", "1");
        // Long enough for us to stand still between two of the files.
        (await Zd.Run("start", WriteApp(options: "watch: lib\nwatch_delay: 3000"))).Succeeded();
        await Watching("web");
        await using var load = LoadRun.Start(new LoadPlan(Url) { KeepAlive = 10, Fresh = 10, Think = TimeSpan.FromMilliseconds(20) });
        await load.WaitForRequestsAsync(100, Soon);
        for (var line = 0; line < 20; line++)
            Zd.Write($"lib/{line}.js", "2");

        await Zd.ListUntil(rows => rows.All(row => row is { Restarts: 1, Status: "online" }), "both workers are replaced");
        await load.WaitForMoreAsync(500, Soon);
        NothingFailed(await load.StopAsync());
        Assert.All(await Zd.List(), row => Assert.Equal(1, row.Restarts));
        Assert.Contains($"Change detected on path {Zd.Folder}/lib/", DaemonLog(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dotfiles_node_modules_and_the_apps_own_logs_are_not_looked_at()
    {
        (await Zd.Run("start", WriteApp(options: "watch: true\nwatch_delay: 3000\nout_file: ./web.log\nerror_file: ./web.log"))).Succeeded();
        await Watching("web");
        Zd.Write(".git/HEAD", "x");
        Zd.Write("node_modules/x/index.js", "x");
        File.AppendAllText(Path.Combine(Zd.Folder, "web-0.log"), "x\n");
        // What counts comes last: when the app has rolled once for it, it has not rolled for the others.
        Zd.Write("src/new/deep.js", "x");
        await Zd.ListUntil(rows => rows.All(row => row is { Restarts: 1, Status: "online" }), "it rolls");
        Assert.Contains("Change detected on path " + Path.Combine(Zd.Folder, "src"), DaemonLog(), StringComparison.Ordinal);
        Assert.Single(DaemonLog().Split('\n'), line => line.Contains("Change detected", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Watch_delay_is_waited_for_and_what_is_ignored_does_not_count()
    {
        Zd.Write("lib/a.js", "1");
        (await Zd.Run("start", WriteApp(options: "watch: lib\nignore_watch: [cache]\nwatch_delay: 1500", instances: 1))).Succeeded();
        await Watching("web");
        Zd.Write("lib/cache/x.js", "2");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Zd.Write("lib/a.js", "2");
        await Zd.ListUntil(rows => rows is [{ Restarts: 1, Status: "online" }], "it rolls");
        Assert.True(clock.Elapsed >= TimeSpan.FromMilliseconds(1500), $"it waited {clock.Elapsed}");
        Assert.Contains($"Change detected on path {Zd.Folder}/lib/a.js", DaemonLog(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_with_a_mistake_does_not_take_the_place_of_the_one_that_serves()
    {
        var script = Zd.Write("app.sh", $"#!/bin/sh\nexec {Programs.TestWorker} serve\n", executable: true);
        var file = Zd.Write("ecosystem.yaml", App("web", script, $"interpreter: none\nlisten: 127.0.0.1:{Port}\nwatch: [app.sh]"));
        (await Zd.Run("start", file)).Succeeded();
        await Watching("web");
        var serving = (await PidsThatAnswer(1)).Single();
        Zd.Write("app.sh", "#!/bin/sh\nexit 3\n", executable: true);
        await Eventually.Holds(() => Task.FromResult(DaemonLog().Contains("-reload- App web failed", StringComparison.Ordinal)), "the roll fails", Zd.Evidence);
        Assert.Equal(serving, (await PidsThatAnswer(1)).Single());

        Zd.Write("app.sh", $"#!/bin/sh\nexec {Programs.TestWorker} serve\n", executable: true);
        await Zd.ListUntil(rows => rows is [{ Status: "online" }] && rows[0].Pid != serving, "the mended program takes over");
    }

    [Fact]
    public async Task The_watch_can_be_switched_off_with_a_stop_and_on_again_with_a_restart()
    {
        Zd.Write("lib/a.js", "1");
        (await Zd.Run("start", WriteApp(options: "watch: lib", instances: 1))).Succeeded();
        await Watching("web");
        (await Zd.Run("stop", "web", "--watch")).Succeeded();
        // Watches come and go beside the commands: one that was wanted again before it was taken down would just stay.
        await Eventually.Holds(() => Task.FromResult(DaemonLog().Contains("[Watch] Stop watching web", StringComparison.Ordinal)), "it is not watched", Zd.Evidence);
        (await Zd.Run("restart", "web", "--watch")).Succeeded();
        await Eventually.Holds(() => Task.FromResult(DaemonLog().Split("[Watch] Start watching web").Length == 3), "it is watched again", Zd.Evidence);
        var before = (await Zd.List()).Single().Pid;
        Zd.Write("lib/a.js", "2");
        await Zd.ListUntil(rows => rows is [{ Status: "online" }] && rows[0].Pid != before, "it rolls");
    }

    [Fact]
    public async Task A_restart_that_is_refused_does_not_switch_the_watch()
    {
        Zd.Write("lib/a.js", "1");
        (await Zd.Run("start", WriteApp(options: "watch: lib", instances: 1))).Succeeded();
        var before = await Zd.List();
        (await Zd.Run("restart", "web", "--watch", "--kill-timeout", "nonsense")).Exited(5).Says("--kill-timeout");
        (await Zd.Run("restart", "web", "nobody", "--watch")).Exited(1).Says("nobody");
        Assert.Equal(before, await Zd.List());
        Assert.DoesNotContain("disabled", Watch((await Zd.Run("describe", "web")).Out), StringComparison.Ordinal);
        (await Zd.Run("restart", "web", "--watch", "--watch-delay", "300")).Succeeded();
        Assert.Contains("disabled", Watch((await Zd.Run("describe", "web")).Out), StringComparison.Ordinal);
    }

    private static string Watch(string described) => described.Split('\n').Single(line => line.Contains("watch & reload", StringComparison.Ordinal));

    private async Task Watching(string app) =>
        await Eventually.Holds(() => Task.FromResult(DaemonLog().Contains($"[Watch] Start watching {app}", StringComparison.Ordinal)), "it is watched", Zd.Evidence);

    private string DaemonLog() => File.ReadAllText(Directory.EnumerateFiles(Zd.Home, "zd*.log").Single());
}
