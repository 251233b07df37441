using System.Text.RegularExpressions;
using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Roll;

namespace ZeroDown.EndToEnd.Survival;

/// <summary>Keeper and daemon are killed at once: the next <c>zd</c> finds the workers, and says what it did.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class BothKilledSpecs : SurvivalTest
{
    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Workers_serve_on_and_are_supervised_again(Variant worker)
    {
        Assert.SkipUnless(SocketsCanBeFetched, "kernel.yama.ptrace_scope keeps sockets of other processes from an ordinary user here; they are bound anew and the workers replaced, which NoPidFdSpecs looks at");
        await StartWeb(worker);
        var before = (await Zd.List()).Select(row => row.Pid).ToList();
        await StateIsOnDisk();
        await using var load = LoadRun.Start(Clients);
        await load.WaitForRequestsAsync(500, Soon);
        KillBoth();
        await load.WaitForMoreAsync(200, Soon);

        (await Zd.Run("list")).Succeeded().Says("had both been killed", "2 living workers are supervised again", "1 listening sockets were fetched");
        await load.WaitForMoreAsync(200, Soon);
        NothingFailed(await load.StopAsync());
        Assert.Equal(before, (await Zd.List()).Select(row => row.Pid));

        // They are workers like any other.
        await using var more = LoadRun.Start(new LoadPlan(Url) { Fresh = 50, Think = TimeSpan.FromMilliseconds(50) });
        (await Zd.Run("reload", "web")).Succeeded();
        NothingFailed(await more.StopAsync());
        await AllOnline(2, restarts: 1);
    }

    [Fact]
    public async Task An_unchanged_Node_cluster_is_there_again()
    {
        await StartNode();
        await StateIsOnDisk();
        KillBoth();

        (await Zd.Run("list")).Succeeded().Says("had both been killed");
        await Eventually.Holds(async () => (await Zd.List()) is { Count: 2 } rows && rows.All(row => row.Status == "online"), "both are online", Zd.Evidence);
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 10, Think = TimeSpan.FromMilliseconds(20) });
        await load.WaitForRequestsAsync(100, Soon);
        NothingFailed(await load.StopAsync());
    }

    [Fact]
    public async Task Lines_are_read_on_and_stdin_works_and_an_exit_is_noticed()
    {
        await StartTalkers();
        await StateIsOnDisk();
        KillBoth();
        (await Zd.Run("list")).Succeeded().Says("2 living workers are supervised again");

        await ReadsWhatIsSent();
        Kill((await Zd.List()).Single(row => row.Name == "web").Pid);
        await Eventually.Holds(async () => (await Zd.List()).Single(row => row.Name == "web") is { Status: "online", Restarts: 1 }, "it is started again", Zd.Evidence);
        (await Zd.Run("stop", "all")).Succeeded();
        await ProcessesOf(Programs.TestWorker, 0);
        NoLineIsLost(Read(Path.Combine(Zd.Home, "logs", "count-out.log")));
    }

    [Fact]
    public async Task Who_died_too_is_started_again_and_named()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var victim = (await Zd.List())[0];
        await StateIsOnDisk();
        KillBoth();
        Kill(victim.Pid);

        (await Zd.Run("list")).Succeeded().Says("1 living workers are supervised again", "not found any more", $"pid {victim.Pid}");
        await AllOnlineAgain(2);
    }

    [Fact]
    public async Task A_pid_that_is_a_stranger_s_by_now_is_never_signalled()
    {
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "args: [hang]")))).Succeeded();
        var pid = (await Zd.List())[0].Pid;
        await StateIsOnDisk();
        KillBoth();
        Kill(pid);
        using var stranger = System.Diagnostics.Process.Start("/bin/sleep", ["1000"]);
        // As after a wrap-around of the pids: the file names a number that somebody else has, with another start time.
        ZdHome.Edit(Path.Combine(Zd.Home, "state.json"), text => Regex.Replace(text, $@":{pid}\b", $":{stranger.Id}"));

        (await Zd.Run("start", Path.Combine(Zd.Folder, "ecosystem.yaml"))).Succeeded().Says("not found any more");
        (await Zd.Run("kill")).Succeeded();
        Assert.False(stranger.HasExited);
        stranger.Kill();
    }

    [Fact]
    public async Task zd_kill_ends_workers_that_were_left_alone()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        await StateIsOnDisk();
        KillBoth();
        (await Zd.Run("kill")).Succeeded();
        await ProcessesOf(Programs.TestWorker, 0);
    }

    private static bool SocketsCanBeFetched =>
        Environment.UserName == "root" || !File.Exists("/proc/sys/kernel/yama/ptrace_scope") || File.ReadAllText("/proc/sys/kernel/yama/ptrace_scope").Trim() == "0";

    private Task AllOnlineAgain(int count) => Eventually.Holds(
        async () => (await Zd.List()) is { } rows && rows.Count == count && rows.All(row => row.Status == "online"), "all are online again", Zd.Evidence);
}
