using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Workers;

/// <summary>Workers that behave badly: they ignore signals, leave children, flood their output, kill the listener.</summary>
public sealed class HardToStopSpecs : EndToEndTest
{
    [Fact]
    public async Task A_worker_that_ignores_its_signal_is_killed_after_kill_timeout()
    {
        (await Zd.Run("start", WriteApp("ignore-term, serve", "kill_timeout: 700ms\ndrain_timeout: 1s", instances: 1))).Succeeded();
        (await Zd.Run("stop", "web")).Succeeded();
        Assert.Empty(ProcessTable.OfHome(Zd.Home, "ignore-term"));
    }

    [Fact]
    public async Task Grandchildren_that_hold_the_output_open_do_not_hold_the_stop()
    {
        (await Zd.Run("start", WriteApp("hold-output, '600', serve", instances: 1))).Succeeded();
        var stopped = (await Zd.Run("stop", "web")).Succeeded();
        Assert.True(stopped.Took < TimeSpan.FromSeconds(8), stopped.ToString());
        Assert.Equal("stopped", (await Zd.List())[0].Status);
    }

    [Fact]
    public async Task The_children_of_a_killed_worker_go_with_it()
    {
        (await Zd.Run("start", WriteApp("fork-children, '3', ignore-term, serve", "kill_timeout: 500ms\ndrain_timeout: 500ms", instances: 1))).Succeeded();
        Assert.Equal(3, ProcessTable.OfHome(Zd.Home, "sleep").Count);
        (await Zd.Run("stop", "web")).Succeeded();
        await Eventually.Holds(() => Task.FromResult(ProcessTable.OfHome(Zd.Home, "sleep").Count == 0), "the whole group is gone", Zd.Evidence);
    }

    [Fact]
    public async Task A_worker_that_prints_10_MB_a_second_is_served_and_rolled_like_any_other()
    {
        (await Zd.Run("start", WriteApp("spam, '10', serve", instances: 1))).Succeeded();
        await using var load = LoadClient.LoadRun.Start(new LoadClient.LoadPlan(Url) { KeepAlive = 2, Fresh = 2, Think = TimeSpan.FromMilliseconds(5) });
        await load.WaitForRequestsAsync(200, Soon);
        (await Zd.Run("reload", "web")).Succeeded();
        (await Zd.Run("list")).Succeeded().Says("online");
        await load.WaitForMoreAsync(200, Soon);
        NothingFailed(await load.StopAsync());
    }

    [Fact]
    public async Task A_listener_that_a_worker_shut_down_is_healed()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var killer = Zd.Write("killer.yaml", App("web", Programs.TestWorker, $"args: [shutdown-listener, serve]\ninstances: 2\nlisten: 127.0.0.1:{Port}"));
        await Zd.Run("reload", killer);
        await ItAnswers();
        await PidsThatAnswer(2);
    }

    [Fact]
    public async Task A_crash_loop_ends_errored_and_the_others_live_on()
    {
        var file = Zd.Write("ecosystem.yaml",
            App("web", Programs.TestWorker, $"args: [serve]\ninstances: 1\nlisten: 127.0.0.1:{Port}")
            + App("crasher", Programs.TestWorker, "args: [err, out of luck, exit, '9']\nmax_restarts: 3\nwait_ready: strict").Replace("apps:\n", "", StringComparison.Ordinal));
        (await Zd.Run("start", file)).Exited(1).Says("crasher", "out of luck");
        var workers = await Zd.ListUntil(list => list.Any(worker => worker is { Name: "crasher", Status: "errored" }), "the crasher is given up");
        Assert.Equal("online", workers.Single(worker => worker.Name == "web").Status);
    }
}
