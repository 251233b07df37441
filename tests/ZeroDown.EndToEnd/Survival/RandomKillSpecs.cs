using System.Globalization;
using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Node;

namespace ZeroDown.EndToEnd.Survival;

/// <summary>
/// The daemon is killed at random moments while a user reloads, restarts, scales, stops and starts, under load: 5 times, with ZD_SOAK=1 50 times. Every
/// command is answered, no request fails, no line is lost, no worker is there twice.
/// </summary>
[Collection(nameof(HeavyLoad))]
public sealed class RandomKillSpecs : SurvivalTest
{
    private static readonly int Kills = Soak ? 50 : 5;

    private readonly int _seed = Environment.GetEnvironmentVariable("ZD_SEED") is { Length: > 0 } given
        ? int.Parse(given, CultureInfo.InvariantCulture)
        : Random.Shared.Next();

    [Theory]
    [InlineData("framework-free")]
    [InlineData("UseZeroDown")]
    [InlineData("Node")]
    public async Task Whatever_it_is_doing(string kind)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"ZD_SEED={_seed}");
        var dice = new Random(_seed);
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", Web(kind) + Side()))).Succeeded();
        var (instances, restarts) = (2, 0);
        await using var load = LoadRun.Start(new LoadPlan(Url) { KeepAlive = 50, Fresh = 50, Think = TimeSpan.FromMilliseconds(60), Seed = _seed });
        await using var delayed = LoadRun.Start(new LoadPlan(new Uri(Url, "/?delay=100")) { KeepAlive = 10, Fresh = 10, ExpectedDelay = TimeSpan.FromMilliseconds(100), Seed = _seed + 1 });
        await load.WaitForRequestsAsync(300, Soon);

        var kills = 0;
        while (kills < Kills)
        {
            string[] words = dice.Next(6) switch
            {
                0 or 1 => ["reload", "web"],
                2 => ["restart", "web"],
                3 => ["scale", "web", (instances = (instances + dice.Next(2)) % 3 + 1).ToString(CultureInfo.InvariantCulture)],
                4 => ["restart", "side"],
                _ => ["reload", "all"],
            };
            using var command = Zd.Begin(words);
            for (var left = dice.Next(1, 3); left > 0; left--)
            {
                await Task.Delay(dice.Next(0, 1500), TestContext.Current.CancellationToken);
                await Kill();
                kills++;
            }

            (await command.Finished(TimeSpan.FromSeconds(90))).Succeeded();
            restarts += words is [not "scale", "web" or "all"] ? 1 : 0;
        }

        Assert.All(await Task.WhenAll(load.StopAsync(), delayed.StopAsync()), NothingFailed);
        var rows = (await Zd.List()).Where(row => row.Name == "web").ToList();
        Assert.Equal(instances, rows.Count);
        Assert.All(rows, row => Assert.Equal("online", row.Status));
        Assert.Equal(restarts, rows[0].Restarts);
        await ProcessesOf(kind == "Node" ? "http.cjs" : kind == "UseZeroDown" ? Programs.TestWebWorker : "TestWorker serve", instances);
        await ProcessesOf("count", 1);
        (await Zd.Run("stop", "side")).Succeeded();
        NoLineIsLost(Read(Path.Combine(Zd.Home, "logs", "side-out.log")), twice: true);
        (await Zd.Run("delete", "all")).Succeeded();
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Zd.Home, "run"), "*.notify"));
    }

    /// <summary>At a moment when there is one; the last kill may be so fresh that there is none.</summary>
    private async Task Kill()
    {
        var daemon = 0;
        await Eventually.Holds(
            () => Task.FromResult(ProcessTable.OfHome(Zd.Home, " daemon ") is [{ State: not "Z" } one] && (daemon = one.Pid) != 0), "there is a daemon", Zd.Evidence);
        Kill(daemon);
    }

    private string Web(string kind)
    {
        var listen = $"listen: 127.0.0.1:{Port}\n";
        return kind switch
        {
            "Node" => App("web", NodeApps.Plain("http.cjs"), $"exec_mode: cluster\ninstances: 2\nenv: {{ PORT: {Port} }}"),
            "UseZeroDown" => App("web", Programs.TestWebWorker, $"args: [zd=true]\ninstances: 2\nwait_ready: strict\nenv: {{ Logging__LogLevel__Default: Warning }}\n{listen}"),
            _ => App("web", Programs.TestWorker, $"args: [serve]\ninstances: 2\n{listen}"),
        };
    }

    /// <summary>With a date: two workers of a roll print into one file, and halves of their lines would mix there.</summary>
    private static string Side() => $"  - name: side\n    script: {Programs.TestWorker}\n    args: [count, '5', hang]\n    log_date_format: HH:mm:ss\n";
}
