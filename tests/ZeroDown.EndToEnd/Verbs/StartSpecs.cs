using System.Text.Json;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Verbs;

public sealed class StartSpecs : EndToEndTest
{
    [Fact]
    public async Task Start_returns_when_both_workers_answer()
    {
        var file = WriteApp();
        (await Zd.Run("start", file)).Succeeded();

        var answered = await PidsThatAnswer(2);
        var listed = await Zd.List();
        Assert.All(listed, worker => Assert.Equal(("web", "online"), (worker.Name, worker.Status)));
        Assert.Equal(listed.Select(worker => worker.Pid).Order(), answered.Order());
    }

    [Fact]
    public async Task Start_without_an_argument_takes_the_ecosystem_file_of_the_folder()
    {
        WriteApp();
        (await Zd.Run("start")).Succeeded();
        Assert.Equal(2, (await Zd.List()).Count);
    }

    [Fact]
    public async Task A_worker_that_exits_at_once_makes_start_fail_with_its_last_words()
    {
        var file = WriteApp("err, no database at db.example, exit, 3", "max_restarts: 0");
        (await Zd.Run("start", file)).Exited(1).Says("web", "no database at db.example").HasNoStackTrace();
    }

    [Fact]
    public async Task A_second_start_of_the_same_file_rolls_the_app()
    {
        var file = WriteApp();
        (await Zd.Run("start", file)).Succeeded();
        var before = (await Zd.List()).Select(worker => worker.Pid).ToHashSet();
        (await Zd.Run("start", file)).Succeeded();
        var after = (await Zd.List()).Select(worker => worker.Pid).ToHashSet();
        Assert.Equal(2, after.Count);
        Assert.Empty(before.Intersect(after));
    }

    [Fact]
    public async Task A_slow_boot_beyond_listen_timeout_stays_launching_and_comes_online()
    {
        var booted = Path.Combine(Zd.Folder, "booted");
        var file = WriteApp($"await-file, {booted}, ready, serve", "listen_timeout: 700ms\nwait_ready: true");
        (await Zd.Run("start", file)).Exited(1).Says("still starting");
        Assert.All(await Zd.List(), worker => Assert.Equal("launching", worker.Status));
        Zd.Write("booted", "");
        await Zd.ListUntil(workers => workers.All(worker => worker.Status == "online"), "the slow workers come online");
        await PidsThatAnswer(2);
    }

    [Fact]
    public async Task Stop_closes_the_port_and_start_opens_it_again()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        (await Zd.Run("stop", "web")).Succeeded();
        Assert.All(await Zd.List(), worker => Assert.Equal(("stopped", 0), (worker.Status, worker.Pid)));
        await Assert.ThrowsAsync<HttpRequestException>(() => Get());
        (await Zd.Run("start", "web")).Succeeded();
        await PidsThatAnswer(2);
    }

    [Fact]
    public async Task Delete_forgets_the_app()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        (await Zd.Run("delete", "web")).Succeeded();
        Assert.Empty(await Zd.List());
        (await Zd.Run("reload", "web")).Exited(1).Says("web").HasNoStackTrace();
    }

    [Fact]
    public async Task Verbs_that_only_read_start_no_daemon()
    {
        foreach (var verb in new[] { "list", "jlist", "describe" })
        {
            var result = verb == "describe" ? await Zd.Run(verb, "web") : await Zd.Run(verb);
            result.HasNoStackTrace();
            Assert.Empty(ProcessTable.OfHome(Zd.Home));
        }
    }

    [Fact]
    public async Task List_describe_and_ping_show_what_runs()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var pids = (await Zd.List()).Select(worker => $"{worker.Pid}").ToArray();
        (await Zd.Run("list")).Succeeded().Says("web", "online").Says(pids);
        (await Zd.Run("describe", "web")).Succeeded().Says("web", $"127.0.0.1:{Port}", Programs.TestWorker);
        (await Zd.Run("ping")).Succeeded().Says("pong");
        using var json = JsonDocument.Parse((await Zd.Run("list", "--json")).Succeeded().Out);
        Assert.NotEqual(JsonValueKind.Undefined, json.RootElement.ValueKind);
    }

    [Fact]
    public async Task Output_that_is_not_a_terminal_has_no_escape_sequences()
    {
        var all = (await Zd.Run("start", WriteApp())).Succeeded().All + (await Zd.Run("reload", "web")).Succeeded().All + (await Zd.Run("list")).Succeeded().All;
        Assert.DoesNotContain('\u001b', all);
        Assert.DoesNotContain('\r', all);
    }

    [Fact]
    public async Task Logs_show_the_last_lines_with_their_prefix()
    {
        (await Zd.Run("start", WriteApp("say, hello out, err, hello err, serve"))).Succeeded();
        var logs = (await Zd.Run("logs", "web", "--nostream")).Succeeded();
        logs.Says("0|web", "1|web", "hello out", "hello err");
        var errors = (await Zd.Run("logs", "web", "--nostream", "--err")).Succeeded();
        errors.Says("hello err");
        Assert.DoesNotContain("hello out", errors.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_follow_while_workers_write()
    {
        (await Zd.Run("start", WriteApp(instances: 1))).Succeeded();
        using var logs = Zd.Begin("logs", "web");
        await Eventually.Holds(() => Task.FromResult(logs.SoFar.Contains("listening on", StringComparison.Ordinal)), "the last lines are shown", () => logs.SoFar);
        (await Zd.Run("reload", "web")).Succeeded();
        await Eventually.Holds(() => Task.FromResult(logs.SoFar.Contains("drained", StringComparison.Ordinal)), "the old worker's last line is shown", () => logs.SoFar);
    }

    [Fact]
    public async Task Reset_zeroes_the_restart_counters_and_flush_empties_the_logs()
    {
        (await Zd.Run("start", WriteApp("say, once upon a time, serve"))).Succeeded();
        (await Zd.Run("reload", "web")).Succeeded();
        Assert.All(await Zd.List(), worker => Assert.Equal(1, worker.Restarts));
        (await Zd.Run("reset", "web")).Succeeded();
        Assert.All(await Zd.List(), worker => Assert.Equal(0, worker.Restarts));
        await Eventually.Holds(
            async () => (await Zd.Run("logs", "web", "--nostream", "--raw", "--lines", "100")).Out.Split("once upon a time").Length - 1 == 4, "all four workers' words are in the logs", Zd.Evidence);
        (await Zd.Run("flush", "web")).Succeeded();
        Assert.DoesNotContain("once upon", (await Zd.Run("logs", "web", "--nostream")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_verb_explains_itself()
    {
        foreach (var verb in new[] { "start", "reload", "restart", "stop", "delete", "scale", "list", "jlist", "describe", "logs", "flush", "reset", "ping", "kill" })
            (await Zd.Run(verb, "--help")).Succeeded().Says(verb).HasNoStackTrace();
        Assert.Empty(ProcessTable.OfHome(Zd.Home));
    }

    [Fact]
    public async Task Kill_ends_everything_and_a_second_kill_is_no_error_worth_a_trace()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        (await Zd.Run("kill")).Succeeded();
        Assert.Empty(ProcessTable.OfHome(Zd.Home));
        (await Zd.Run("kill")).HasNoStackTrace();
        (await Zd.Run("start", Path.Combine(Zd.Folder, "ecosystem.yaml"))).Succeeded();
    }
}
