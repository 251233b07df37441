using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Node;
using ZeroDown.EndToEnd.Roll;

namespace ZeroDown.EndToEnd.Survival;

/// <summary>The daemon is killed while it has nothing to do: nobody notices.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class IdleSpecs : SurvivalTest
{
    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Clients_and_workers_notice_nothing(Variant worker)
    {
        worker.OrSkip();
        var file = Zd.Write("ecosystem.yaml", App("web", worker.Program, $"{worker.Options()}\ninstances: 2\nlisten: 127.0.0.1:{Port}"));
        (await Zd.Run("start", file)).Succeeded();
        await Survives(kills: 3);
        // It is a daemon like any other.
        await using var load = LoadRun.Start(Load);
        (await Zd.Run("reload", "web")).Succeeded();
        (await Zd.Run("scale", "web", "3")).Succeeded();
        (await Zd.Run("scale", "web", "2")).Succeeded();
        NothingFailed(await load.StopAsync());
        await AllOnline(2, restarts: 1);
    }

    [Theory]
    [InlineData("http.cjs")]
    public async Task Nor_does_Node(string program)
    {
        var script = NodeApps.Plain(program);
        var file = Zd.Write("ecosystem.yaml", App("web", script, $"exec_mode: cluster\ninstances: 2\nenv: {{ PORT: {Port} }}"));
        (await Zd.Run("start", file)).Succeeded();
        await Survives(kills: 3);
        await using var load = LoadRun.Start(Load);
        (await Zd.Run("reload", "web")).Succeeded();
        NothingFailed(await load.StopAsync());
        await AllOnline(2, restarts: 1);
    }

    [Fact]
    public async Task Restart_counters_and_numbers_go_on()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        (await Zd.Run("reload", "web")).Succeeded();
        (await Zd.Run("scale", "web", "3")).Succeeded();
        await Drained();
        var before = await Fleet();
        await ReplaceDaemon();
        Assert.Equal(before, await Fleet());
        (await Zd.Run("start", Zd.Write("other.yaml", App("other", Programs.TestWorker, "args: [hang]")))).Succeeded();
        Assert.Equal([0, 1, 2, 3], (await Zd.List()).Select(row => row.PmId));
    }

    [Fact]
    public async Task A_worker_that_crashes_afterwards_is_started_again()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        await ReplaceDaemon();
        var victim = (await Zd.List())[0];
        Kill(victim.Pid);
        await Eventually.Holds(
            async () => (await Zd.List())[0] is { Status: "online", Restarts: 1 } next && next.Pid != victim.Pid, "it is started again", Zd.Evidence);
    }

    [Fact]
    public async Task What_was_stopped_stays_stopped_and_its_address_is_free()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        (await Zd.Run("stop", "web")).Succeeded();
        await ReplaceDaemon();
        Assert.All(await Zd.List(), row => Assert.Equal("stopped", row.Status));
        using var free = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, Port);
        free.Start();
    }

    [Fact]
    public async Task The_last_daemon_ends_everything_in_order()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        await ReplaceDaemon();
        (await Zd.Run("kill")).Succeeded();
        await ProcessesOf(Programs.TestWorker, 0);
    }

    private LoadPlan Load => new(Url) { KeepAlive = 50, Fresh = 50, Think = TimeSpan.FromMilliseconds(50) };

    private async Task Survives(int kills)
    {
        var before = await Fleet();
        await using var load = LoadRun.Start(Load);
        await using var delayed = LoadRun.Start(new LoadPlan(new Uri(Url, "/?delay=100")) { KeepAlive = 10, Fresh = 10, ExpectedDelay = TimeSpan.FromMilliseconds(100), Seed = 2 });
        await load.WaitForRequestsAsync(500, Soon);
        for (var kill = 0; kill < kills; kill++)
        {
            await ReplaceDaemon();
            await load.WaitForMoreAsync(200, Soon);
        }

        Assert.All(await Task.WhenAll(load.StopAsync(), delayed.StopAsync()), NothingFailed);
        Assert.Equal(before, await Fleet());
    }

    private Task Drained() => ProcessesOf(Programs.TestWorker, 3);
}
