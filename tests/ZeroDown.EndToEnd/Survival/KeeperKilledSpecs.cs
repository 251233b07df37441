using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Roll;

namespace ZeroDown.EndToEnd.Survival;

/// <summary>The keeper is killed: the daemon brings another one, and nobody notices.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class KeeperKilledSpecs : SurvivalTest
{
    private static readonly int Kills = Soak ? 20 : 3;

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Clients_and_workers_notice_nothing(Variant worker)
    {
        await StartWeb(worker);
        await NobodyNotices(ReplaceKeeper, Kills);
        await ARollLosesNothing();
    }

    [Fact]
    public async Task Nor_does_Node()
    {
        await StartNode();
        await NobodyNotices(ReplaceKeeper, Kills);
        await ARollLosesNothing();
    }

    [Fact]
    public async Task In_the_middle_of_launches_each_worker_comes_once()
    {
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "args: [hang]\ninstances: 4")))).Succeeded();
        var random = new Random(4);
        for (var kill = 0; kill < Kills; kill++)
        {
            var keeper = Keeper;
            using var reload = Zd.Begin("reload", "web");
            await Task.Delay(random.Next(400), TestContext.Current.CancellationToken);
            Kill(keeper);
            (await reload.Finished(ZdHome.Patience)).Succeeded();
            await Eventually.Holds(() => Task.FromResult(KeeperOrNone is { } next && next != keeper), "there is another keeper", Zd.Evidence);
            await ProcessesOf(Programs.TestWorker, 4);
            await AllOnline(4, restarts: kill + 1);
        }
    }

    [Fact]
    public async Task An_orphan_that_dies_is_started_again_and_its_exit_is_told()
    {
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "args: [hang]")))).Succeeded();
        await ReplaceKeeper();
        var victim = (await Zd.List())[0];
        Kill(victim.Pid);

        await IsStartedAgain(victim.Pid);
        Assert.Contains("via signal [SIGKILL]", DaemonLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_dies_together_with_its_keeper_is_started_again()
    {
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "args: [hang]")))).Succeeded();
        var (keeper, victim) = (Keeper, (await Zd.List())[0]);
        Stop(keeper);
        Kill(victim.Pid);
        Kill(keeper);

        await IsStartedAgain(victim.Pid);
    }

    [Fact]
    public async Task Lines_and_stop_and_kill_work_with_orphans()
    {
        await StartTalkers();
        await ReplaceKeeper();
        await ReadsWhatIsSent();
        (await Zd.Run("stop", "all")).Succeeded();

        Assert.All(await Zd.List(), row => Assert.Equal("stopped", row.Status));
        await ProcessesOf(Programs.TestWorker, 0);
        NoLineIsLost(Read(Path.Combine(Zd.Home, "logs", "count-out.log")));
    }
}
