using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>Issue 3, claim 2: reloads of unchanged Node programs lose nothing, whatever they are made with.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class FrameworkSpecs : EndToEndTest
{
    /// <summary>A framework loads its modules with the first request, and a hundred clients wait for that on two cores. What hangs, hangs for longer.</summary>
    private static readonly TimeSpan ColdWorker = TimeSpan.FromSeconds(10);

    private LoadPlan AtOnce(string path) =>
        new(new Uri(Url, path)) { KeepAlive = 50, Fresh = 50, Silent = 5, Think = TimeSpan.FromMilliseconds(50), ExpectedDelay = ColdWorker };

    private LoadPlan AfterADelay(string path) =>
        new(new Uri(Url, $"{path}?delay=100")) { KeepAlive = 50, Fresh = 50, ExpectedDelay = ColdWorker, Seed = 2 };

    [Fact]
    public async Task Twenty_reloads_of_the_scenarios_server_lose_nothing()
    {
        await StartAsync($"script: {NodeApps.Plain("http.cjs")}");
        await ReloadUnderLoadAsync("/", reloads: 20);
    }

    [Theory]
    [InlineData("express.cjs")]
    [InlineData("fastify.cjs")]
    [InlineData("koa.cjs")]
    [InlineData("nestjs.cjs")]
    public async Task Reloads_of_a_framework_lose_nothing(string program)
    {
        await StartAsync($"script: {await NodeApps.Packaged(program)}");
        await ReloadUnderLoadAsync("/");
    }

    [Fact]
    public async Task Reloads_of_next_start_lose_nothing()
    {
        var folder = await NodeApps.Next();
        await StartAsync($"script: ../node_modules/next/dist/bin/next\ncwd: {folder}\ninterpreter: node\nargs: [start, -p, \"{Port}\"]");
        await ReloadUnderLoadAsync("/api/hello");
    }

    [Fact]
    public async Task Reloads_of_nexts_standalone_server_lose_nothing()
    {
        var folder = await NodeApps.Next();
        await StartAsync($"script: {folder}/.next/standalone/next/server.js");
        await ReloadUnderLoadAsync("/api/hello");
    }

    [Fact]
    public async Task Reloads_under_http2_lose_nothing_and_refuse_no_stream()
    {
        await StartAsync($"script: {NodeApps.Plain("http2.cjs")}");
        await using var atOnce = LoadRun.Start(new LoadPlan(Url) { Http2 = 10, Think = TimeSpan.FromMilliseconds(5) });
        await using var delayed = LoadRun.Start(new LoadPlan(new Uri(Url, "/?delay=100")) { Http2 = 10, ExpectedDelay = TimeSpan.FromMilliseconds(100), Seed = 2 });
        await atOnce.WaitForRequestsAsync(500, Soon);
        for (var reload = 0; reload < 5; reload++)
        {
            (await Zd.Run("reload", "web")).Succeeded();
            await delayed.WaitForMoreAsync(50, Soon);
        }

        var results = await Task.WhenAll(atOnce.StopAsync(), delayed.StopAsync());
        Assert.All(results, NothingFailed);
        Assert.All(results, result => Assert.Equal(0, result.RefusedByGoAway));
    }

    [Fact]
    public async Task Restart_and_scale_of_a_framework_lose_nothing_only_time()
    {
        await StartAsync($"script: {await NodeApps.Packaged("fastify.cjs")}");
        await using var atOnce = LoadRun.Start(AtOnce("/"));
        await using var delayed = LoadRun.Start(AfterADelay("/"));
        await Task.WhenAll(atOnce.WaitForRequestsAsync(200, Soon), delayed.WaitForRequestsAsync(100, Soon));
        foreach (var command in new[] { "restart all", "scale web 4", "scale web 1", "scale web 2" })
        {
            (await Zd.Run(command.Split(' '))).Succeeded();
            await delayed.WaitForMoreAsync(20, Soon);
        }

        Assert.All(await Task.WhenAll(atOnce.StopAsync(), delayed.StopAsync()), NothingFailed);
    }

    private async Task StartAsync(string options)
    {
        var file = Zd.Write("ecosystem.yaml", $"apps:\n  - name: web\n{Indented(options)}{Indented($"instances: 2\nexec_mode: cluster\nenv: {{ PORT: \"{Port}\", HOSTNAME: 127.0.0.1, NODE_ENV: production }}")}");
        (await Zd.Run("start", file)).Succeeded();
        await ItListens();
    }

    private static string Indented(string options) => string.Concat(options.Split('\n').Select(line => $"    {line}\n"));

    private async Task ReloadUnderLoadAsync(string path, int? reloads = null)
    {
        await using var atOnce = LoadRun.Start(AtOnce(path));
        await using var delayed = LoadRun.Start(AfterADelay(path));
        await Task.WhenAll(atOnce.WaitForRequestsAsync(200, Soon), delayed.WaitForRequestsAsync(100, Soon));
        var times = reloads ?? (NodeApps.Soak ? 20 : 3);
        for (var reload = 1; reload <= times; reload++)
        {
            (await Zd.Run("reload", "web")).Succeeded();
            await delayed.WaitForMoreAsync(20, Soon);
        }

        var results = await Task.WhenAll(atOnce.StopAsync(), delayed.StopAsync());
        Assert.All(results, NothingFailed);
        Assert.True(results[0].ByPid.Count > times, $"the reloads must have brought new workers: {results[0]}");
        Assert.All(await Zd.List(), row => Assert.Equal(("online", times), (row.Status, row.Restarts)));
    }
}
