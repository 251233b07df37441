using System.Text.Json;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Verbs;

/// <summary><c>zd scale</c>, down to nothing and up again.</summary>
public sealed class ScaleSpecs : EndToEndTest
{
    private const string EveryHour = "cron_restart: '0 * * * *'";

    [Fact]
    public async Task Scale_to_0_ends_every_worker_after_its_open_requests_and_keeps_the_app()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var slow = Get("/?delay=1500");
        await Accepted(1);
        (await Zd.Run("scale", "web", "0")).Succeeded().Says("web is scaled to 0");

        Assert.Contains("pid=", await slow, StringComparison.Ordinal);
        var row = Assert.Single(await Zd.List());
        Assert.Equal(("web", 0, "stopped", 0), (row.Name, row.PmId, row.Status, row.Pid));
        Assert.Equal(0, await Instances());
        (await Zd.Run("describe", "web")).Succeeded().Says("0 (scaled to 0");
        await Assert.ThrowsAsync<HttpRequestException>(() => Get());
        (await Zd.Run("scale", "web", "0")).Exited(1).Says("already is as asked");
    }

    [Fact]
    public async Task Start_restart_and_scale_bring_workers_back()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        foreach (var (words, workers) in new (string[], int)[] { (["start", "web"], 2), (["restart", "web"], 2), (["scale", "web", "3"], 3), (["scale", "web", "+1"], 1), (["start", "0"], 1), (["restart", "web", "-i", "2"], 2) })
        {
            (await Zd.Run("scale", "web", "0")).Succeeded();
            (await Zd.Run(words)).Succeeded();
            Assert.Equal(workers, (await Zd.List()).Count(row => row.Status == "online"));
            Assert.Equal(workers, await Instances());
        }
    }

    [Fact]
    public async Task A_reload_does_not_wake_what_was_scaled_to_0_and_says_what_does()
    {
        var file = WriteApp();
        (await Zd.Run("start", file)).Succeeded();
        (await Zd.Run("scale", "web", "-2")).Succeeded().Says("web is scaled to 0");
        (await Zd.Run("reload", "web")).Exited(1).Says("web is scaled to 0", "zd start web");
        (await Zd.Run("reload", file)).Exited(1).Says("web is scaled to 0", "nothing was changed");
        Assert.Equal("stopped", Assert.Single(await Zd.List()).Status);
        (await Zd.Run("start", file)).Succeeded();
        Assert.Equal(2, (await Zd.List()).Count(row => row.Status == "online"));
    }

    [Fact]
    public async Task More_workers_less_than_there_are_is_refused()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        (await Zd.Run("scale", "web", "-3")).Exited(1).Says("web has 2 workers", "zd scale web 0");
        (await Zd.Run("scale", "nobody", "0")).Exited(1).Says("nobody").HasNoStackTrace();
        Assert.Equal(2, (await Zd.List()).Count(row => row.Status == "online"));
    }

    [Fact]
    public async Task A_stopped_app_an_errored_one_and_a_job_can_be_scaled_to_0()
    {
        (await Zd.Run("start", WriteApp(instances: 2))).Succeeded();
        (await Zd.Run("stop", "web")).Succeeded();
        (await Zd.Run("scale", "web", "0")).Succeeded();
        (await Zd.Run("start", Zd.Write("bad.yaml", App("bad", Programs.TestWorker, "args: [exit, '3']\nmax_restarts: 1\nmin_ready: 5s")))).Exited(1);
        (await Zd.Run("scale", "bad", "0")).Succeeded();
        (await Zd.Run("start", Zd.Write("job.yaml", App("job", Programs.TestWorker, $"args: [exit, '0']\nautorestart: false\nmin_ready: 5s\n{EveryHour}")))).Succeeded();
        (await Zd.Run("scale", "job", "0")).Succeeded().Says("starts nothing while it is scaled to 0");
        Assert.All(await Zd.List(), row => Assert.Equal("stopped", row.Status));
        Assert.DoesNotContain("still UP", (await Zd.Run("stop", "job")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scale_to_0_in_the_middle_of_a_reload_ends_both_generations()
    {
        var file = WriteApp();
        (await Zd.Run("start", file)).Succeeded();
        WriteApp("hang", "listen_timeout: 60s");
        using var reload = Zd.Begin("reload", file);
        await Eventually.Holds(async () => (await Zd.Run("describe", "web")).Out.Contains("New workers of a reload", StringComparison.Ordinal), "the reload has begun", Zd.Evidence);
        (await Zd.Run("scale", "web", "0")).Succeeded();
        (await reload.Finished(Soon)).Exited(1).Says("another command");
        Assert.Equal((0, "stopped"), await One());
    }

    [Fact]
    public async Task An_app_at_0_is_saved_and_resurrected_at_0()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        (await Zd.Run("scale", "web", "0")).Succeeded();
        (await Zd.Run("save")).Succeeded();
        (await Zd.Run("kill")).Succeeded();
        (await Zd.Run("resurrect")).Succeeded();
        Assert.Equal((0, "stopped"), await One());
        (await Zd.Run("start", "web")).Succeeded();
        Assert.Equal(2, await Instances());
    }

    private async Task<(int Instances, string Status)> One() => (await Instances(), Assert.Single(await Zd.List()).Status);

    private async Task<int> Instances()
    {
        using var json = JsonDocument.Parse((await Zd.Run("list", "--json")).Succeeded().Out);
        return json.RootElement.GetProperty("apps")[0].GetProperty("instances").GetInt32();
    }
}
