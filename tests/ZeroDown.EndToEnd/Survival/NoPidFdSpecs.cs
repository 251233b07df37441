using System.Net.NetworkInformation;
using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Survival;

/// <summary>
/// A kernel without pidfds (Linux before 5.3, a strict sandbox, macOS): workers that outlive their keeper are known by pid and start time, and none of them comes twice.
/// </summary>
public sealed class NoPidFdSpecs : SurvivalTest
{
    private static readonly string[] OldKernel = [Programs.TestWorker, "without-pidfds"];

    [Fact]
    public async Task The_keeper_is_killed_and_its_workers_are_still_workers()
    {
        await Start();
        var before = await Fleet();
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 2, KeepAlive = 2 });
        await ReplaceKeeper();
        Assert.Equal(before, await Fleet());
        await ProcessesOf(Programs.TestWorker, 2);

        // Nobody wakes the keeper when an orphan ends, so it looks.
        var victim = (await Zd.List())[0];
        await ReplaceKeeper();
        NothingFailed(await load.StopAsync());
        Kill(victim.Pid);
        await Eventually.Holds(
            async () => (await Zd.List())[0] is { Status: "online", Restarts: 1 } next && next.Pid != victim.Pid, "it is started again", Zd.Evidence);
        await using var more = LoadRun.Start(new LoadPlan(Url) { Fresh = 2, KeepAlive = 2 });
        (await Zd.Run("reload", "web")).Succeeded();
        NothingFailed(await more.StopAsync());
        await ProcessesOf(Programs.TestWorker, 2);
        (await Zd.Run("stop", "web")).Succeeded();
        await ProcessesOf(Programs.TestWorker, 0);
    }

    [Fact]
    public async Task A_keeper_that_becomes_another_program_takes_its_orphans_along()
    {
        await Start();
        await ReplaceKeeper();
        var (keeper, victim) = (Keeper, (await Zd.List())[0]);
        (await Zd.Run("update")).Succeeded().Says("updated");
        Assert.Equal(keeper, Keeper);
        Kill(victim.Pid);
        await Eventually.Holds(
            async () => (await Zd.List())[0] is { Status: "online", Restarts: 1 } next && next.Pid != victim.Pid, "it is started again", Zd.Evidence);
        await ProcessesOf(Programs.TestWorker, 2);
    }

    [Fact]
    public async Task Keeper_and_daemon_are_killed_and_the_workers_are_found_and_replaced()
    {
        await Start();
        var before = (await Zd.List()).Select(row => row.Pid).ToList();
        await StateIsOnDisk();
        KillBoth();

        // Their socket cannot be fetched here.
        (await Begin("list")).Succeeded().Says("2 living workers are supervised again", "a second one stands beside it");
        await Eventually.Holds(
            async () => (await Zd.List()) is { Count: 2 } rows && rows.All(row => row.Status == "online" && !before.Contains(row.Pid)), "both are replaced", Zd.Evidence);
        await ProcessesOf(Programs.TestWorker, 2);
        // Until its last thread has ended, an old worker holds the other socket, and what that accepts is lost.
        await Eventually.Holds(
            () => Task.FromResult(IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Count(socket => socket.Port == Port) == 1), "only the new socket listens", Zd.Evidence);
        Assert.Equal(2, (await PidsThatAnswer(2)).Count);
    }

    private async Task Start()
    {
        Assert.SkipUnless(Tool.Run(OldKernel[0], [.. OldKernel[1..], "true"]) == 0, "no filter for system calls can be installed here");
        (await Begin("start", WriteApp())).Succeeded();
    }

    private async Task<ZdResult> Begin(params string[] arguments)
    {
        using var command = Zd.BeginUnder(OldKernel, arguments);
        return await command.Finished(ZdHome.Patience);
    }
}
