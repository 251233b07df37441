using Xunit;
using ZeroDown.Keeper;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Keeper;

public sealed class StartTests
{
    [Fact]
    public void Nobody_is_told_ready_before_the_daemon_says_so()
    {
        using var keeper = new RunningKeeper();
        var daemon = keeper.NextDaemon();
        Assert.Equal(StartOutcome.TimedOut, keeper.Start.Wait(TimeSpan.FromMilliseconds(50)).Outcome);

        daemon.Client.Ready();
        Assert.Equal(StartOutcome.Ready, keeper.Start.Wait(Eventually.Deadline).Outcome);
    }

    [Fact]
    public void A_first_daemon_that_cannot_start_says_why_and_the_keeper_ends()
    {
        using var keeper = new RunningKeeper();
        var daemon = keeper.NextDaemon();
        using var memory = OutputFifo.Create(keeper.Home);
        daemon.Client.Hold("of no use to anybody", HoldKind.Input, memory.ReadEnd);
        daemon.Client.CannotStart("the pipe's path is too long");
        daemon.ExitWith3();

        Assert.Equal(new StartReport(StartOutcome.Failed, "the pipe's path is too long"), keeper.Start.Wait(Eventually.Deadline));
        Assert.Equal(1, keeper.Ended(keeper.Start).ExitCode);
    }

    [Fact]
    public void A_first_daemon_that_dies_without_a_word_is_reported_too()
    {
        using var keeper = new RunningKeeper();
        keeper.NextSilentDaemon().Kill();

        var report = keeper.Start.Wait(Eventually.Deadline);
        Assert.Equal((StartOutcome.Failed, $"the daemon ended before it listened: signal 9; {keeper.Home}/keeper.log may say why"), (report.Outcome, report.Line));
    }

    [Fact]
    public void A_daemon_that_cannot_even_be_executed_is_reported()
    {
        using var home = new TempFolder();
        using var start = KeeperStarter.StartDetached(home.Path, [RunningKeeper.Zd], ["--daemon-command", "/no/such/daemon"]);

        var report = start.Wait(Eventually.Deadline);
        Assert.Equal((StartOutcome.Failed, "the daemon cannot be started: start /no/such/daemon: No such file or directory (ENOENT)"), (report.Outcome, report.Line));
        Eventually.True(() => ProcStat.Read(start.KeeperPid) is { HasEnded: true }, "the keeper ends");
        Assert.Equal(1, ZeroDown.Platform.Launching.Reaper.Reap(start.KeeperPid).ExitCode);
    }

    [Fact]
    public void Who_comes_second_waits_until_the_first_one_s_daemon_is_ready()
    {
        using var keeper = new RunningKeeper();
        var daemon = keeper.NextDaemon();
        using var second = keeper.StartOne();
        Assert.Equal(StartOutcome.TimedOut, second.Wait(TimeSpan.FromMilliseconds(300)).Outcome);

        daemon.Client.Ready();
        Assert.Equal(StartOutcome.Ready, second.Wait(Eventually.Deadline).Outcome);
        Assert.Equal(0, keeper.Ended(second).ExitCode);
        Assert.Equal(StartOutcome.Ready, keeper.Start.Wait(Eventually.Deadline).Outcome);
    }

    [Fact]
    public void Who_comes_second_takes_over_when_the_first_one_fails()
    {
        using var keeper = new RunningKeeper();
        var daemon = keeper.NextDaemon();
        using var second = keeper.StartOne();
        daemon.Client.CannotStart("an accident");
        daemon.ExitWith3();
        Assert.Equal(StartOutcome.Failed, keeper.Start.Wait(Eventually.Deadline).Outcome);

        var another = keeper.NextDaemon();
        another.Client.Ready();
        Assert.Equal(StartOutcome.Ready, second.Wait(Eventually.Deadline).Outcome);
        another.Client.Shutdown();
        another.ExitWith3();
        Assert.Equal(0, keeper.Ended(second).ExitCode);
    }

    [Fact]
    public void Who_comes_while_the_daemon_is_being_replaced_waits_for_the_new_one()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        first.Kill();
        var next = keeper.NextDaemon();
        using var late = keeper.StartOne();
        Assert.Equal(StartOutcome.TimedOut, late.Wait(TimeSpan.FromMilliseconds(300)).Outcome);

        next.Client.Ready();
        Assert.Equal(StartOutcome.Ready, late.Wait(Eventually.Deadline).Outcome);
        keeper.Ended(late);
    }

    [Fact]
    public void The_keeper_leaves_the_session_the_streams_and_the_folder_of_who_started_it()
    {
        using var keeper = RunningKeeper.WithDaemon(out var daemon);
        var pid = keeper.Start.KeeperPid;

        Assert.Equal((pid, pid), (ProcStat.Read(pid)!.Value.Group, ProcStat.Read(pid)!.Value.Session));
        Assert.Equal(daemon.Pid, ProcStat.Read(daemon.Pid)!.Value.Session);
        Assert.Equal("/", new DirectoryInfo($"/proc/{pid}/cwd").LinkTarget);
        Assert.Equal(
            ["/dev/null", "/dev/null", $"{keeper.Home}/keeper.log"],
            Enumerable.Range(0, 3).Select(fd => new FileInfo($"/proc/{pid}/fd/{fd}").LinkTarget));
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Assert.Equal("--home needs an absolute path", Assert.Throws<FormatException>(() => KeeperOptions.Parse([])).Message);
        Assert.Equal("--home needs a value", Assert.Throws<FormatException>(() => KeeperOptions.Parse(["--home"])).Message);
        Assert.Equal("unknown option --nonsense", Assert.Throws<FormatException>(() => KeeperOptions.Parse(["--nonsense", "1"])).Message);
    }
}
