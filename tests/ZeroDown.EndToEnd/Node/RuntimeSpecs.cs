using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>Claim 1 of what is built: every Node that people have, and what works under Bun and Deno. The runtimes come from npm.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class RuntimeSpecs : NodeClusterTest
{
    [Theory]
    [InlineData("node18")]
    [InlineData("node22")]
    [InlineData("node24")]
    public async Task An_unchanged_cluster_program_rolls_under_load_without_a_loss(string runtime)
    {
        var program = Server() + "console.log('version', process.versions.node, require('cluster').worker.id > 0, process.env.NODE_APP_INSTANCE); process.on('message', m => console.log('got', m));";
        (await Zd.Run("start", WriteNode(program, $"interpreter: {await NodeApps.Runtime(runtime)}\ninstances: 2"))).Succeeded();
        await EventuallyPrints($"version {runtime[4..]}.", 2);
        await using var load = LoadRun.Start(new LoadPlan(Url) { KeepAlive = 10, Fresh = 10, Think = TimeSpan.FromMilliseconds(10) });
        await using var slow = LoadRun.Start(new LoadPlan(new Uri(Url, "/?delay=100")) { KeepAlive = 5, Fresh = 5, ExpectedDelay = TimeSpan.FromMilliseconds(100), Seed = 2 });
        await load.WaitForRequestsAsync(100, Soon);
        foreach (var command in new[] { "reload web", "reload web", "restart web", "scale web 3", "reload web" })
        {
            (await Zd.Run(command.Split(' '))).Succeeded();
            await slow.WaitForMoreAsync(20, Soon);
        }

        Assert.All(await Task.WhenAll(load.StopAsync(), slow.StopAsync()), NothingFailed);
        Assert.DoesNotContain("Error", Printed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node18", "web.mjs", "")]
    [InlineData("node24", "web.mjs", "")]
    [InlineData("node24", "web.ts", ": Server")]
    public async Task Es_modules_and_typescript_that_node_strips_are_workers_of_a_cluster_like_any_other(string runtime, string script, string type)
    {
        var program = $$"""
            import { createServer{{(type.Length > 0 ? ", type Server" : "")}} } from 'node:http';
            const server{{type}} = createServer((request, response) => response.end(`here is my voice pid=${process.pid}`));
            server.listen({{Port}}, () => console.log('listening', process.versions.node));
            """;
        var file = Zd.Write("web.yaml", App("web", script, $"interpreter: {await NodeApps.Runtime(runtime)}\ninstances: 2"));
        Zd.Write(script, program);
        Zd.Write("package.json", """{ "type": "module" }""");
        (await Zd.Run("start", file)).Succeeded();
        var before = await PidsThatAnswer(2);
        (await Zd.Run("reload", "web", "--wait-drained")).Succeeded();
        Assert.Empty(before.Intersect(await PidsThatAnswer(2)));
        await EventuallyPrints($"listening {runtime[4..]}.", 4);
    }

    [Fact]
    public async Task Bun_says_ready_and_hears_shutdown_on_the_same_channel()
    {
        var program = "setTimeout(() => process.send('ready'), 100); process.on('message', message => { console.log('heard', message); process.exit(0); });";
        (await Zd.Run("start", WriteNode(program, $"interpreter: {await NodeApps.Runtime("bun")}\nwait_ready: strict\nshutdown_with_message: true"))).Succeeded();
        (await Zd.Run("reload", "web")).Succeeded();
        (await Zd.Run("stop", "web")).Succeeded();
        await EventuallyPrints("heard shutdown", 2);
    }

    [Theory]
    [InlineData("bun", "", "Bun does not take a listening socket from its parent")]
    [InlineData("deno", "interpreter_args: run --allow-all\n", "cluster mode needs 'listen' for a program that is not Node")]
    public async Task Bun_and_Deno_bind_for_themselves_and_it_is_said_that_they_are_replaced_in_place(string runtime, string options, string said)
    {
        var program = $"require('node:http').createServer((request, response) => response.end('served pid=' + process.pid)).listen({Port}, '127.0.0.1', () => console.log('listening'));";
        var file = WriteNode(program, $"interpreter: {await NodeApps.Runtime(runtime)}\n{options}exec_mode: cluster");
        (await Zd.Run("start", file)).Succeeded().Says(said, "fork mode");
        await EventuallyPrints("listening");
        Assert.Contains("served", await Get(), StringComparison.Ordinal);
        (await Zd.Run("reload", "web")).Succeeded().Says("gap");
        await EventuallyPrints("listening", 2);
        Assert.Contains("served", await Get(), StringComparison.Ordinal);
        Assert.Equal(("online", 1), (await Zd.List()).Select(row => (row.Status, row.Restarts)).Single());
    }
}
