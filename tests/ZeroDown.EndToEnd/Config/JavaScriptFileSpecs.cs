using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Config;

/// <summary>ecosystem.config.js with the real zd and the real node.</summary>
public sealed class JavaScriptFileSpecs : EndToEndTest
{
    public JavaScriptFileSpecs() =>
        Assert.SkipUnless((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "node"))), "this machine has no node");

    [Fact]
    public async Task Start_reload_and_delete_take_the_file_and_env_selects_its_block()
    {
        Zd.Write("ecosystem.config.js", $$"""
            console.log('reading the file');
            const instances = Number(process.env.COUNT);
            module.exports = {
              apps: [{ name: 'web', script: '{{Programs.TestWorker}}', args: ['hang'], instances, env: { MODE: 'development' }, env_production: { MODE: 'production' } }],
              deploy: { production: { user: 'node', host: 'example.org' } },
            };
            """);
        Zd.Environment["COUNT"] = "2";

        var started = (await Zd.Run("start", "--env", "production")).Succeeded();
        Assert.DoesNotContain("reading the file", started.Out, StringComparison.Ordinal);
        Assert.Contains("reading the file", started.Err, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", started.All, StringComparison.Ordinal);
        var before = await Zd.List();
        Assert.All(before, worker => Assert.Equal(("web", "online", "production"), (worker.Name, worker.Status, VariableOf(worker.Pid, "MODE"))));
        Assert.Equal(2, before.Count);

        (await Zd.Run("reload", "ecosystem.config.js")).Succeeded();
        var after = await Zd.List();
        Assert.All(after, worker => Assert.Equal("development", VariableOf(worker.Pid, "MODE")));
        Assert.Empty(before.Select(worker => worker.Pid).Intersect(after.Select(worker => worker.Pid)));

        (await Zd.Run("delete", "ecosystem.config.js")).Succeeded();
        Assert.Empty(await Zd.List());
    }

    [Theory]
    [InlineData("throw new Error('no database')", "bad.config.js:1:7", "it throws Error: no database")]
    [InlineData("module.exports = () => ({ apps: [] })", "it exports a function", "module.exports = f()")]
    [InlineData("module.exports = { apps: [{ name: 'web', script: '/bin/ls', instnaces: 2 }] }", "apps[0] (web): unknown key 'instnaces'", "did you mean 'instances'?")]
    [InlineData("module.exports = { apps: [", "bad.config.js:1:1", "SyntaxError")]
    public async Task A_file_that_is_wrong_ends_the_command_before_anything_is_started(string text, params string[] words)
    {
        Zd.Write("bad.config.js", text);
        var result = (await Zd.Run("start", "bad.config.js")).Exited(5).Says(words).HasNoStackTrace();
        Assert.Empty(result.Out);
        Assert.Empty(ProcessTable.OfHome(Zd.Home));
    }

    [Fact]
    public async Task Options_of_pm2s_hosted_service_are_one_warning_and_the_apps_start()
    {
        Zd.Write("ecosystem.config.js", $$"""
            module.exports = { apps: [
              { name: 'one', script: '{{Programs.TestWorker}}', args: 'hang', pmx: true, trace: true, io: { conf: { metrics: 1 } }, deep_monitoring: true },
              { name: 'two', script: '{{Programs.TestWorker}}', args: 'hang', v8: true, eventLoopInspector: true, axm_options: { http: true }, automation: false },
            ] };
            """);
        var started = (await Zd.Run("start")).Succeeded();
        var warning = Assert.Single(started.All.Split('\n'), line => line.Contains("warning", StringComparison.Ordinal));
        Assert.EndsWith("trace, io, deep_monitoring, v8, event_loop_inspector, axm_options: for pm2's hosted service, which is not here; ignored", warning, StringComparison.Ordinal);
        Assert.Equal(["online", "online"], (await Zd.List()).Select(worker => worker.Status));
    }

    [Fact]
    public async Task A_promise_is_awaited_and_env_selects_in_what_it_gives()
    {
        Zd.Write("ecosystem.config.mjs", $$"""
            const later = value => new Promise(resolve => setTimeout(resolve, 50, value));
            export default later({ apps: [{ name: 'web', script: '{{Programs.TestWorker}}', args: ['hang'], env_production: { MODE: await later('production') } }] });
            """);
        (await Zd.Run("start", "--env", "production")).Succeeded();
        Assert.Equal("production", VariableOf((await Zd.List()).Single().Pid, "MODE"));
    }

    [Fact]
    public async Task Without_node_it_says_what_is_needed()
    {
        Zd.Write("ecosystem.config.js", "module.exports = { apps: [] }");
        Zd.Environment["PATH"] = Zd.Folder;
        (await Zd.Run("start")).Exited(5).Says("node 18 or newer", Zd.Folder).HasNoStackTrace();
    }

    [Fact]
    public async Task A_node_that_is_too_old_for_a_worker_is_named_with_what_is_needed()
    {
        Zd.Write("bin/node", "#!/bin/sh\n[ \"$1\" = --version ] && echo v14.21.3 && exit\nexec sleep 600\n", executable: true);
        Zd.Write("server.js", "");
        Zd.Environment["PATH"] = $"{Zd.Folder}/bin:/usr/bin:/bin";
        (await Zd.Run("start", "server.js")).Succeeded().Says($"server is run by node 14.21.3 ({Zd.Folder}/bin/node), and node 18 or newer is needed");
    }

    private static string? VariableOf(int pid, string name) =>
        File.ReadAllText($"/proc/{pid}/environ").Split('\0').FirstOrDefault(v => v.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
}
