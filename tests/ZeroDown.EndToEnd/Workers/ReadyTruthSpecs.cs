using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Node;

namespace ZeroDown.EndToEnd.Workers;

/// <summary>Issue 9, A1 and A3: a program that dies is not called ready, with the waits that are standard.</summary>
public sealed class ReadyTruthSpecs : NodeClusterTest
{
    private const string Silent = "while :; do sleep 1; done\n";

    /// <summary>It was "✓ online" with exit code 0, 10 of 10.</summary>
    [Fact]
    public async Task A_start_of_a_program_that_exits_after_600_ms_fails_ten_times_out_of_ten()
    {
        Zd.Write("job.sh", "sleep 0.6\nexit 1\n");
        var file = Standard("job", "job.sh", "autorestart: false");
        for (var time = 0; time < 10; time++)
        {
            (await Zd.Run("start", file)).Exited(1).Says("exit code 1").HasNoStackTrace();
            (await Zd.Run("delete", "job")).Succeeded();
        }
    }

    [Theory]
    [InlineData("sleep 0.5\nexit 1\n")]
    [InlineData("sh -c 'sleep 0.5; exit 1'\nexit $?\n")]
    [InlineData("sleep 2\nexit 1\n")]
    public async Task A_reload_to_a_version_that_dies_fails_and_keeps_the_healthy_worker(string version)
    {
        Zd.Write("job.sh", Silent);
        (await Zd.Run("start", Standard("job", "job.sh"))).Succeeded();
        var before = (await Zd.List()).Single().Pid;
        Zd.Write("job.sh", version);
        (await Zd.Run("reload", "job")).Exited(7).Says("exit code 1", "Generation 1 serves on").HasNoStackTrace();
        Assert.Equal(before, (await Zd.List()).Single().Pid);
    }

    [Fact]
    public async Task A_reload_of_a_program_that_listens_nowhere_does_not_say_that_it_listens()
    {
        Zd.Write("job.sh", Silent);
        (await Zd.Run("start", Standard("job", "job.sh"))).Succeeded();
        var reload = (await Zd.Run("reload", "job")).Succeeded();
        Assert.DoesNotContain("listening", reload.All, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_Node_worker_that_listens_and_dies_at_once_fails_the_start_and_the_reload()
    {
        const string dies = "require('http').createServer((q, s) => s.end(`pid=${process.pid}`)).listen(Number(process.env.PORT), () => setTimeout(() => process.exit(1), 100));";
        _ = WriteNode(dies);
        var file = Standard("web", "web.cjs", $"instances: 2\nautorestart: false\nenv: {{ PORT: \"{Port}\" }}");
        (await Zd.Run("start", file)).Exited(1).HasNoStackTrace();
        File.WriteAllText(Path.Combine(Zd.Folder, "web.cjs"), Server());
        (await Zd.Run("restart", "web")).Succeeded();
        var before = await Pids();
        File.WriteAllText(Path.Combine(Zd.Folder, "web.cjs"), dies);
        (await Zd.Run("reload", "web")).Exited(7).HasNoStackTrace();
        Assert.Equal(before, await Pids());
        Assert.All(await PidsThatAnswer(2), pid => Assert.Contains(pid, before));
    }

    [Theory]
    [InlineData(3000)]
    [InlineData(1000)]
    [InlineData(100)]
    public async Task A_Node_cluster_worker_that_never_listens_starts_and_reloads_with_a_short_listen_timeout(int listenTimeout)
    {
        _ = WriteNode("setInterval(() => {}, 1000);");
        var file = Standard("web", "web.cjs", $"instances: 2\nexec_mode: cluster\nlisten_timeout: {listenTimeout}");
        (await Zd.Run("start", file)).Succeeded();
        var before = await Pids();
        (await Zd.Run("reload", "web")).Succeeded();
        Assert.Empty(before.Intersect(await Pids()));
    }

    /// <summary>As <c>serve -l PORT</c> does when it finds its port taken.</summary>
    [Fact]
    public async Task A_reload_of_a_program_that_moves_to_another_port_fails_and_says_where_it_listens()
    {
        Zd.Write("move.cjs", $"const taken = require('fs').existsSync('taken');\nrequire('http').createServer((q, s) => s.end(`pid=${{process.pid}}`)).listen(taken ? 0 : {Port}, '127.0.0.1');\n");
        (await Zd.Run("start", Standard("move", "move.cjs", "listen_timeout: 4s"))).Succeeded();
        await ItAnswers();
        Zd.Write("taken", "");
        (await Zd.Run("reload", "move")).Exited(7).Says($"did not listen on 127.0.0.1:{Port}", "zd restart", "The old worker had to stop first").HasNoStackTrace();
        (await Zd.Run("restart", "move")).Succeeded();
    }

    /// <summary>Any variable that changed excused the move, so a reload of a dead port was a success.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("exec_mode: cluster\ninstances: 1\n")]
    public async Task Only_a_variable_that_names_the_port_lets_a_reload_with_a_file_move_it(string mode)
    {
        var other = Ports.Free();
        Zd.Write("move.cjs", $"const port = process.env.COLOUR === 'green' ? {other} : process.env.HTTP_PORT || {Port};\nrequire('http').createServer((q, s) => s.end(`pid=${{process.pid}}`)).listen(port, '127.0.0.1');\n");
        (await Zd.Run("start", Standard("move", "move.cjs", mode + "listen_timeout: 4s\nenv: { COLOUR: blue }"))).Succeeded();
        await ItAnswers();
        (await Zd.Run("reload", Standard("move", "move.cjs", mode + "listen_timeout: 4s\nenv: { COLOUR: green }"))).Exited(7).Says($"did not listen on 127.0.0.1:{Port}", "zd restart").HasNoStackTrace();
        await ItAnswers();
        (await Zd.Run("reload", Standard("move", "move.cjs", mode + $"listen_timeout: 4s\nenv: {{ COLOUR: blue, HTTP_PORT: {other} }}"))).Succeeded();
        using var client = new HttpClient();
        Assert.Contains("pid=", await client.GetStringAsync(new Uri($"http://127.0.0.1:{other}/"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_of_a_program_that_binds_its_port_says_that_it_listens_and_a_dead_version_is_retried_with_the_old_config()
    {
        Zd.Write("own.cjs", $"require('http').createServer((q, s) => s.end(`pid=${{process.pid}}`)).listen({Port}, '127.0.0.1');\n");
        (await Zd.Run("start", Standard("own", "own.cjs"))).Succeeded();
        await ItAnswers();
        (await Zd.Run("reload", "own")).Succeeded().Says("gap");
        await ItAnswers();
        (await Zd.Run("reload", Standard("own", "own.cjs", "interpreter_args: --no-such-flag"))).Exited(7).Says("The old worker had to stop first").HasNoStackTrace();
        await ItAnswers();
    }

    /// <summary>The old worker is started again from the same file. It was said to serve again, also when it died or did nothing.</summary>
    [Theory]
    [InlineData("setTimeout(() => process.exit(1), 1500);", "exit code 1")]
    [InlineData("setInterval(() => {}, 1000);", "did not listen on 127.0.0.1:")]
    public async Task A_reload_of_a_bad_file_that_has_replaced_the_good_one_does_not_say_that_the_old_generation_serves(string version, string why)
    {
        var good = $"require('http').createServer((q, s) => s.end(`pid=${{process.pid}}`)).listen({Port}, '127.0.0.1');\n";
        Zd.Write("own.cjs", good);
        (await Zd.Run("start", Standard("own", "own.cjs", "listen_timeout: 4s"))).Succeeded();
        await ItAnswers();
        Zd.Write("own.cjs", version);
        var failed = (await Zd.Run("reload", "own")).Exited(7).Says(why, "The old worker had to stop first", "No worker of generation 1 is online yet", "from the files as they are now").HasNoStackTrace();
        Assert.DoesNotContain("again with its old config", failed.All.Replace("started again with its old config", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Zd.Write("own.cjs", good);
        (await Zd.Run("restart", "own")).Succeeded();
        await ItAnswers();
    }

    /// <summary>Without the short waits that other specs ask for.</summary>
    private string Standard(string name, string script, string options = "") =>
        Zd.Write($"{name}.yaml", App(name, script, options + "\nmin_ready:").Replace("    min_ready:\n", "", StringComparison.Ordinal));
}
