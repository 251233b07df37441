using System.Globalization;
using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>Issue 3, claim 4: when a Node worker counts as ready, and what happens to a new version that never does.</summary>
public sealed class ReadinessSpecs : NodeClusterTest
{
    [Theory]
    [InlineData("throw new Error('no database at db.example');", "no database at db.example")]
    [InlineData("this is no JavaScript", "SyntaxError")]
    [InlineData("require('http').createServer().listen(PORT, () => process.exit(3)).on('error', () => {}); process.exit(4)", "4")]
    [InlineData("console.error('waiting for godot'); setInterval(() => {}, 1000);", "waiting for godot")]
    public async Task A_version_that_is_no_good_fails_the_roll_and_the_old_one_serves_on(string version, string word)
    {
        (await Zd.Run("start", WriteNode(Server(), "instances: 2\nautorestart: false"))).Succeeded();
        var before = await Pids();
        await using var load = LoadRun.Start(new LoadPlan(Url) { KeepAlive = 5, Fresh = 5, Think = TimeSpan.FromMilliseconds(20) });
        await load.WaitForRequestsAsync(50, Soon);
        // The short time is the bad version's alone.
        var bad = WriteNode(version.Replace("PORT", Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), "instances: 2\nlisten_timeout: 6s\nautorestart: false");
        (await Zd.Run("reload", bad)).Exited(7).Says("web", word).HasNoStackTrace();
        await load.WaitForMoreAsync(50, Soon);
        NothingFailed(await load.StopAsync());
        Assert.Equal(before, await Pids());

        WriteNode(Server(), "instances: 2\nautorestart: false");
        (await Zd.Run("reload", "web")).Succeeded();
        Assert.Empty(before.Intersect(await Pids()));
    }

    [Theory]
    [InlineData("true", "setInterval(() => {}, 1000);", "did not say ready within 5 s")]
    [InlineData("strict", "", "it listens, but did not say ready within 5 s (listen_timeout), and wait_ready is strict")]
    public async Task With_wait_ready_a_version_that_neither_speaks_nor_listens_fails_the_roll_and_with_strict_one_that_only_listens(string wait, string version, string word)
    {
        var options = $"instances: 2\nwait_ready: {wait}";
        (await Zd.Run("start", WriteNode(Server() + "process.send('ready');", options))).Succeeded();
        var before = await Pids();
        var bad = WriteNode(version.Length > 0 ? version : Server(), $"{options}\nlisten_timeout: 5s");
        (await Zd.Run("reload", bad)).Exited(7).Says("web", word, "Generation 1 serves on").HasNoStackTrace();
        Assert.Equal(before, await Pids());
        // A newcomer that listened has been told to go, and accepts until it has read that.
        await Eventually.Holds(async () => (await PidsThatAnswer(1)).All(before.Contains), "only the old ones are given new connections", Zd.Evidence);
    }

    [Fact]
    public async Task With_wait_ready_one_that_listens_and_says_nothing_counts_at_listen_timeout_with_a_warning()
    {
        var file = WriteNode(Server(), "instances: 2\nexec_mode: cluster\nwait_ready: true\nlisten_timeout: 5s");
        (await Zd.Run("start", file)).Succeeded().Says("never said ready", "listens");
        (await Zd.Run("reload", "web")).Succeeded().Says("never said ready");
        Assert.All(await Zd.List(), worker => Assert.Equal("online", worker.Status));
    }

    [Fact]
    public async Task The_same_holds_in_fork_mode_where_the_program_binds_its_port_itself()
    {
        var file = WriteNode(Server(), "exec_mode: fork\nwait_ready: true\nlisten_timeout: 5s");
        (await Zd.Run("start", file)).Succeeded().Says("never said ready", "listens");
        (await Zd.Run("reload", "web")).Succeeded().Says("never said ready", "gap");
        Assert.Equal("online", (await Zd.List()).Single().Status);
    }

    [Fact]
    public async Task With_wait_ready_strict_it_fails()
    {
        var file = WriteNode(Server(), "instances: 1\nwait_ready: strict\nlisten_timeout: 5s");
        (await Zd.Run("start", file)).Exited(1).Says("listens", "did not say ready", "strict");
        Assert.Equal("launching", (await Zd.List()).Single().Status);
    }

    [Theory]
    [InlineData("cluster")]
    [InlineData("fork")]
    public async Task The_word_ready_on_the_channel_counts_in_both_modes(string mode)
    {
        var file = WriteNode(Server() + "setTimeout(() => process.send('ready'), 300);", $"exec_mode: {mode}\nwait_ready: strict");
        (await Zd.Run("start", file)).Succeeded();
        Assert.Equal("online", (await Zd.List()).Single().Status);
    }

    [Fact]
    public async Task A_queue_worker_that_never_listens_is_online_after_a_while_and_rolls()
    {
        (await Zd.Run("start", WriteNode("console.log('at work'); setInterval(() => {}, 1000);"))).Succeeded();
        var before = await Pids();
        (await Zd.Run("reload", "web")).Succeeded();
        var after = await Pids();
        Assert.Equal(2, after.Count);
        Assert.Empty(before.Intersect(after));
    }

    [Fact]
    public async Task A_version_that_listens_on_less_than_the_one_before_fails_the_roll_and_a_restart_accepts_it()
    {
        var (second, third) = (Ports.Free(), Ports.Free());
        // The third is asked for behind the word that the second listens: once it is open, the daemon knows of all.
        var more = Server() + $"require('net').createServer().listen({second}, () => setImmediate(() => require('net').createServer().listen({third})));";
        (await Zd.Run("start", WriteNode(more, "instances: 1"))).Succeeded();
        await EventuallyPrints("listening");
        await Eventually.Holds(() => Task.FromResult(DaemonLog.Contains($":{third}", StringComparison.Ordinal)), "all are open", Zd.Evidence);
        (await Zd.Run("reload", WriteNode(Server(), "instances: 1\nlisten_timeout: 2s"))).Exited(7).Says($":{second}", "restart");
        (await Zd.Run("restart", "web")).Succeeded();
        (await Zd.Run("reload", "web")).Succeeded();
    }

    /// <summary>Nothing told it to: a version that finds its port taken and moves would leave a dead port behind a successful reload.</summary>
    [Fact]
    public async Task A_new_version_that_listens_elsewhere_fails_the_roll_and_restart_accepts_it()
    {
        const string options = "instances: 2\nlisten_timeout: 5s";
        (await Zd.Run("start", WriteNode(Server(), options))).Succeeded();
        var before = await Pids();
        var second = Ports.Free();
        WriteNode(Server(second.ToString(CultureInfo.InvariantCulture)), options);
        (await Zd.Run("reload", "web")).Exited(7).Says($":{Port}", "Generation 1 serves on").HasNoStackTrace();
        Assert.Equal(before, await Pids());
        Assert.Contains("here is my voice", await Get(), StringComparison.Ordinal);

        (await Zd.Run("restart", "web")).Succeeded();
        Assert.Contains("here is my voice", await Get($"http://127.0.0.1:{second}/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_version_that_is_told_another_port_may_move()
    {
        (await Zd.Run("start", WriteNode(Server("+process.env.PORT"), $"instances: 2\nenv: {{ PORT: '{Port}' }}"))).Succeeded();
        var second = Ports.Free();
        (await Zd.Run("reload", WriteNode(Server("+process.env.PORT"), $"instances: 2\nenv: {{ PORT: '{second}' }}"))).Succeeded();
        await Eventually.Holds(() => Task.FromResult(DaemonLog.Contains($"Closed :{Port}", StringComparison.Ordinal)), "the old port is closed", Zd.Evidence);
        Assert.Contains("here is my voice", await Get($"http://127.0.0.1:{second}/"), StringComparison.Ordinal);
    }
}
