using System.Net.Sockets;
using System.Text.Json;
using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Foreground;

/// <summary><c>zd run</c>: keeper, daemon and workers below one process that a terminal, a container or an orchestrator looks at.</summary>
public sealed class RunSpecs : EndToEndTest
{
    private const string Once = "cwd: /\nautorestart: false\n";

    [Fact]
    public async Task It_prints_what_workers_say_and_ends_with_the_exit_code_of_its_app()
    {
        using var run = Zd.Begin("run", Shell("echo to stdout; echo to stderr >&2; exit 3", Once));
        var result = (await run.Finished(Soon)).Exited(3);
        Assert.Contains("0|job | to stdout\n", result.Out, StringComparison.Ordinal);
        Assert.Contains("0|job | to stderr\n", result.Out, StringComparison.Ordinal);
        Assert.Contains("job:0 ended with exit code 3", result.Err, StringComparison.Ordinal);
        Assert.Empty(ProcessTable.OfHome(Zd.Home));
        Assert.Empty(Directory.GetFiles(Path.Combine(Zd.Home, "logs")));
    }

    [Theory]
    [InlineData("kill -9 $$$$", 137)]
    [InlineData("exit 0", 0)]
    public async Task A_signal_is_128_and_more_and_a_good_end_is_0(string script, int code)
    {
        using var run = Zd.Begin("run", Shell(script, Once));
        (await run.Finished(Soon)).Exited(code);
    }

    [Fact]
    public async Task An_app_that_gives_up_ends_it_with_its_code()
    {
        using var run = Zd.Begin("run", Shell("exit 7", "cwd: /\nmax_restarts: 2\n"));
        (await run.Finished(Soon)).Exited(7).Says("gave up after exit code 7");
    }

    [Fact]
    public async Task It_goes_on_when_nothing_runs_if_that_was_asked_for()
    {
        using var run = Zd.Begin("run", Shell("exit 0", Once), "--no-auto-exit");
        await run.Says("exited with code [0]");
        Assert.Equal("stopped", (await Zd.List()).Single().Status);
        Assert.False(run.HasExited);
        run.Signal("TERM");
        (await run.Finished(Soon)).Succeeded();
    }

    [Fact]
    public async Task A_process_of_another_user_that_is_left_behind_is_named_and_not_waited_for()
    {
        string[] somebody = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"];
        Assert.SkipUnless(Environment.UserName == "root" && Tool.Run(somebody[0], [.. somebody[1..], Programs.Zd, "--version"]) == 0, "this needs root, setpriv, and a zd that others may run");
        var asRoot = Zd.Write("as-root", "");
        Assert.Equal(0, Tool.Run("/bin/sh", "-c", $"cp $(command -v setpriv) {asRoot} && chown 54321:54321 {Zd.Folder} && chmod 4755 {asRoot}"));
        Assert.SkipUnless(Tool.Run(somebody[0], [.. somebody[1..], asRoot, "--reuid=0", "true"]) == 0, "the temp folder is mounted nosuid");
        Zd.Environment["HOME"] = Zd.Folder;
        using var run = Zd.BeginUnder(somebody, "run", Shell($"setsid {asRoot} --reuid=0 sleep 1000 & echo left behind $!; sleep 1000", Once));
        await run.Says("left behind");

        run.Signal("TERM");
        var result = (await run.Finished(Soon)).Says("may not be ended by this user and stay behind: sleep");
        Tool.Signal(int.Parse(result.Out.Split("left behind ")[1].Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture), "KILL");
        await NothingIsLeft();
    }

    [Fact]
    public async Task SIGTERM_drains_and_ends_with_0_and_nothing_fails_that_was_open()
    {
        using var run = Zd.Begin("run", WriteApp("slow-drain, 700, serve"));
        await run.Says("✓ web is online");
        var open = Get("/?delay=1500");
        await Accepted(1);
        await Eventually.Holds(async () => (await Zd.Run("list")).Out.Contains("online", StringComparison.Ordinal), "it is listed beside the run", Zd.Evidence);
        run.Signal("TERM");
        await open;
        (await run.Finished(Soon)).Succeeded().Says("exited with code [0] via signal [none]");
        Assert.Empty(ProcessTable.OfHome(Zd.Home));
    }

    [Fact]
    public async Task A_second_Ctrl_C_kills_at_once()
    {
        using var run = Zd.Begin("run", WriteApp("ignore-term, serve", "kill_timeout: 60s"));
        await run.Says("✓ web is online");
        run.Signal("INT");
        await run.Says("Stopping app");
        // A second one that comes at once is the same key press.
        await Eventually.Holds(
            () =>
            {
                run.Signal("INT");
                return Task.FromResult(run.HasExited);
            },
            "it ends",
            () => run.SoFar);
        (await run.Finished(Soon)).Exited(130);
        Assert.Empty(ProcessTable.OfHome(Zd.Home));
    }

    [Fact]
    public async Task SIGHUP_reloads_all_and_no_request_fails()
    {
        using var run = Zd.Begin("run", WriteApp());
        await run.Says("✓ web is online");
        var before = (await Zd.List()).Select(worker => worker.Pid).ToHashSet();
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 4, KeepAlive = 4 });
        run.Signal("HUP");
        await Zd.ListUntil(workers => workers.Count == 2 && workers.All(worker => worker.Status == "online" && !before.Contains(worker.Pid)), "both are new");
        NothingFailed(await load.StopAsync());
        await run.Says("web reloaded, generation 2 serves");
        run.Signal("TERM");
        (await run.Finished(Soon)).Succeeded();
    }

    [Fact]
    public async Task A_signal_of_the_users_own_goes_to_the_workers()
    {
        using var run = Zd.Begin("run", Shell("trap 'echo got it; exit 5' USR1; echo up; while :; do sleep 0.1; done", Once));
        await run.Says("| up");
        run.Signal("USR1");
        (await run.Finished(Soon)).Exited(5).Says("got it");
    }

    [Fact]
    public async Task The_ready_file_is_there_when_all_are_ready_and_gone_when_the_drain_begins()
    {
        var ready = Path.Combine(Zd.Folder, "ready");
        var gate = Path.Combine(Zd.Folder, "gate");
        File.WriteAllText(ready, "of a run before");
        using var run = Zd.Begin("run", WriteApp($"await-file, {gate}, say-ready, serve", "wait_ready: strict"), "--ready-file", "ready");
        await run.Says("starting in");
        Assert.False(File.Exists(ready));
        File.WriteAllText(gate, "");
        await Eventually.Holds(() => Task.FromResult(File.Exists(ready)), "the ready file is written", () => run.SoFar);
        Assert.All(await Zd.List(), worker => Assert.Equal("online", worker.Status));
        // A worker does not leave before this one has spoken, so the drain lasts as long as we like.
        using (var client = new TcpClient("127.0.0.1", Port))
        {
            await Accepted(1);
            run.Signal("TERM");
            await Eventually.Holds(() => Task.FromResult(!File.Exists(ready)), "the ready file is removed", () => run.SoFar);
            Assert.False(run.HasExited);
        }

        (await run.Finished(Soon)).Succeeded();
    }

    [Fact]
    public async Task With_json_every_line_of_stdout_is_an_object()
    {
        using var run = Zd.Begin("run", Shell("echo one; echo two >&2; exit 0", Once), "--json");
        var lines = (await run.Finished(Soon)).Exited(0).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var messages = lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("message").GetString()).ToList();
        Assert.Contains("one", messages);
        Assert.Contains("two", messages);
    }

    [Fact]
    public async Task The_words_of_pm2_runtime_are_understood()
    {
        using var run = Zd.Begin("run", "start", Shell("echo plain; exit 0", Once), "--raw", "--env", "production", "--delay", "0");
        Assert.Contains("\nplain\n", "\n" + (await run.Finished(Soon)).Exited(0).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_waits_for_a_reader_who_does_not_read()
    {
        var done = Path.Combine(Zd.Folder, "done");
        var file = Shell($"i=0; while [ $i -lt 40 ]; do head -c 1000000 /dev/zero | tr '\\\\0' 'x' | fold -w 100; i=$((i+1)); done; touch {done}; sleep 600", "cwd: /\n");
        using var run = Zd.BeginUnder(["sh", "-c", "\"$@\" | { read line; sleep 600; }", "sh"], "run", file);
        await Eventually.Holds(() => Task.FromResult(File.Exists(done)), "the worker has printed 40 MB", Zd.Evidence);
        Tool.Signal(ProcessTable.OfHome(Zd.Home, " keeper ").Single().Pid, "TERM");
        await Eventually.Holds(() => Task.FromResult(ProcessTable.OfHome(Zd.Home, "zd ").All(left => !left.CommandLine.StartsWith(Programs.Zd, StringComparison.Ordinal))), "it ends although nobody reads", Zd.Evidence);
        run.Kill();
        ProcessTable.OfHome(Zd.Home, "sleep 600").ToList().ForEach(left => left.Kill());
    }

    [Theory]
    [InlineData("exec \"$@\" >&-")]
    [InlineData("exec \"$@\" >&- 2>&- <&-")]
    [InlineData("\"$@\" | true; exit 3")]
    public async Task A_closed_stdout_stops_nothing(string shell)
    {
        var proof = Path.Combine(Zd.Folder, "proof");
        using var run = Zd.BeginUnder(["sh", "-c", shell, "sh"], "run", Shell($"echo one; sleep 0.5; echo two; touch {proof}; exit 3", Once));
        (await run.Finished(Soon)).Exited(3);
        Assert.True(File.Exists(proof));
        await Eventually.Holds(() => Task.FromResult(ProcessTable.OfHome(Zd.Home).Count == 0), "everything ends", Zd.Evidence);
    }

    [Fact]
    public async Task When_the_process_that_shows_the_logs_is_killed_another_one_goes_on()
    {
        using var run = Zd.Begin("run", Shell("i=0; while :; do i=$((i+1)); echo line $i; sleep 0.1; done", "cwd: /\n"));
        await run.Says("line 3");
        var worker = (await Zd.List()).Single().Pid;
        var attendant = ProcessTable.OfHome(Zd.Home, " attend ").Single();
        attendant.Kill();
        await Eventually.Holds(() => Task.FromResult(ProcessTable.OfHome(Zd.Home, " attend ") is [var other] && other.Pid != attendant.Pid), "there is another one", Zd.Evidence);
        var seen = run.OutSoFar.Length;
        await Eventually.Holds(() => Task.FromResult(run.OutSoFar[seen..].Contains("line", StringComparison.Ordinal)), "lines go on", () => run.SoFar);
        Assert.Equal(worker, (await Zd.List()).Single().Pid);
        run.Signal("TERM");
        (await run.Finished(Soon)).Succeeded();
    }

    [Fact]
    public async Task When_the_daemon_is_killed_the_workers_and_their_lines_go_on()
    {
        // Forty lines in a second, each with its number: the daemon dies in the middle of them.
        var numbers = Shell("i=0; while :; do i=$((i+1)); echo number $i; sleep 0.025; done", "cwd: /\n");
        File.AppendAllText(numbers, App("web", Programs.TestWorker, $"args: [serve]\ninstances: 2\nlisten: 127.0.0.1:{Port}")["apps:\n".Length..]);
        using var run = Zd.Begin("run", numbers);
        await run.Says("✓ web is online");
        var before = await PidsThatAnswer(2);
        await run.Says("number 20");
        ProcessTable.OfHome(Zd.Home, " daemon ").Single().Kill();
        await Zd.ListUntil(workers => workers.Count == 3 && workers.All(worker => worker.Status == "online"), "the next daemon knows them");
        Assert.Equal(before.Order(), (await PidsThatAnswer(2)).Order());
        var seen = run.OutSoFar.Length;
        await Eventually.Holds(() => Task.FromResult(run.OutSoFar[seen..].Contains("| number ", StringComparison.Ordinal)), "lines go on", () => run.SoFar);
        run.Signal("TERM");
        Assert.Equal([], Gaps((await run.Finished(Soon)).Succeeded()));
    }

    [Fact]
    public async Task An_update_of_keeper_and_daemon_is_seen_by_nobody()
    {
        var ready = Path.Combine(Zd.Folder, "ready");
        using var run = Zd.Begin("run", Shell("i=0; while :; do i=$((i+1)); echo number $i; sleep 0.025; done", "cwd: /\n"), "--ready-file", ready);
        await run.Says("✓ job is online");
        await Eventually.Holds(() => Task.FromResult(File.Exists(ready)), "the ready file is there", () => run.SoFar);
        var written = File.GetLastWriteTimeUtc(ready);
        var attendant = ProcessTable.OfHome(Zd.Home, " attend ").Single().Pid;
        (await Zd.Run("update")).Succeeded();
        Assert.True(File.Exists(ready));
        await Eventually.Holds(() => Task.FromResult(ProcessTable.OfHome(Zd.Home, " attend ") is [var other] && other.Pid != attendant && File.GetLastWriteTimeUtc(ready) > written), "another attendant is at work", Zd.Evidence);
        Assert.Equal(run.Pid, ProcessTable.OfHome(Zd.Home, " keeper ").Single().Pid);
        run.Signal("TERM");
        Assert.Equal([], Gaps((await run.Finished(Soon)).Succeeded()));
        Assert.False(File.Exists(ready));
    }

    [Fact]
    public async Task When_its_keeper_is_killed_nothing_runs_on_in_secret()
    {
        using var run = Zd.Begin("run", WriteApp());
        await run.Says("✓ web is online");
        run.Kill();
        await run.Says("was killed; everything is being stopped");
        await Eventually.Holds(() => Task.FromResult(ProcessTable.OfHome(Zd.Home).Count == 0), "everything ends", Zd.Evidence);
    }

    [Fact]
    public async Task What_workers_leave_behind_is_ended_too()
    {
        using var run = Zd.Begin("run", Shell("(setsid sh -c 'trap \"\" TERM; sleep 611' &); sleep 0.3; exit 0", Once));
        (await run.Finished(Soon)).Succeeded();
        Assert.Empty(ProcessTable.OfHome(Zd.Home));
    }

    [Fact]
    public async Task What_treekill_false_leaves_running_outlives_the_run_and_is_named()
    {
        using var run = Zd.Begin("run", Shell("setsid sleep 612 & sleep 613 & echo running; exec sleep 1000", Once + "treekill: false\n"));
        await run.Says("running");
        run.Signal("TERM");
        (await run.Finished(Soon)).Succeeded().Says("live on", "sleep 612", "sleep 613");
        var left = ProcessTable.OfHome(Zd.Home, "sleep 61");
        Assert.Equal(2, left.Count);
        Assert.All(left, process => process.Kill());
    }

    [Fact]
    public async Task A_zd_command_that_a_worker_began_is_not_ended_with_the_run_nor_is_the_shell_that_waits_for_it()
    {
        var done = Path.Combine(Zd.Folder, "done");
        using var run = Zd.Begin("run", Shell($"sh -c '{Zd.Binary} kill; echo $? > {done}' & sleep 1000", Once));
        await run.Finished(Soon);
        await Eventually.Holds(() => Task.FromResult(File.Exists(done) && File.ReadAllText(done) == "0\n"), "the worker's own command came to its end", Zd.Evidence);
        await NothingIsLeft();
    }

    [Fact]
    public async Task A_wrong_file_ends_it_with_5_and_nothing_is_left()
    {
        using var run = Zd.Begin("run", Zd.Write("ecosystem.yaml", "apps:\n  - name: x\n    scrpt: y\n"));
        (await run.Finished(Soon)).Exited(5).Says("scrpt", "script").HasNoStackTrace();
        Assert.Empty(ProcessTable.OfHome(Zd.Home));
    }

    [Fact]
    public async Task A_home_in_which_a_daemon_runs_is_refused()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        using var run = Zd.Begin("run", "ecosystem.yaml");
        (await run.Finished(Soon)).Exited(1).Says("runs in", "zd kill", "ZD_HOME").HasNoStackTrace();
        await PidsThatAnswer(2);
    }

    [Fact]
    public async Task Without_a_home_that_can_be_written_it_takes_another_place_and_the_other_commands_find_it()
    {
        Directory.CreateDirectory(Path.Combine(Zd.Folder, "runtime"));
        Zd.Environment["ZD_HOME"] = null;
        Zd.Environment["HOME"] = "/proc/nobody";
        Zd.Environment["XDG_RUNTIME_DIR"] = Path.Combine(Zd.Folder, "runtime");
        using var run = Zd.Begin("run", Shell("echo up; sleep 600", "cwd: /\n"));
        await run.Says("| up");
        await run.Says(Path.Combine(Zd.Folder, "runtime/zd"));
        Assert.Equal("job", (await Zd.List()).Single().Name);
        run.Signal("TERM");
        (await run.Finished(Soon)).Succeeded();
        Assert.Empty(ProcessTable.OfHome(Path.Combine(Zd.Folder, "runtime/zd")));
    }

    [Fact]
    public async Task The_end_of_the_daemon_by_zd_kill_ends_it()
    {
        using var run = Zd.Begin("run", WriteApp());
        await run.Says("✓ web is online");
        (await Zd.Run("kill")).Succeeded();
        (await run.Finished(Soon)).Succeeded();
    }

    /// <summary>Lines called "number N" that do not follow on the one before.</summary>
    private static List<string> Gaps(ZdResult result)
    {
        var numbers = result.Out.Split('\n').Where(line => line.Contains("| number ", StringComparison.Ordinal))
            .Select(line => int.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.NotEmpty(numbers);
        return [.. numbers.Prepend(0).Zip(numbers).Where(pair => pair.Second != pair.First + 1).Select(pair => $"{pair.First} -> {pair.Second}")];
    }

    private string Shell(string script, string options) =>
        Zd.Write("ecosystem.yaml", App("job", "/bin/sh", $"args: ['-c', '{script.Replace("'", "''", StringComparison.Ordinal)}']\n{options}"));
}
