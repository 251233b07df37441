using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Survival;

/// <summary>The file that keeper and daemon were started from is removed, or replaced by another.</summary>
public sealed class ProgramGoneSpecs : SurvivalTest
{
    private string Copy => Path.Combine(Zd.Folder, "bin");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_native_program_goes_on_as_what_it_was(bool replaced)
    {
        Assert.SkipUnless(Programs.IsNative, "a JIT build needs its files");
        await Start();
        var version = (await Zd.Run("ping")).Succeeded().Out;
        Directory.Delete(Copy, recursive: true);
        if (replaced)
            Zd.Write("bin/zd", "#!/bin/sh\nexit 1\n", executable: true);
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 2, KeepAlive = 2 });

        await ReplaceDaemon();
        (await Zd.Run("reload", "web")).Succeeded();
        await ReplaceKeeper();
        (await Zd.Run("reload", "web")).Succeeded();
        await ReplaceDaemon();
        (await Zd.Run("scale", "web", "3")).Succeeded();
        (await Zd.Run("update")).Succeeded().Says("updated");
        (await Zd.Run("reload", "web")).Succeeded();
        NothingFailed(await load.StopAsync());
        Assert.Equal(Programs.Zd, new FileInfo($"/proc/{Keeper}/exe").LinkTarget);
        Assert.NotEmpty(version);
    }

    [Fact]
    public async Task A_JIT_build_that_is_gone_brings_no_daemon_and_says_so_and_does_when_it_is_put_back()
    {
        Assert.SkipWhen(Programs.IsNative, "a native program goes on");
        await Start();
        var before = await Zd.List();
        var keeper = Keeper;
        Directory.Delete(Copy, recursive: true);
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 2, KeepAlive = 2 });
        KillDaemon();

        (await Zd.Run("list")).Exited(6).Says("was removed or replaced", Path.Combine(Copy, "zd"), $"kill -9 {keeper}", "workers serve on").HasNoStackTrace();
        NothingFailed(await load.StopAsync());
        Programs.CopyZd(Copy);
        await Eventually.Holds(async () => (await Zd.Run("list")).ExitCode == 0, "a daemon is there again", Zd.Evidence);
        Assert.Equal(before, await Zd.List());
        await ProcessesOf(Programs.TestWorker, 2);
    }

    [Fact]
    public async Task The_way_out_that_is_named_works()
    {
        Assert.SkipWhen(Programs.IsNative, "a native program goes on");
        await Start();
        await StateIsOnDisk();
        var before = (await Zd.List()).Select(row => row.Pid).ToList();
        var keeper = Keeper;
        Directory.Delete(Copy, recursive: true);
        KillDaemon();
        await Eventually.Holds(() => Task.FromResult(Read(Path.Combine(Zd.Home, "keeper.log")).Contains("cannot start the daemon", StringComparison.Ordinal)), "no daemon can be started", Zd.Evidence);
        Kill(keeper);

        (await Zd.Run("list")).Succeeded().Says("2 living workers are supervised again");
        Assert.Equal(before, (await Zd.List()).Select(row => row.Pid));
        (await Zd.Run("reload", "web")).Succeeded();
    }

    [Fact]
    public async Task An_update_to_a_zd_whose_own_file_is_gone_touches_nothing()
    {
        Assert.SkipUnless(Programs.IsNative, "a JIT build does not even start without its files");
        await Start();
        var (keeper, daemon) = (Keeper, Daemon);
        Directory.Delete(Copy, recursive: true);
        Zd.Binary = $"/proc/{keeper}/exe";

        (await Zd.Run("update")).Exited(1).Says("was not begun", "not there any more", "--with").HasNoStackTrace();
        Assert.Equal((keeper, daemon), (Keeper, Daemon));
    }

    [Fact]
    public async Task A_program_that_vanishes_after_it_was_asked_gives_way_to_the_old_one()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var (keeper, before) = (Keeper, await Fleet());
        var vanishing = Zd.Write("vanishing-zd", "#!/bin/sh\nrm -f \"$0\"\necho 9.9.9\n", executable: true);

        (await Zd.Run("update", "--with", vanishing)).Exited(1).Says("did not start", "ENOENT", "the old one is back", "no worker was touched").HasNoStackTrace();
        Assert.Equal(keeper, Keeper);
        Assert.Equal(before, await Fleet());
    }

    /// <summary>By a zd of its own; who asks afterwards is the one that stays.</summary>
    private async Task Start()
    {
        Zd.Binary = Programs.CopyZd(Copy);
        (await Zd.Run("start", WriteApp())).Succeeded();
        Zd.Binary = Programs.Zd;
    }
}
