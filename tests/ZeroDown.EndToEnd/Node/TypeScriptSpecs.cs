using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>TypeScript by tsx and ts-node, in every spelling that pm2's users have for it.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class TypeScriptSpecs : NodeClusterTest
{
    [Theory]
    [InlineData("script: tsx app.ts")]
    [InlineData("script: node_modules/.bin/tsx app.ts")]
    [InlineData("script: node_modules/.bin/tsx\nargs: app.ts")]
    [InlineData("script: npx tsx app.ts")]
    [InlineData("script: app.ts\ninterpreter: tsx")]
    [InlineData("script: app.ts\ninterpreter: node_modules/.bin/tsx")]
    [InlineData("script: ts-node -T app.ts")]
    public async Task A_runner_of_typescript_is_a_cluster_that_rolls_under_load_without_a_loss(string script)
    {
        (await Zd.Run("start", await Write($"{script}\ninstances: 2"))).Succeeded();
        var before = await PidsThatAnswer(2);
        Assert.Equal(before.Order(), (await Pids()).Order());
        await using var load = LoadRun.Start(new LoadPlan(Url) { KeepAlive = 5, Fresh = 5, Think = TimeSpan.FromMilliseconds(10) });
        await load.WaitForRequestsAsync(50, Soon);
        var rolled = await Zd.Run("reload", "web", "--wait-drained");
        rolled.Succeeded();
        Assert.True(rolled.Took < TimeSpan.FromSeconds(20), rolled.ToString());
        await load.WaitForMoreAsync(20, Soon);
        NothingFailed(await load.StopAsync());
        Assert.Empty(before.Intersect(await PidsThatAnswer(2)));
    }

    [Fact]
    public async Task A_crash_of_a_program_that_tsx_runs_is_a_restart_in_the_list()
    {
        (await Zd.Run("start", await Write("script: tsx app.ts\ninstances: 1"))).Succeeded();
        var pid = Assert.Single(await Pids());
        Assert.Equal("going", await Get("/crash"));
        await Eventually.Holds(async () => Assert.Single(await Zd.List()) is { Restarts: 1, Status: "online" } worker && worker.Pid != pid, "the crash is a restart", Zd.Evidence);
        Assert.Contains("pid=", await Get(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_that_does_not_compile_fails_its_roll_and_the_old_one_serves_on()
    {
        (await Zd.Run("start", await Write("script: tsx app.ts\ninstances: 2"))).Succeeded();
        Zd.Write("app.ts", "const = 1;\n");
        (await Zd.Run("reload", "web")).Exited(7).Says("app.ts:1");
        Assert.Equal(2, (await PidsThatAnswer(2)).Count);
    }

    [Fact]
    public async Task Tsx_watch_is_an_ordinary_program_that_stops_when_it_is_asked()
    {
        (await Zd.Run("start", await Write("script: tsx watch app.ts\ninstances: 1"))).Succeeded();
        await EventuallyPrints("listening");
        Assert.NotEqual(Assert.Single(await Pids()), Assert.Single(await PidsThatAnswer(1)));
        var stopped = await Zd.Run("stop", "web");
        Assert.True(stopped.Succeeded().Took < TimeSpan.FromSeconds(8), stopped.ToString());
    }

    private async Task<string> Write(string options)
    {
        var modules = Path.Combine(Path.GetDirectoryName(await NodeApps.Packaged("http.cjs"))!, "node_modules");
        Directory.CreateSymbolicLink(Path.Combine(Zd.Folder, "node_modules"), modules);
        Zd.Write("package.json", """{ "name": "app" }""");
        Zd.Write("tsconfig.json", """{ "compilerOptions": { "module": "commonjs", "moduleResolution": "node" } }""");
        Zd.Write("app.ts", $$"""
            import * as http from 'http';
            const name: string = 'here is my voice';
            http.createServer((request: any, response: any) => {
              if (request.url === '/crash') {
                response.end('going', () => process.exit(3));
                return;
              }
              response.end(`${name} pid=${process.pid}`);
            }).listen({{Port}}, () => console.log('listening'));
            """);
        return Zd.Write("web.yaml", $"apps:\n  - name: web\n    min_ready: 0\n    {options.ReplaceLineEndings("\n    ")}\n");
    }
}
