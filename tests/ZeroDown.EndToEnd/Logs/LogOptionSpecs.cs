using System.Text.Json;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Logs;

/// <summary>pm2's log options, from the file to what stands in the logs.</summary>
public sealed class LogOptionSpecs : EndToEndTest
{
    [Fact]
    public async Task Dated_lines_one_combined_file_and_the_pid_as_a_pm2_user_wrote_them()
    {
        var file = Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker,
            "args: [say, hello, err, oh, hang]\nlog_date_format: 'YYYY-MM-DD HH:mm:ss.SSS Z'\nlog: ./logs/all.log\nout_file: ./logs/out.log\nerror_file: NULL\npid_file: ./web.pid"));
        (await Zd.Run("start", file)).Succeeded();
        await Says("logs/all.log", "oh");
        var dated = @"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [+-]\d\d:\d\d: ";
        Assert.All(File.ReadAllLines(InFolder("logs/all.log")), line => Assert.Matches(dated, line));
        Assert.Matches(dated + "hello$", File.ReadAllLines(InFolder("logs/out.log")).Single());
        var pid = (await Zd.List()).Single().Pid.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await Eventually.Holds(() => Task.FromResult(Lines("web-0.pid") is [var written] && written == pid), "the pid file names the worker", Zd.Evidence);

        (await Zd.Run("stop", "web")).Succeeded();
        await Eventually.Holds(() => Task.FromResult(!File.Exists(InFolder("web-0.pid"))), "the pid file goes with the worker", Zd.Evidence);
    }

    [Fact]
    public async Task Json_lines_of_all_instances_in_one_file()
    {
        var file = Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "args: [say, hello, hang]\ninstances: 2\nlog_type: json\nmerge_logs: true\nout_file: ./all.log"));
        (await Zd.Run("start", file)).Succeeded();
        await Eventually.Holds(() => Task.FromResult(Lines("all.log").Length == 2), "both have spoken", Zd.Evidence);
        var ids = Lines("all.log").Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.GetProperty("message").GetString() == "hello");
        Assert.Equal([0, 1], ids.Select(line => line.GetProperty("process_id").GetInt32()).Order());
    }

    [Fact]
    public async Task Time_dates_each_line_and_log_true_is_one_more_file_of_the_apps_name()
    {
        var file = Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "args: [say, hello, err, oh, hang]\ntime: true\nlog: true"));
        (await Zd.Run("start", file)).Succeeded();
        await Says("home/logs/web.log", "hello");
        await Says("home/logs/web.log", "oh");
        Assert.All(Lines("home/logs/web.log"), line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d: (hello|oh)$", line));
    }

    [Fact]
    public async Task A_worker_whose_logs_are_disabled_is_still_quoted_when_it_fails()
    {
        var file = Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "args: [err, no database, exit, '3']\ndisable_logs: true\nautorestart: false\nwait_ready: strict"));
        (await Zd.Run("start", file)).Exited(1).Says("no database");
        Assert.Empty(Directory.GetFiles(Path.Combine(Zd.Home, "logs")));
    }

    [Fact]
    public async Task SIGUSR2_makes_the_daemon_open_its_log_files_anew()
    {
        var file = Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "args: [spam, '0.05', hang]\nout_file: ./web.log"));
        (await Zd.Run("start", file)).Succeeded();
        await Eventually.Holds(() => Task.FromResult(Lines("web.log").Length > 0), "it prints", Zd.Evidence);
        File.Move(InFolder("web.log"), InFolder("web.log.1"));
        var daemon = ProcessTable.OfHome(Zd.Home).Single(process => process.ToString().Contains("zd daemon", StringComparison.Ordinal));
        using var kill = System.Diagnostics.Process.Start("kill", ["-USR2", daemon.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await Eventually.Holds(() => Task.FromResult(Lines("web.log").Length > 0), "the new file is written", Zd.Evidence);
    }

    private string InFolder(string name) => Path.Combine(Zd.Folder, name);

    private string[] Lines(string name) => File.Exists(InFolder(name)) ? File.ReadAllLines(InFolder(name)) : [];

    private async Task Says(string name, string text) => await Eventually.Holds(
        () => Task.FromResult(Lines(name).Any(line => line.EndsWith(text, StringComparison.Ordinal))), $"{name} says {text}", Zd.Evidence);
}
