using System.Diagnostics;
using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>The scenario's server under load: what is done to a Node cluster refuses no connection, because the socket is the daemon's.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class ClusterLifeSpecs : NodeClusterTest
{
    private LoadPlan Mixed => new(Url) { KeepAlive = 30, Fresh = 30, Think = TimeSpan.FromMilliseconds(30) };

    private LoadPlan Fresh => new(Url) { Fresh = 20, Think = TimeSpan.FromMilliseconds(20) };

    [Fact]
    public async Task Twenty_reloads_in_a_row_lose_nothing()
    {
        (await Zd.Run("start", WriteNode(Server()))).Succeeded();
        await using var load = LoadRun.Start(Mixed);
        await using var delayed = LoadRun.Start(new LoadPlan(new Uri(Url, "/?delay=100")) { KeepAlive = 10, Fresh = 10, ExpectedDelay = TimeSpan.FromMilliseconds(100), Seed = 2 });
        await load.WaitForRequestsAsync(100, Soon);
        for (var reload = 0; reload < 20; reload++)
        {
            (await Zd.Run("reload", "web")).Succeeded();
            await delayed.WaitForMoreAsync(10, Soon);
        }

        Assert.All(await Task.WhenAll(load.StopAsync(), delayed.StopAsync()), NothingFailed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("inject: false")]
    public async Task Reload_restart_and_scale_lose_no_fresh_connection_with_and_without_the_preload(string options)
    {
        (await Zd.Run("start", WriteNode(Server(), "instances: 2\n" + options))).Succeeded();
        await using var load = LoadRun.Start(options.Length == 0 ? Mixed : Fresh);
        await using var delayed = LoadRun.Start(new LoadPlan(new Uri(Url, "/?delay=100")) { Fresh = 10, ExpectedDelay = TimeSpan.FromMilliseconds(100), Seed = 2 });
        await load.WaitForRequestsAsync(100, Soon);
        foreach (var command in new[] { "reload web", "reload web", "restart web", "scale web 3", "scale web 1", "reload all", "restart all" })
        {
            (await Zd.Run(command.Split(' '))).Succeeded();
            await delayed.WaitForMoreAsync(10, Soon);
        }

        Assert.All(await Task.WhenAll(load.StopAsync(), delayed.StopAsync()), NothingFailed);
    }

    [Fact]
    public async Task A_killed_worker_costs_only_the_requests_in_its_hands()
    {
        (await Zd.Run("start", WriteNode(Server()))).Succeeded();
        await using var load = LoadRun.Start(Fresh);
        await load.WaitForRequestsAsync(100, Soon);
        for (var round = 0; round < 3; round++)
        {
            var victims = await Pids();
            foreach (var pid in victims)
            {
                using var process = Process.GetProcessById(pid);
                process.Kill();
            }

            await Zd.ListUntil(
                workers => workers.Count == 2 && workers.All(worker => worker.Status == "online" && !victims.Contains(worker.Pid)), "both are replaced");
            await load.WaitForMoreAsync(50, Soon);
        }

        var result = await load.StopAsync();
        Assert.DoesNotContain(FailureKind.Connect, result.Failures.Keys);
        Assert.True(result.Failed <= 3 * 2 * 20, result.ToString());
    }

    [Fact]
    public async Task The_log_of_a_reload_reads_as_in_the_scenario()
    {
        (await Zd.Run("start", WriteNode(Server(), "instances: 2\nexec_mode: cluster\nautorestart: false\nkill_timeout: 3000", "app"))).Succeeded();
        (await Zd.Run("reload", "all")).Succeeded();
        await Eventually.Holds(() => Task.FromResult(DaemonLog.Split("exited with code").Length == 3), "both old ones exit", Zd.Evidence);
        string[] expected =
        [
            "App [app:0] starting in -cluster mode-", "App [app:1] starting in -cluster mode-",
            "online", "online",
            "-reload- New worker listening", "-reload- New worker listening",
            "Stopping app:app id:_old_", "Stopping app:app id:_old_",
            "disconnected", "exited with code",
        ];
        var log = DaemonLog[DaemonLog.IndexOf("generation 1 -> 2", StringComparison.Ordinal)..];
        var at = 0;
        foreach (var line in expected)
        {
            var next = log.IndexOf(line, at, StringComparison.Ordinal);
            Assert.True(next >= 0, $"'{line}' comes in its turn in\n{log}");
            at = next + line.Length;
        }
    }

    [Fact]
    public async Task A_stopped_app_closes_its_port_and_a_started_one_opens_it_again()
    {
        (await Zd.Run("start", WriteNode(Server()))).Succeeded();
        (await Zd.Run("stop", "web")).Succeeded();
        await Assert.ThrowsAsync<HttpRequestException>(() => Get());
        (await Zd.Run("start", "web")).Succeeded();
        Assert.Contains("here is my voice", await Get(), StringComparison.Ordinal);
        (await Zd.Run("delete", "web")).Succeeded();
        await Assert.ThrowsAsync<HttpRequestException>(() => Get());
    }
}
