using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Survival;

/// <summary>The daemon is killed in the middle of something: the next one brings it to its end, and whoever asked for it gets the answer.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class PhaseSpecs : SurvivalTest
{
    private string Go => Path.Combine(Zd.Folder, "go");

    private string Said => Path.Combine(Zd.Folder, "said");

    private string Passed => Path.Combine(Zd.Folder, "passed");

    /// <summary>Serves as soon as there is a file.</summary>
    private string Waiting => $"await-file, {Go}, serve";

    private LoadPlan Load => new(Url) { KeepAlive = 30, Fresh = 30, Think = TimeSpan.FromMilliseconds(20) };

    [Fact]
    public async Task A_start_goes_on_and_nothing_is_started_twice()
    {
        using var start = Zd.Begin("start", WriteApp(Waiting));
        await ProcessesOf("await-file", 2);
        await ReplaceDaemon();
        await ProcessesOf("await-file", 2);
        Open();
        (await start.Finished(Soon)).Succeeded().Says("web is online");
        await AllOnline(2, restarts: 0);
        await ProcessesOf(Programs.TestWorker, 2);
    }

    [Fact]
    public async Task A_worker_that_gets_ready_while_there_is_no_daemon_is_ready()
    {
        using var start = Zd.Begin("start", WriteApp($"await-file, {Go}, ready, serve", "wait_ready: strict", instances: 1));
        await ProcessesOf("await-file", 1);
        await WithoutDaemon(async () =>
        {
            Open();
            Assert.Contains("pid=", await Get(), StringComparison.Ordinal); // so it has said ready before
        });
        (await start.Finished(Soon)).Succeeded();
        await AllOnline(1, restarts: 0);
    }

    [Fact]
    public async Task A_barrier_holds_until_the_next_daemon_has_read_what_came_before()
    {
        using var start = Zd.Begin("start", WriteApp($"await-file, {Go}, ready, make-file, {Said}, barrier, make-file, {Passed}, serve", "wait_ready: strict", instances: 1));
        await ProcessesOf("await-file", 1);
        await WithoutDaemon(async () =>
        {
            Open();
            await Eventually.Holds(() => Task.FromResult(File.Exists(Said)), "it has said ready", Zd.Evidence);
            Assert.False(File.Exists(Passed), "nobody has read it yet");
        });
        (await start.Finished(Soon)).Succeeded();
        await Eventually.Holds(() => Task.FromResult(File.Exists(Passed)), "the barrier is passed", Zd.Evidence);
    }

    [Fact]
    public async Task A_reload_whose_newcomers_are_starting_goes_on()
    {
        await StartOpen();
        await using var load = LoadRun.Start(Load);
        await load.WaitForRequestsAsync(200, Soon);
        Close();
        using var reload = Zd.Begin("reload", "web");
        await ProcessesOf("await-file", 4);
        await ReplaceDaemon();
        Open();
        (await reload.Finished(Soon)).Succeeded().Says("generation 2 serves");
        NothingFailed(await load.StopAsync());
        await AllOnline(2, restarts: 1);
        await ProcessesOf(Programs.TestWorker, 2);
    }

    [Fact]
    public async Task A_reload_whose_old_workers_drain_goes_on_and_their_requests_are_answered()
    {
        await StartOpen();
        await using var slow = LoadRun.Start(new LoadPlan(new Uri(Url, "/?delay=2500")) { KeepAlive = 10, ExpectedDelay = TimeSpan.FromMilliseconds(2500) });
        await using var load = LoadRun.Start(Load);
        await load.WaitForRequestsAsync(200, Soon);
        using var reload = Zd.Begin("reload", "web", "--wait-drained");
        await Logs("Stopping app:web id:_old_1");
        await ReplaceDaemon();
        (await reload.Finished(Soon)).Succeeded();
        Assert.All(await Task.WhenAll(load.StopAsync(), slow.StopAsync()), NothingFailed);
        await AllOnline(2, restarts: 1);
        await ProcessesOf(Programs.TestWorker, 2);
        Assert.DoesNotContain("SIGKILL", DaemonLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_whose_newcomer_dies_unseen_fails_and_the_old_ones_serve_on()
    {
        await StartOpen();
        await using var load = LoadRun.Start(Load);
        await load.WaitForRequestsAsync(200, Soon);
        var old = (await Zd.List()).Select(row => row.Pid).ToHashSet();
        Close();
        using var reload = Zd.Begin("reload", "web");
        await ProcessesOf("await-file", 4);
        var newcomers = ProcessTable.OfHome(Zd.Home, "await-file").Where(process => !old.Contains(process.Pid)).ToList();
        await WithoutDaemon(() =>
        {
            Kill(newcomers[0].Pid);
            return Task.CompletedTask;
        });
        (await reload.Finished(Soon)).Exited(7).Says("SIGKILL");
        NothingFailed(await load.StopAsync());
        Assert.True(old.SetEquals((await Zd.List()).Select(row => row.Pid)), "the old workers serve on");
        await ProcessesOf(Programs.TestWorker, 2);
    }

    [Fact]
    public async Task A_reload_of_everything_goes_on_through_all_its_apps()
    {
        var second = Ports.Free();
        Open();
        var file = Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, $"args: [{Waiting}]\nlisten: 127.0.0.1:{Port}")
            + $"  - name: other\n    script: {Programs.TestWorker}\n    args: [{Waiting}]\n    listen: 127.0.0.1:{second}\n");
        (await Zd.Run("start", file)).Succeeded();
        Close();
        using var reload = Zd.Begin("reload", "all");
        await ProcessesOf("await-file", 3);
        await ReplaceDaemon();
        Open();
        (await reload.Finished(Soon)).Succeeded();
        await AllOnline(2, restarts: 1);
    }

    [Theory]
    [InlineData("restart", 2, 1)]
    [InlineData("stop", 0, 0)]
    [InlineData("delete", 0, 0)]
    public async Task A_drain_goes_on_until_the_last_answer(string verb, int left, int restarts)
    {
        await StartOpen();
        using var client = new HttpClient { Timeout = Soon };
        Task<string>[] slow = [.. Enumerable.Range(0, 8).Select(_ => client.GetStringAsync(new Uri(Url, "/?delay=2500")))];
        await Accepted(8);
        using var command = Zd.Begin(verb, "web");
        await Logs("Stopping app:web id:1");
        await ReplaceDaemon();
        (await command.Finished(Soon)).Succeeded();
        Assert.All(await Task.WhenAll(slow), answer => Assert.Contains("generation=1", answer, StringComparison.Ordinal));
        await ProcessesOf(Programs.TestWorker, left);
        var rows = await Zd.List();
        Assert.Equal(verb == "delete" ? 0 : 2, rows.Count);
        Assert.All(rows, row => Assert.Equal((verb == "stop" ? "stopped" : "online", restarts), (row.Status, row.Restarts)));
        // The stop signal came once.
        Assert.All(Read(Path.Combine(Zd.Home, "logs", "web-out-0.log")).Split("draining, ").Skip(1), drain => Assert.Single(drain.Split("got SIG")));
    }

    [Theory]
    [InlineData("3")]
    [InlineData("1")]
    public async Task A_scale_goes_on(string count)
    {
        await StartOpen();
        await using var load = LoadRun.Start(Load);
        await load.WaitForRequestsAsync(200, Soon);
        Close();
        using var scale = Zd.Begin("scale", "web", count);
        await Logs(count == "3" ? "App [web:2] starting" : "Stopping app:web id:1");
        await ReplaceDaemon();
        Open();
        (await scale.Finished(Soon)).Succeeded();
        NothingFailed(await load.StopAsync());
        await AllOnline(int.Parse(count, null), restarts: 0);
        await ProcessesOf(Programs.TestWorker, int.Parse(count, null));
    }

    [Fact]
    public async Task A_pause_between_two_starts_is_kept_and_counted_once()
    {
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("job", Programs.TestWorker, $"args: [await-file, {Go}, exit, '5']\nexp_backoff_restart_delay: 10000")))).Succeeded();
        Open();
        await Eventually.Holds(async () => (await Zd.List())[0].Status == "waiting restart", "it waits", Zd.Evidence);
        Close();
        var before = await Fleet();
        await ReplaceDaemon();
        Assert.Equal(before, await Fleet());
        await AllOnline(1, restarts: 1);
    }

    [Fact]
    public async Task A_worker_that_died_unseen_is_started_again()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        await using var load = LoadRun.Start(Load with { KeepAlive = 0 });
        await load.WaitForRequestsAsync(100, Soon);
        var victim = (await Zd.List())[0];
        await WithoutDaemon(() =>
        {
            Kill(victim.Pid);
            return Task.CompletedTask;
        });
        await Eventually.Holds(
            async () => (await Zd.List())[0] is { Status: "online", Restarts: 1 } next && next.Pid != victim.Pid, "it is started again", Zd.Evidence);
        Assert.Contains("via signal [SIGKILL]", DaemonLog, StringComparison.Ordinal);
    }

    private async Task StartOpen()
    {
        Open();
        (await Zd.Run("start", WriteApp(Waiting))).Succeeded();
    }

    private void Open() => File.WriteAllText(Go, "");

    private void Close() => File.Delete(Go);
}
