using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Workers;

/// <summary>Programs that do their work and end: <c>autorestart: false</c>, with and without a schedule.</summary>
public sealed class JobSpecs : EndToEndTest
{
    [Theory]
    [InlineData("exit 0", "", 0)]
    [InlineData("sleep 0.4; exit 0", "", 0)]
    [InlineData("exit 3", "stop_exit_codes: [3]", 3)]
    public async Task A_job_that_ends_well_is_a_success_of_start_restart_and_start_or_reload(string work, string options, int code)
    {
        var file = Job($"echo at work; {work}", $"autorestart: false\n{options}");
        (await Zd.Run("start", file)).Succeeded().Says($"job:0 finished with exit code {code}");
        (await Zd.Run("restart", "job")).Succeeded().Says($"finished with exit code {code}");
        (await Zd.Run("start-or-reload", file)).Succeeded().Says($"finished with exit code {code}");
        Assert.Equal("stopped", Assert.Single(await Zd.List()).Status);
        (await Zd.Run("describe", "job")).Succeeded().Says("stopped", $"code {code}");
    }

    [Fact]
    public async Task A_job_that_ends_badly_is_a_failure_with_its_last_words()
    {
        var start = await Zd.Run("start", Job("echo no such table >&2; exit 1", "autorestart: false\ncron_restart: '0 3 * * *'"));
        start.Exited(1).Says("exit code 1", "no such table");
    }

    [Fact]
    public async Task A_program_that_is_to_serve_and_exits_0_is_a_failed_start()
    {
        var start = await Zd.Run("start", Job("exit 0", $"autorestart: false\nlisten: 127.0.0.1:{Port}"));
        start.Exited(1).Says("exit code 0", "a program that serves does not end by itself");
        var restarted = await Zd.Run("start", Zd.Write("restarted.yaml", App("again", Script("again.sh", "exit 0"), "min_ready: 5s\nmax_restarts: 0")));
        restarted.Exited(1).Says("autorestart: false");
    }

    [Fact]
    public async Task A_changed_schedule_is_recorded_by_a_reload_with_the_file_and_the_job_is_not_run()
    {
        (await Zd.Run("start", Job("echo at work", "autorestart: false\ncron_restart: '0 3 * * *'"))).Succeeded();
        (await Zd.Run("reload", Job("echo at work", "autorestart: false\ncron_restart: '0 4 * * *'"))).Succeeded().Says("recorded");
        (await Zd.Run("describe", "job")).Succeeded().Says("0 4 * * *");
        Assert.Equal(0, Assert.Single(await Zd.List()).Restarts);
        Assert.Single(File.ReadLines(Path.Combine(Zd.Home, "logs/job-out.log")), line => line == "at work");
    }

    [Fact]
    public async Task A_saved_job_that_ends_at_once_is_a_success_at_boot()
    {
        var file = Job("test -e first && exit 0; touch first; exec sleep 1000", "autorestart: false");
        (await Zd.Run("start", file)).Succeeded().Says("job is online");
        (await Zd.Run("save")).Succeeded();
        (await Zd.Run("kill")).Succeeded();
        (await Zd.Run("resurrect")).Succeeded().Says("finished with exit code 0");
    }

    [Fact]
    public async Task A_reload_to_a_job_that_ends_well_is_a_success_and_leaves_nothing_behind()
    {
        (await Zd.Run("start", Job("exec sleep 1000", "autorestart: false"))).Succeeded();
        Script("job.sh", "exit 0");
        (await Zd.Run("reload", "job")).Succeeded().Says("finished with exit code 0");
        await Zd.ListUntil(rows => rows is [{ Status: "stopped", Pid: 0 }], "the old worker is gone");
    }

    [Fact]
    public async Task A_job_of_a_pm2_file_with_one_instance_of_node_is_a_job()
    {
        Assert.SkipUnless(Tool.Run("node", "--version") == 0, "node is not installed");
        Zd.Write("job.js", "console.log('at work'); process.exit(0)");
        var file = Zd.Write("ecosystem.json", """{ "apps": [{ "name": "job", "script": "job.js", "instances": 1, "autorestart": false, "cron_restart": "0 3 * * *" }] }""");
        (await Zd.Run("start", file)).Succeeded().Says("job:0 finished with exit code 0");
    }

    /// <summary>Its end is known before it counts as a worker that lives, also on a busy machine.</summary>
    private string Job(string work, string options) => Zd.Write("ecosystem.yaml", App("job", Script("job.sh", work), $"min_ready: 5s\n{options}"));

    private string Script(string name, string work) => Zd.Write(name, $"#!/bin/sh\n{work}\n", executable: true);
}
