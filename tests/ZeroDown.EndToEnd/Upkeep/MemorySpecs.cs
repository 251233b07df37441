using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Upkeep;

/// <summary><c>max_memory_restart</c>: the worker that is too large is replaced, and nobody notices.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class MemorySpecs : EndToEndTest
{
    private string Sign => Path.Combine(Zd.Folder, "grow");

    [Fact]
    public async Task A_worker_that_grows_too_large_under_load_is_replaced_and_no_request_is_lost()
    {
        (await Zd.Run("start", WriteApp($"grow-when, {Sign}, 300, serve", "max_memory_restart: 250M"))).Succeeded();
        await using var load = LoadRun.Start(new LoadPlan(Url) { KeepAlive = 10, Fresh = 10, Think = TimeSpan.FromMilliseconds(20) });
        await load.WaitForRequestsAsync(200, Soon);
        Zd.Write("grow", "");

        var workers = await Zd.ListUntil(rows => rows.Sum(row => row.Restarts) == 1, "one worker is replaced");
        await load.WaitForMoreAsync(500, Soon);
        NothingFailed(await load.StopAsync());
        Assert.Equal([0, 1], workers.Select(row => row.Restarts).Order());
        Assert.Contains("exceeds --max-memory-restart value (current_memory=", DaemonLog(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_its_children_hold_counts_too()
    {
        (await Zd.Run("start", WriteApp($"child-grows-when, {Sign}, 400, serve", "max_memory_restart: 300M", instances: 1))).Succeeded();
        Zd.Write("grow", "");
        await Zd.ListUntil(rows => rows is [{ Restarts: 1, Status: "online" }], "the worker with the large child is replaced");
    }

    [Fact]
    public async Task A_program_that_binds_its_own_port_is_restarted_in_place()
    {
        var file = Zd.Write("ecosystem.yaml", App("api", Programs.TestWorker, $"args: [grow-when, {Sign}, 300, serve-own-port, '127.0.0.1:{Port}']\nmax_memory_restart: 250M"));
        (await Zd.Run("start", file)).Succeeded();
        await ItAnswers();
        var before = (await PidsThatAnswer(1)).Single();
        Zd.Write("grow", "");
        await Zd.ListUntil(rows => rows is [{ Restarts: 1, Status: "online" }] && rows[0].Pid != before, "it is restarted");
        Assert.Contains("slot by slot because it binds its own port", DaemonLog(), StringComparison.Ordinal);
    }

    private string DaemonLog() => File.ReadAllText(Directory.EnumerateFiles(Zd.Home, "zd*.log").Single());
}
