using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Survival;

namespace ZeroDown.EndToEnd.Pressure;

/// <summary>Nothing can be made in the home folder any more, as after an error of its disk: who runs goes on, what needs a file says so, and when it can be written again all is as before.</summary>
public sealed class ReadOnlyHomeSpecs : SurvivalTest
{
    [Fact]
    public async Task Workers_serve_on_and_a_reload_fails_closed_and_a_worker_that_dies_comes_again_when_it_can()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var before = await Zd.List();
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 2, KeepAlive = 2 });
        await load.WaitForRequestsAsync(50, Soon);
        Zd.MakeHomeReadOnly();

        (await Zd.Run("reload", "web")).Exited(7).Says("EROFS").HasNoStackTrace();
        await Eventually.Holds(
            async () => (await Zd.Run("list")).Succeeded() is var list && list.Err.Contains("kept in memory only", StringComparison.Ordinal) && list.Err.Contains("EROFS", StringComparison.Ordinal),
            "list warns, once the daemon has tried to write", Zd.Evidence);
        (await Zd.Run("save")).Exited(1).Says("read-only").HasNoStackTrace();
        (await Zd.Run("logs", "--nostream")).Succeeded();
        Assert.Equal(before.Select(row => (row.Pid, row.Status)), (await Zd.List()).Select(row => (row.Pid, row.Status)));
        NothingFailed(await load.StopAsync());

        Kill(before[0].Pid);
        await Zd.ListUntil(workers => workers[0].Restarts > 20 || workers[0] is { Status: "waiting restart", Restarts: > 2 }, "it is tried again and again");
        Zd.MakeHomeWritable();
        await Zd.ListUntil(workers => workers.All(worker => worker.Status == "online"), "both are online");
        await StateIsOnDisk();
        await Eventually.Holds(async () => !(await Zd.Run("list")).Succeeded().All.Contains("kept in memory only", StringComparison.Ordinal), "the warning goes", Zd.Evidence);
        (await Zd.Run("reload", "web")).Succeeded();
    }

    [Fact]
    public async Task A_daemon_that_is_killed_then_comes_again_when_it_can_and_until_then_it_is_said_why_not()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var before = (await Zd.List()).Select(row => row.Pid).ToList();
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 2, KeepAlive = 2 });
        await load.WaitForRequestsAsync(50, Soon);
        Zd.MakeHomeReadOnly();
        KillDaemon();

        (await Zd.Run("list")).Exited(6).Says("nothing can be written", "read-only", "one comes by itself", "workers serve on").HasNoStackTrace();
        NothingFailed(await load.StopAsync());
        Zd.MakeHomeWritable();
        await Eventually.Holds(async () => (await Zd.Run("reload", "web")).ExitCode == 0, "a daemon that can do everything is there again", Zd.Evidence);
        Assert.Empty(before.Intersect((await Zd.List()).Select(row => row.Pid)));
        await ProcessesOf(Programs.TestWorker, 2);
    }

    [Fact]
    public async Task A_first_start_says_that_nothing_can_be_written()
    {
        Assert.Equal(0, Tool.Run("mkdir", "-m", "700", Zd.Home));
        Zd.MakeHomeReadOnly();
        (await Zd.Run("start", WriteApp())).Exited(6).Says("nothing can be written", "read-only", "ZD_HOME").HasNoStackTrace();
        await NothingIsLeft();
        (await Zd.Run("list")).Succeeded().HasNoStackTrace();
    }
}
