using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Upkeep;

/// <summary><c>cron_restart</c>, with six fields so that a test need not wait for a minute.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class CronSpecs : EndToEndTest
{
    [Fact]
    public async Task The_app_rolls_on_schedule_and_no_request_is_lost()
    {
        (await Zd.Run("start", WriteApp(options: "cron_restart: '*/2 * * * * *'"))).Succeeded();
        await using var load = LoadRun.Start(new LoadPlan(Url) { KeepAlive = 10, Fresh = 10, Think = TimeSpan.FromMilliseconds(20) });
        await Zd.ListUntil(rows => rows.All(row => row.Restarts >= 2), "both workers are replaced twice");
        NothingFailed(await load.StopAsync());
    }

    [Fact]
    public async Task A_program_that_does_its_work_and_ends_is_started_again_on_schedule()
    {
        var file = Zd.Write("ecosystem.yaml", App("job", Programs.TestWorker, "args: [say, at work, sleep, '1200']\nautorestart: false\ncron: '*/2 * * * * *'"));
        (await Zd.Run("start", file)).Succeeded();
        var log = Path.Combine(Zd.Home, "logs/job-out.log");
        await Eventually.Holds(
            () => Task.FromResult(File.Exists(log) && File.ReadLines(log).Count(line => line == "at work") >= 3), "it has worked three times", Zd.Evidence);
    }

    [Fact]
    public async Task Whoever_stops_an_app_with_a_schedule_is_told_that_it_will_start_it()
    {
        (await Zd.Run("start", WriteApp(options: "cron_restart: '0 0 1 1 *'", instances: 1))).Succeeded();
        (await Zd.Run("stop", "web")).Succeeded().Says("App web stopped but CRON RESTART is still UP 0 0 1 1 *", "--cron-restart 0");
        (await Zd.Run("restart", "web", "--cron-restart", "0")).Succeeded();
        var stopped = (await Zd.Run("stop", "web")).Succeeded();
        Assert.DoesNotContain("CRON RESTART", stopped.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schedule_that_makes_no_sense_is_refused_with_its_place()
    {
        var start = await Zd.Run("start", WriteApp(options: "cron_restart: '61 * * * *'"));
        start.Exited(5).Says("ecosystem.yaml:", "'61 * * * *' is no schedule", "between 0 and 59", "0 3 * * *").HasNoStackTrace();
    }
}
