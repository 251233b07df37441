using Xunit;
using ZeroDown.Keeper;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Keeper;

/// <summary>The keeper goes on with another program: a new daemon first, then the keeper itself in place.</summary>
public sealed class UpdateTests
{
    [Fact]
    public void Daemon_and_keeper_become_the_new_program_and_the_workers_stay_their_children()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        using var output = keeper.Output();
        var worker = first.Start(Order.Shell(1, output.Fd, "trap 'exit 7' TERM; echo up; while :; do sleep 0.05; done"));
        Eventually.True(() => output.Text.Contains("up"), "the worker runs");
        first.RunToEnd(Order.Shell(2, null, "exit 42"));
        first.Client.Hold("a", HoldKind.Input, output.Fd);

        var second = keeper.Update(first, daemonRole: "exec \"$STAND_IN\"", keeperRole: "exec \"$ZD\" \"$@\"");
        Assert.Equal(new UpdateNote("token", UpdateStage.Underway, ""), second.Client.GiveBack.Update);
        second.Client.Ready();

        Assert.Equal(UpdateStage.Done, second.Next<KeeperEvent.Updated>().Note.Stage);
        Assert.Equal([KeptState.Started, KeptState.Exited], second.Client.GiveBack.Workers.Select(kept => kept.State));
        Assert.Contains("--carried-fd", ProcFs.CommandLine(keeper.Start.KeeperPid), StringComparison.Ordinal);
        Assert.Equal(keeper.Start.KeeperPid, ProcStat.Read(worker)?.ParentPid);

        // The new image follows orders, reaps, launches, and hands over what the old one held.
        second.Client.Signal(1, 1, Signals.Terminate, SignalScope.Process);
        Assert.Equal(7, second.ExitOf(1).ExitCode);
        Assert.Equal(5, second.RunToEnd(Order.Shell(3, null, "exit 5")).ExitCode);
    }

    [Fact]
    public void What_the_keeper_held_before_is_given_to_the_daemon_after()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        using var file = keeper.Output();
        first.Client.Hold("a", HoldKind.Input, file.Fd);
        var second = keeper.Update(first, daemonRole: "exec \"$STAND_IN\"", keeperRole: "exec \"$ZD\" \"$@\" --daemon-command \"$ZD_TESTS\" stand-in-daemon \"$SOCKET\"");
        second.Client.Ready();
        second.Next<KeeperEvent.Updated>();

        var third = keeper.Replace(second);

        Assert.Equal(["a"], third.Client.GiveBack.Held.Keys);
        Assert.True(third.Client.GiveBack.Held["a"].Fd.IsSame(file.Fd));
        Assert.Equal(UpdateStage.Done, third.Client.GiveBack.Update?.Stage);
        Assert.Equal(2, third.Client.GiveBack.Predecessors);
        third.Client.GiveBack.Held["a"].Fd.Dispose();
    }

    [Fact]
    public void A_trampoline_that_waits_at_its_gate_still_waits_after_the_update()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        using var output = keeper.Output();
        first.LaunchToGate(Order.Shell(1, output.Fd, "echo ran"));

        var second = keeper.Update(first, daemonRole: "exec \"$STAND_IN\"", keeperRole: "exec \"$ZD\" \"$@\"");
        second.Client.Ready();
        second.Next<KeeperEvent.Updated>();
        Assert.Equal(KeptState.AtGate, Assert.Single(second.Client.GiveBack.Workers).State);
        second.Client.OpenGate(1);

        second.Next<KeeperEvent.Started>();
        Assert.Equal(0, second.ExitOf(1).ExitCode);
        Assert.Equal(["ran"], output.Lines);
    }

    [Fact]
    public void A_new_daemon_that_does_not_start_is_replaced_by_one_of_the_old_program()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var worker = first.Start(Order.Run(1, null, "/bin/sleep", "1000"));

        var second = keeper.Update(first, daemonRole: "exit 3", keeperRole: "exec \"$ZD\" \"$@\"");

        var note = second.Client.GiveBack.Update!;
        Assert.Equal((UpdateStage.Returned, "it ended before it listened: exit code 3"), (note.Stage, note.Text));
        Assert.Equal(worker, Assert.Single(second.Client.GiveBack.Workers).Pid);
        Assert.Equal(0, second.Client.GiveBack.QuickDeaths);
        Assert.DoesNotContain("--carried-fd", ProcFs.CommandLine(keeper.Start.KeeperPid), StringComparison.Ordinal);
    }

    [Fact]
    public void A_keeper_that_cannot_become_the_new_program_goes_on_as_it_was()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        first.Start(Order.Shell(1, null, "trap 'exit 7' TERM; while :; do sleep 0.05; done"));

        var second = keeper.Update(first, daemonRole: "rm \"$0\"; exec \"$STAND_IN\"", keeperRole: "exit 1");
        second.Client.Ready();

        Assert.Equal(UpdateStage.DaemonOnly, second.Next<KeeperEvent.Updated>().Note.Stage);
        second.Client.Signal(1, 1, Signals.Kill, SignalScope.Process);
        Assert.Equal(Signals.Kill, second.ExitOf(1).Signal);
    }

    [Fact]
    public void An_update_that_follows_one_which_only_the_daemon_followed_starts_its_own_program_s_daemon()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var second = keeper.Update(first, daemonRole: "rm \"$0\"; exec \"$STAND_IN\"", keeperRole: "exit 1");
        second.Client.Ready();
        Assert.Equal(UpdateStage.DaemonOnly, second.Next<KeeperEvent.Updated>().Note.Stage);

        var third = keeper.Update(second, daemonRole: "exec \"$STAND_IN\"", keeperRole: "exec \"$ZD\" \"$@\"");

        Assert.Equal(UpdateStage.Underway, third.Client.GiveBack.Update?.Stage);
        third.Client.Ready();
        Assert.Equal(UpdateStage.Done, third.Next<KeeperEvent.Updated>().Note.Stage);
    }

    [Fact]
    public void An_update_that_comes_while_another_is_not_through_takes_its_place()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var second = keeper.Update(first, daemonRole: "exec \"$STAND_IN\"", keeperRole: "exec \"$ZD\" \"$@\"");
        second.Client.Update("another", "3.0", [keeper.NewProgram]);

        var third = keeper.Replace(second);

        Assert.Equal(new UpdateNote("another", UpdateStage.Underway, ""), third.Client.GiveBack.Update);
        third.Client.Ready();
        Assert.Equal(new UpdateNote("another", UpdateStage.Done, ""), third.Next<KeeperEvent.Updated>().Note);
    }

    [Fact]
    public void A_daemon_that_dies_after_an_update_which_only_the_daemon_followed_is_replaced_by_one_of_the_new_program()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var second = keeper.Update(first, daemonRole: $"echo new >> {keeper.Home}/started; exec \"$STAND_IN\"", keeperRole: "exit 1");
        Assert.Equal(0, Interop.Chmod(keeper.NewProgram, 0));
        second.Client.Ready();
        Assert.Equal(UpdateStage.DaemonOnly, second.Next<KeeperEvent.Updated>().Note.Stage);
        Assert.Equal(0, Interop.Chmod(keeper.NewProgram, 0x1C0));

        var third = keeper.Replace(second);

        Assert.Equal(["new", "new"], File.ReadAllLines($"{keeper.Home}/started"));
        Assert.Equal(UpdateStage.DaemonOnly, third.Client.GiveBack.Update?.Stage);
    }

    [Fact]
    public void Where_that_new_program_is_gone_the_old_one_s_daemon_comes_and_the_log_says_so()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var second = keeper.Update(first, daemonRole: "rm \"$0\"; exec \"$STAND_IN\"", keeperRole: "exit 1");
        second.Client.Ready();
        second.Next<KeeperEvent.Updated>();

        var third = keeper.Replace(second);

        Assert.Contains("the daemon of 2.0 cannot be started any more", keeper.Log, StringComparison.Ordinal);
        Assert.Equal(0, keeper.Replace(third).Client.GiveBack.Failures);
    }

    [Fact]
    public void An_update_that_no_keeper_takes_is_known_not_to_be_under_way()
    {
        using var keeper = RunningKeeper.WithDaemon(out var daemon);
        keeper.KillKeeper(daemon);

        Assert.False(daemon.Client.Update("token", "2.0", ["/bin/false"]));
    }

    [Fact]
    public void A_new_program_that_dies_as_keeper_is_a_killed_keeper()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var worker = first.Start(Order.Run(1, null, "/bin/sleep", "1000"));
        var second = keeper.Update(first, daemonRole: "exec \"$STAND_IN\"", keeperRole: "exit 1");
        second.Client.Ready();
        second.Next<KeeperEvent.Lost>();

        Assert.Null(second.Client.StartSuccessor(keeper.Home, [RunningKeeper.Zd], keeper.Successor(second)));
        Assert.Equal(worker, Assert.Single(keeper.NextDaemonAfter(second).Client.GiveBack.Workers).Pid);
    }

    [Fact]
    public void A_request_to_end_that_comes_during_the_exec_is_not_lost_and_kills_nobody()
    {
        // Straight to the real program, daemon included: a shell in between would let the signals through itself.
        using var keeper = RunningKeeper.WithDaemon(out var first);
        first.Client.Update("token", "2.0", [RunningKeeper.Zd]);
        first.Kill();
        Eventually.True(() => ProcFs.CommandLine(keeper.Start.KeeperPid).Contains("--carried-fd", StringComparison.Ordinal), "it becomes the new program");
        _ = Interop.Kill(keeper.Start.KeeperPid, Signals.Terminate);

        Assert.Equal(0, keeper.Ended(keeper.Start).ExitCode);
    }
}
