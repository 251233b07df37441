using System.Diagnostics;
using System.Text.Json;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Verbs;

/// <summary>What people and scripts do with pm2 all day, at a real zd, with a shell script that prints what happens to it.</summary>
public sealed class Pm2HabitsSpecs : EndToEndTest
{
    private const string Worker = """
        #!/bin/bash
        trap 'echo got USR2' USR2
        trap 'exit 0' TERM
        echo "up with [$*] and COLOUR=$COLOUR"
        while true; do
          if read -r line; then echo "read $line"; fi
        done
        """;

    private string Script => Zd.Write("job.sh", Worker, executable: true);

    [Fact]
    public async Task Flags_stand_anywhere_and_arguments_behind_two_dashes()
    {
        (await Zd.Run("-n", "stop", "--namespace", "blue", "start", Script, "-i", "2", "--", "-v", "x")).Succeeded();
        (await Zd.Run("describe", "stop")).Succeeded().Says("blue", "-v x");
        Assert.Equal(2, (await Zd.List()).Count);
        await Prints("stop", "up with [-v x]");
    }

    [Fact]
    public async Task Pid_id_and_env_print_what_scripts_cut_out_of_them()
    {
        Zd.Environment["COLOUR"] = "green";
        (await Zd.Run("start", Script, "-i", "2")).Succeeded();
        var workers = await Zd.List();
        Assert.Equal(string.Concat(workers.Select(worker => $"{worker.Pid}\n")), (await Zd.Run("pid", "job")).Succeeded().Out);
        Assert.Equal("[ 0, 1 ]\n", (await Zd.Run("id", "job")).Succeeded().Out);
        var env = (await Zd.Run("env", "1")).Succeeded().Out.Split('\n');
        Assert.Contains("COLOUR: green", env);
        Assert.Contains("NODE_APP_INSTANCE: 1", env);
        Assert.Equal("[]\n", (await Zd.Run("id", "jbo")).Exited(1).Says("job").Out);
    }

    [Fact]
    public async Task A_script_that_parses_jlist_with_node_finds_what_it_looks_for()
    {
        (await Zd.Run("start", Script, "--name", "api", "-i", "2")).Succeeded();
        (await Zd.Run("restart", "0")).Succeeded();
        // As deploy scripts do it.
        var program = Zd.Write("status.js", """
            const { execSync } = require('child_process');
            const list = JSON.parse(execSync(process.argv[2] + ' jlist').toString());
            for (const p of list)
              console.log([p.name, p.pm_id, p.pid > 0, p.pm2_env.status, p.pm2_env.restart_time, p.pm2_env.exec_mode,
                Date.now() - p.pm2_env.pm_uptime < 60000, p.monit.memory > 0, p.pm2_env.pm_cwd === process.cwd(),
                p.pm2_env.HOME === process.env.HOME, p.pm2_env.env.HOME === process.env.HOME].join(' '));
            """);
        Assert.SkipWhen(Find("node") is null, "node is not installed here");
        using var node = Process.Start(new ProcessStartInfo("node", [program, Programs.Zd])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Zd.Folder,
            Environment = { ["ZD_HOME"] = Zd.Home },
        })!;
        var lines = (await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).TrimEnd().Split('\n');
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["api 0 true online 1 fork_mode true true true true true", "api 1 true online 0 fork_mode true true true true true"], lines);
    }

    [Fact]
    public async Task A_signal_of_the_users_own_reaches_the_worker_and_changes_nothing()
    {
        (await Zd.Run("start", Script)).Succeeded();
        await Prints("job", "up with"); // and has set its traps
        var before = await Zd.List();
        (await Zd.Run("sendSignal", "SIGUSR2", "job")).Succeeded().Says("job has got the signal");
        await Prints("job", "got USR2");
        Assert.Equal(before, await Zd.List());
        (await Zd.Run("send-signal", "SIGFOO", "job")).Exited(1).Says("SIGFOO", "is no signal");
        (await Zd.Run("stop", "job")).Succeeded();
        (await Zd.Run("send-signal", "usr2", "job")).Exited(1).Says("zd start job");
    }

    [Fact]
    public async Task A_line_reaches_the_stdin_of_one_worker()
    {
        (await Zd.Run("start", Script, "-i", "2")).Succeeded();
        (await Zd.Run("send", "1", "hello there")).Succeeded();
        await Prints("1", "read hello there");
        (await Zd.Run("send", "job", "to whom?")).Exited(1).Says("0, 1");
        (await Zd.Run("send", "7", "x")).Exited(1).Says("7");
    }

    [Fact]
    public async Task Attach_shows_what_the_worker_prints_and_sends_what_is_typed()
    {
        (await Zd.Run("start", Script)).Succeeded();
        (await Zd.RunWithInput("one\ntwo\n", "attach", "0")).Succeeded();
        await Prints("job", "read one", "read two");
    }

    [Fact]
    public async Task Restart_by_name_keeps_the_environment_until_update_env()
    {
        Zd.Environment["COLOUR"] = "green";
        (await Zd.Run("start", Script)).Succeeded();
        Zd.Environment["COLOUR"] = "red";
        (await Zd.Run("flush")).Succeeded();
        (await Zd.Run("restart", "job")).Succeeded();
        await Prints("job", "COLOUR=green");
        (await Zd.Run("reload", "job", "--update-env")).Succeeded();
        await Prints("job", "COLOUR=red");
        (await Zd.Run("env", "0")).Succeeded().Says("COLOUR: red");
    }

    [Fact]
    public async Task Flags_change_a_running_app_and_null_takes_them_back()
    {
        (await Zd.Run("start", Script, "--kill-timeout", "4s", "--", "old")).Succeeded();
        (await Zd.Run("restart", "job", "--max-restarts", "3", "--", "new")).Succeeded();
        await Prints("job", "up with [new]");
        await Describes(("max_restarts", "3"), ("kill_timeout", "4 s"));
        (await Zd.Run("restart", "job", "--kill-timeout=null")).Succeeded();
        await Describes(("max_restarts", "3"), ("kill_timeout", "10 s"), ("script args", "new"));
        (await Zd.Run("restart", "job", "-i", "3")).Succeeded();
        Assert.Equal(3, (await Zd.List()).Count);
    }

    [Fact]
    public async Task Restart_with_a_name_renames_and_keeps_id_and_counter()
    {
        (await Zd.Run("start", Script)).Succeeded();
        (await Zd.Run("restart", "0", "--name", "worker")).Succeeded();
        var renamed = Assert.Single(await Zd.List());
        Assert.Equal(("worker", 0, "online", 1), (renamed.Name, renamed.PmId, renamed.Status, renamed.Restarts));
        (await Zd.Run("stop", "job")).Exited(1);
        (await Zd.Run("start", Script)).Succeeded();
        (await Zd.Run("restart", "job", "--name", "worker")).Exited(1).Says("job was not renamed");
    }

    [Fact]
    public async Task Counters_count_restarts_reloads_and_crashes_per_worker()
    {
        (await Zd.Run("start", Script, "-i", "2")).Succeeded();
        (await Zd.Run("restart", "job")).Succeeded();
        (await Zd.Run("reload", "0")).Succeeded();
        Process.GetProcessById((await Zd.List())[1].Pid).Kill();
        await Zd.ListUntil(list => list is [{ Restarts: 2 }, { Restarts: 2, Status: "online" }], "one restart and one reload, one restart and one crash");
        (await Zd.Run("stop", "1")).Succeeded();
        (await Zd.Run("start", "1")).Succeeded();
        Assert.Equal([2, 2], (await Zd.List()).Select(worker => worker.Restarts));
        (await Zd.Run("reset", "1")).Succeeded();
        Assert.Equal([2, 0], (await Zd.List()).Select(worker => worker.Restarts));
    }

    [Fact]
    public async Task Numbers_of_instances_are_used_again()
    {
        (await Zd.Run("start", Script, "-i", "3")).Succeeded();
        (await Zd.Run("delete", "1")).Succeeded();
        (await Zd.Run("scale", "job", "+1")).Succeeded();
        Assert.Equal([0, 1, 2], (await Instances()).Order());
        Assert.Equal([0, 2, 3], (await Zd.List()).Select(worker => worker.PmId));
    }

    [Fact]
    public async Task A_script_that_runs_is_refused_and_one_that_was_stopped_is_started()
    {
        (await Zd.Run("start", Script)).Succeeded();
        var first = Assert.Single(await Zd.List());
        (await Zd.Run("start", "job.sh")).Exited(1).Says("already launched", "-f");
        Assert.Equal([first], await Zd.List());
        (await Zd.Run("start", "job.sh", "-f")).Succeeded();
        Assert.NotEqual(first.Pid, Assert.Single(await Zd.List()).Pid);
        (await Zd.Run("stop", "job")).Succeeded();
        (await Zd.Run("start", "job.sh")).Succeeded();
        Assert.Equal("online", Assert.Single(await Zd.List()).Status);
    }

    [Fact]
    public async Task Start_or_reload_starts_what_is_missing_and_rolls_what_runs()
    {
        var one = Zd.Write("one.yaml", $"apps:\n  - {{name: one, script: {Script}}}\n");
        var both = Zd.Write("both.yaml", $"apps:\n  - {{name: one, script: {Script}}}\n  - {{name: two, script: {Script}}}\n");
        (await Zd.Run("startOrReload", one)).Succeeded();
        (await Zd.Run("startOrReload", both)).Succeeded();
        Assert.Equal([("one", 1), ("two", 0)], (await Zd.List()).Select(worker => (worker.Name, worker.Restarts)));
        (await Zd.Run("startOrRestart", both, "--only", "two")).Succeeded();
        Assert.Equal([("one", 1), ("two", 1)], (await Zd.List()).Select(worker => (worker.Name, worker.Restarts)));
        (await Zd.Run("stop", both)).Succeeded();
        (await Zd.Run("delete", one)).Succeeded();
        Assert.Equal(("two", "stopped"), Assert.Single((await Zd.List()).Select(worker => (worker.Name, worker.Status))));
    }

    [Fact]
    public async Task After_a_rotation_the_log_goes_on_in_a_new_file()
    {
        (await Zd.Run("start", Script)).Succeeded();
        await Prints("job", "up with");
        var log = Path.Combine(Zd.Home, "logs", "job-out.log");
        File.Move(log, log + ".1");
        (await Zd.Run("reloadLogs")).Succeeded();
        (await Zd.Run("send", "0", "after")).Succeeded();
        await Eventually.Holds(() => Task.FromResult(File.Exists(log) && File.ReadAllText(log) == "read after\n"), "the new file has the new line alone", Zd.Evidence);
        Assert.DoesNotContain("after", File.ReadAllText(log + ".1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_lines_come_as_pairs_and_as_json()
    {
        (await Zd.Run("start", Script)).Succeeded();
        await Prints("job", "up with");
        (await Zd.Run("logs", "/^j/", "--nostream", "--format")).Succeeded().Says("app=job id=0 type=out message=up with");
        var json = (await Zd.Run("logs", "job", "--nostream", "--json")).Succeeded().Out.TrimEnd().Split('\n');
        using var line = JsonDocument.Parse(json[^1]);
        Assert.Equal(("job", 0, "out"), (line.RootElement.GetProperty("app_name").GetString(), line.RootElement.GetProperty("process_id").GetInt32(), line.RootElement.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task Init_writes_a_file_once_and_it_starts()
    {
        (await Zd.Run("init")).Succeeded().Says("ecosystem.yaml");
        var written = File.ReadAllText(Path.Combine(Zd.Folder, "ecosystem.yaml"));
        (await Zd.Run("ecosystem", "simple")).Exited(1).Says("exists already");
        Assert.Equal(written, File.ReadAllText(Path.Combine(Zd.Folder, "ecosystem.yaml")));
        Zd.Write("ecosystem.yaml", written.Replace("./server.js", Script, StringComparison.Ordinal));
        (await Zd.Run("start")).Succeeded();
        Assert.Equal(2, (await Zd.List()).Count(worker => worker.Name == "app"));
    }

    [Fact]
    public async Task The_shells_switches_of_pm2_are_honoured()
    {
        Zd.Environment["PM2_KILL_TIMEOUT"] = "2500";
        Zd.Environment["PM2_SILENT"] = "true";
        var start = (await Zd.Run("start", Script)).Succeeded();
        Assert.Equal("", start.All);
        Zd.Environment.Remove("PM2_SILENT");
        await Describes(("kill_timeout", "2.5 s"));
    }

    [Fact]
    public async Task Watch_at_restart_switches_over_and_at_stop_off()
    {
        (await Zd.Run("start", Script, "--watch", "--cron", "0 0 * * *", "--max-memory-restart", "300M")).Succeeded();
        await Describes(("watch & reload", Zd.Folder), ("cron", "0 0 * * *"), ("max memory", "300mb"));
        (await Zd.Run("restart", "job", "--watch")).Succeeded();
        await Describes(("watch & reload", "disabled"));
        (await Zd.Run("restart", "job", "--watch", "--cron-restart=null")).Succeeded();
        await Describes(("watch & reload", Zd.Folder));
        Assert.DoesNotContain("cron", (await Zd.Run("describe", "job")).Out, StringComparison.Ordinal);
        (await Zd.Run("stop", "job", "--watch")).Succeeded();
        await Describes(("watch & reload", "disabled"), ("status", "stopped"));
    }

    [Fact]
    public async Task A_list_that_is_watched_comes_again_and_ends_without_a_failure()
    {
        (await Zd.Run("start", Script)).Succeeded();
        using var watch = Zd.Begin("ls", "--watch");
        await Eventually.Holds(() => Task.FromResult(watch.SoFar.Split("online").Length > 2), "the list came twice", () => watch.SoFar);
        using (var interrupt = Process.Start("kill", ["-INT", $"{watch.Pid}"]))
            await interrupt.WaitForExitAsync(TestContext.Current.CancellationToken);
        (await watch.Finished(Soon)).Succeeded();
    }

    private Task Prints(string target, params string[] texts) => Eventually.Holds(
        async () => (await Zd.Run("logs", target, "--nostream")).Out is var said && texts.All(text => said.Contains(text, StringComparison.Ordinal)),
        $"{target} prints {string.Join(" and ", texts)}",
        Zd.Evidence);

    private async Task Describes(params (string Fact, string Value)[] facts)
    {
        var lines = (await Zd.Run("describe", "job")).Succeeded().Out.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToArray();
        foreach (var (fact, value) in facts)
            Assert.Contains($"{fact} {value}", lines);
    }

    private async Task<int[]> Instances()
    {
        using var list = JsonDocument.Parse((await Zd.Run("jlist")).Succeeded().Out);
        return [.. list.RootElement.EnumerateArray().Select(row => row.GetProperty("pm2_env").GetProperty("NODE_APP_INSTANCE").GetInt32())];
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
