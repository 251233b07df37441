using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Roll;

namespace ZeroDown.EndToEnd.Survival;

/// <summary>The daemon is killed while it has nothing to do: nobody notices.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class IdleSpecs : SurvivalTest
{
    private const int Kills = 3;

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Clients_and_workers_notice_nothing(Variant worker)
    {
        await StartWeb(worker);
        await NobodyNotices(ReplaceDaemon, Kills);
        await ARollLosesNothing(["scale", "web", "3"], ["scale", "web", "2"]);
    }

    [Fact]
    public async Task Nor_does_Node()
    {
        await StartNode();
        await NobodyNotices(ReplaceDaemon, Kills);
        await ARollLosesNothing();
    }

    [Fact]
    public async Task Restart_counters_and_numbers_go_on()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        (await Zd.Run("reload", "web")).Succeeded();
        (await Zd.Run("scale", "web", "3")).Succeeded();
        await Drained();
        var before = await Fleet();
        await ReplaceDaemon();
        Assert.Equal(before, await Fleet());
        (await Zd.Run("start", Zd.Write("other.yaml", App("other", Programs.TestWorker, "args: [hang]")))).Succeeded();
        Assert.Equal([0, 1, 2, 3], (await Zd.List()).Select(row => row.PmId));
    }

    [Fact]
    public async Task A_worker_that_crashes_afterwards_is_started_again()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        await ReplaceDaemon();
        var victim = (await Zd.List())[0];
        Kill(victim.Pid);
        await IsStartedAgain(victim.Pid);
    }

    [Fact]
    public async Task What_was_stopped_stays_stopped_and_its_address_is_free()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        (await Zd.Run("stop", "web")).Succeeded();
        await ReplaceDaemon();
        Assert.All(await Zd.List(), row => Assert.Equal("stopped", row.Status));
        using var free = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, Port);
        free.Start();
    }

    [Fact]
    public async Task The_last_daemon_ends_everything_in_order()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        await ReplaceDaemon();
        (await Zd.Run("kill")).Succeeded();
        await ProcessesOf(Programs.TestWorker, 0);
    }

    private Task Drained() => ProcessesOf(Programs.TestWorker, 3);
}
