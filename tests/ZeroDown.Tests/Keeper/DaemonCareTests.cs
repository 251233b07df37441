using Xunit;
using ZeroDown.Keeper;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Keeper;

/// <summary>That there is always a daemon, and what happens while there is none.</summary>
public sealed class DaemonCareTests
{
    [Fact]
    public void A_daemon_that_dies_again_and_again_is_replaced_and_told_so()
    {
        using var keeper = RunningKeeper.WithDaemon(out var daemon);
        for (var deaths = 1; deaths <= 3; deaths++)
        {
            daemon.ExitWith3();
            daemon = keeper.NextDaemon();
            Assert.Equal((deaths, deaths), (daemon.Client.GiveBack.Predecessors, daemon.Client.GiveBack.QuickDeaths));
        }

        Assert.Contains("ended: exit code 3", keeper.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_daemon_that_only_lacks_something_has_not_failed()
    {
        using var keeper = RunningKeeper.WithDaemon(out var daemon);
        List<int> failures = [];
        foreach (var onlyLacks in (bool[])[false, true, true, false])
        {
            daemon.Client.CannotStart("no room", onlyLacks);
            daemon.ExitWith3();
            daemon = keeper.NextDaemon();
            failures.Add(daemon.Client.GiveBack.Failures);
        }

        Assert.Equal([1, 1, 1, 2], failures);
    }

    [Fact]
    public void What_daemons_leave_in_the_log_while_they_die_again_and_again_is_kept_short()
    {
        using var keeper = RunningKeeper.WithDaemon(out var daemon);
        File.AppendAllText(Path.Combine(keeper.Home, "keeper.log"), new string('x', 2_000_000));
        daemon.ExitWith3();
        daemon = keeper.NextDaemon();

        Assert.InRange(new FileInfo(Path.Combine(keeper.Home, "keeper.log")).Length, 0, 10_000);
    }

    [Fact]
    public void A_daemon_that_does_not_answer_is_killed_and_replaced()
    {
        using var keeper = RunningKeeper.WithDaemon(out var mute, ["--patience-ms", "2000"]);
        var worker = ProcessIdentity.Of(mute.Start(Order.Run(1, null, "/bin/sleep", "1000")))!;
        mute.IsMute = true;
        var next = keeper.NextDaemon();

        Assert.Contains("does not answer", keeper.Log, StringComparison.Ordinal);
        Assert.True(worker.IsAlive());
        Assert.Equal(worker.Pid, Assert.Single(next.Client.GiveBack.Workers).Pid);
    }

    [Fact]
    public void A_daemon_that_answers_is_left_alone()
    {
        using var keeper = RunningKeeper.WithDaemon(out var daemon, ["--patience-ms", "2000"]);

        // It is asked four times in that time.
        Eventually.True(() => daemon.Answers >= 8, "it lives for twice the patience", () => keeper.Log);

        Assert.Equal(0, daemon.RunToEnd(Order.Shell(1, null, "exit 0")).ExitCode);
        Assert.DoesNotContain("killed", keeper.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Time_in_which_the_keeper_stood_still_too_is_not_held_against_the_daemon()
    {
        var patience = TimeSpan.FromSeconds(2);
        using var keeper = RunningKeeper.WithDaemon(out var daemon, ["--patience-ms", "2000"]);
        daemon.IsMute = true;
        Eventually.True(() => daemon.OwesAnswer, "the daemon is asked");
        Signal("SIGSTOP");
        Thread.Sleep(patience * 1.5); // the very thing: the time passes for both
        Signal("SIGCONT");
        daemon.IsMute = false;
        daemon.Answer();

        Assert.Equal(0, daemon.RunToEnd(Order.Shell(1, null, "exit 0")).ExitCode);
        Assert.DoesNotContain("does not answer", keeper.Log, StringComparison.Ordinal);

        void Signal(string name)
        {
            Assert.True(Signals.TryParse(name, out var number));
            Assert.Equal(0, Interop.Kill(keeper.Start.KeeperPid, number));
        }
    }

    [Fact]
    public void Without_a_daemon_a_worker_s_output_is_kept_at_half_and_what_is_lost_is_counted()
    {
        const int Printed = 3_000_000;
        using var keeper = RunningKeeper.WithDaemon(out var first, ["--relief-ms", "100"]);
        var fifo = OutputFifo.Create(keeper.Home);
        first.Client.Hold("out", HoldKind.Output, fifo.ReadEnd);
        using var done = keeper.Output();
        first.Start(Order.Shell(1, null, $"sleep 0.3; head -c {Printed} /dev/zero; echo done >&2") with { Fds = [new(fifo.WorkerEnd, 1), new(done.Fd, 2)] });
        fifo.WorkerEnd.Dispose();
        first.Kill();
        var second = keeper.NextSilentDaemon();
        Eventually.Equal("done\n", () => done.Text, "the worker has printed everything", () => keeper.Log);
        Eventually.True(() => OutputRelief.Excess(fifo.ReadEnd) <= 0, "the keeper has brought it to half", () => $"{fifo.BytesWaiting} bytes wait\n{keeper.Log}");
        fifo.Dispose();
        second.Attach();

        var held = second.Client.GiveBack.Held["out"];
        Assert.Equal(Printed, held.DiscardedBytes + held.Fd.BytesWaiting);
        Assert.True(held.DiscardedBytes > 0);
        held.Fd.Dispose();

        // It may have died before it could write that down.
        var third = keeper.Replace(second);
        Assert.Equal(held.DiscardedBytes, third.Client.GiveBack.Held["out"].DiscardedBytes);
        third.Client.Ready();
        Assert.Equal(0, keeper.Replace(third).Client.GiveBack.Held["out"].DiscardedBytes);
    }

    [Fact]
    public void The_next_daemon_learns_since_when_there_was_none()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var before = MonotonicClock.Now;
        Assert.True(first.Client.GiveBack.AloneSince < before);
        var alone = keeper.Replace(first).Client.GiveBack.AloneSince;
        Assert.InRange(alone, before, MonotonicClock.Now);
    }

    [Fact]
    public void Daemons_that_never_get_ready_do_not_make_that_time_shorter()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        first.Kill();
        var second = keeper.NextDaemon();
        var since = second.Client.GiveBack.AloneSince;
        var third = keeper.Replace(second);
        Assert.Equal(since, third.Client.GiveBack.AloneSince);

        third.Client.Ready();
        Assert.True(keeper.Replace(third).Client.GiveBack.AloneSince > since);
    }

    [Fact]
    public void A_keeper_that_is_to_end_does_not_wait_for_ever_for_a_daemon_that_could_drain()
    {
        using var keeper = RunningKeeper.WithDaemon(out var daemon, ["--patience-ms", "1500"]);
        var worker = ProcessIdentity.Of(daemon.Start(Order.Run(1, null, "/bin/sleep", "1000")))!;
        daemon.Kill();
        keeper.NextSilentDaemon();
        _ = Interop.Kill(keeper.Start.KeeperPid, Signals.Terminate);

        Assert.Equal(0, keeper.Ended(keeper.Start).ExitCode);
        Assert.False(worker.IsAlive());
        Assert.Contains("no daemon that could drain", keeper.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ended_keeper_asks_its_daemon_to_drain_and_ends_after_it()
    {
        using var keeper = RunningKeeper.WithDaemon(out var daemon);
        _ = Interop.Kill(keeper.Start.KeeperPid, Signals.Terminate);
        daemon.Next<KeeperEvent.ShutdownRequested>();

        daemon.Client.Shutdown();
        daemon.ExitWith3();
        Assert.Equal(0, keeper.Ended(keeper.Start).ExitCode);
    }

    [Fact]
    public void A_request_to_end_outlives_the_daemon_that_got_it()
    {
        using var keeper = RunningKeeper.WithDaemon(out var daemon);
        daemon.Start(Order.Run(1, null, "/bin/sleep", "1000"));
        _ = Interop.Kill(keeper.Start.KeeperPid, Signals.Interrupt);
        daemon.Next<KeeperEvent.ShutdownRequested>();

        keeper.Replace(daemon).Next<KeeperEvent.ShutdownRequested>();
    }

    [Fact]
    public void A_hang_up_does_not_end_the_keeper()
    {
        using var keeper = RunningKeeper.WithDaemon(out var daemon);
        _ = Interop.Kill(keeper.Start.KeeperPid, 1);

        Assert.Equal(0, daemon.RunToEnd(Order.Shell(1, null, "exit 0")).ExitCode);
    }

    /// <summary>Else the keeper would stay with them for ever, and no other could start in its home.</summary>
    [Fact]
    public void A_daemon_that_ends_does_not_leave_the_workers_of_its_predecessor_behind()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var willing = ProcessIdentity.Of(first.Start(Order.Run(1, null, "/bin/sleep", "1000")))!;
        using var said = keeper.Output();
        var stubborn = ProcessIdentity.Of(first.Start(Order.Shell(2, said.Fd, "trap '' TERM; echo deaf; while :; do sleep 1; done")))!;
        Eventually.Equal("deaf\n", () => said.Text, "the worker ignores SIGTERM");
        first.Kill();
        var next = keeper.NextDaemon();
        Assert.Equal(2, next.Client.GiveBack.Workers.Count);

        next.Client.Shutdown();
        next.ExitWith3();

        Assert.Equal(0, keeper.Ended(keeper.Start).ExitCode);
        Assert.False(willing.IsAlive());
        Assert.False(stubborn.IsAlive());
    }
}
