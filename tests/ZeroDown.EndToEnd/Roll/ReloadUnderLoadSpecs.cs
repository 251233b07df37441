using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Roll;

/// <summary>Claims 2 and 3: what is done to an app under load costs no request.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class ReloadUnderLoadSpecs : EndToEndTest
{
    private const int Reloads = 20;

    // All variants together: more than 50,000 answers at once.
    private const int AnswersAtOnce = 17_000;

    private static TimeSpan Think => TimeSpan.FromMilliseconds(50);

    private LoadPlan AtOnce => new(Url) { KeepAlive = 50, Fresh = 50, Think = Think };

    private LoadPlan AfterADelay => new(new Uri(Url, "/?delay=100")) { KeepAlive = 50, Fresh = 50, ExpectedDelay = TimeSpan.FromMilliseconds(100), Seed = 2 };

    private LoadPlan AcceptedButSilent => new(Url) { Silent = 5, Seed = 3 };

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Twenty_reloads_in_a_row_lose_nothing(Variant worker)
    {
        await Start(worker);
        await using var atOnce = LoadRun.Start(AtOnce);
        await using var delayed = LoadRun.Start(AfterADelay);
        await using var silent = LoadRun.Start(AcceptedButSilent);
        await Task.WhenAll(atOnce.WaitForRequestsAsync(500, Soon), delayed.WaitForRequestsAsync(100, Soon));

        for (var reload = 1; reload <= Reloads; reload++)
        {
            (await Zd.Run("reload", "web")).Succeeded();
            await delayed.WaitForMoreAsync(20, Soon);
        }

        await atOnce.WaitForRequestsAsync(AnswersAtOnce, Soon);
        var results = await Task.WhenAll(atOnce.StopAsync(), delayed.StopAsync(), silent.StopAsync());
        Assert.All(results, NothingFailed);
        Assert.True(results[0].ByPid.Count > Reloads, $"the reloads must have brought new workers: {results[0]}");
        Assert.All(await Zd.List(), row => Assert.Equal(("online", Reloads), (row.Status, row.Restarts)));
    }

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Restart_and_scale_lose_nothing_only_time(Variant worker)
    {
        await Start(worker);
        await using var atOnce = LoadRun.Start(AtOnce);
        await using var delayed = LoadRun.Start(AfterADelay);
        await Task.WhenAll(atOnce.WaitForRequestsAsync(500, Soon), delayed.WaitForRequestsAsync(100, Soon));

        foreach (var command in new[] { "restart all", "scale web 4", "scale web 1", "scale web +2", "restart web", "scale web -1" })
        {
            (await Zd.Run(command.Split(' '))).Succeeded();
            await delayed.WaitForMoreAsync(20, Soon);
        }

        var results = await Task.WhenAll(atOnce.StopAsync(), delayed.StopAsync());
        Assert.All(results, NothingFailed);
        Assert.Equal(2, (await Zd.List()).Count);
    }

    [Theory]
    [MemberData(nameof(Variant.AspNetCore), MemberType = typeof(Variant))]
    public async Task Http2_connections_are_told_to_go_and_lose_nothing(Variant worker)
    {
        await Start(worker, "Kestrel__EndpointDefaults__Protocols: Http2");
        await using var load = LoadRun.Start(new LoadPlan(Url) { Http2 = 10, Think = TimeSpan.FromMilliseconds(5) });
        await using var delayed = LoadRun.Start(new LoadPlan(new Uri(Url, "/?delay=100")) { Http2 = 10, Seed = 2 });
        await load.WaitForRequestsAsync(500, Soon);
        for (var reload = 1; reload <= 5; reload++)
        {
            (await Zd.Run("reload", "web")).Succeeded();
            await delayed.WaitForMoreAsync(50, Soon);
        }

        Assert.All(await Task.WhenAll(load.StopAsync(), delayed.StopAsync()), NothingFailed);
    }

    private async Task Start(Variant worker, string environment = "")
    {
        worker.OrSkip();
        var file = Zd.Write("ecosystem.yaml", App("web", worker.Program, $"{worker.Options(environment)}\ninstances: 2\nlisten: 127.0.0.1:{Port}"));
        (await Zd.Run("start", file)).Succeeded();
    }
}
