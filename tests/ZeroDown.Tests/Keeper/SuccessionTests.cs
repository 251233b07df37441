using Xunit;
using ZeroDown.Keeper;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Keeper;

/// <summary>The keeper is killed; the daemon that outlived it starts another one and gives it everything.</summary>
public sealed class SuccessionTests
{
    [Fact]
    public void A_killed_keeper_s_successor_gives_the_next_daemon_everything()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        using var file = keeper.Output();
        var living = first.Start(Order.Run(10, null, "/bin/sleep", "1000") with { Note = "a note"u8.ToArray() });
        first.RunToEnd(Order.Shell(11, null, "exit 42"));
        first.LaunchToFailure(Order.Run(12, null, "/no/such/program"));
        first.Client.Hold("a", HoldKind.Input, file.Fd);

        var second = keeper.Succeed(first);

        var given = second.Client.GiveBack;
        Assert.Equal([10L, 11, 12], given.Workers.Select(worker => worker.LaunchId));
        Assert.Equal([KeptState.Started, KeptState.Exited, KeptState.Failed], given.Workers.Select(worker => worker.State));
        Assert.Equal((living, ProcessIdentity.Of(living)!.StartTime), (given.Workers[0].Pid, given.Workers[0].StartTime));
        Assert.Equal("a note"u8.ToArray(), given.Workers[0].Note.ToArray());
        Assert.Equal(42, given.Workers[1].Exit!.ExitCode);
        Assert.Equal(Errno.ENOENT, given.Workers[2].Failure!.Errno);
        Assert.True(given.Held["a"].Fd.IsSame(file.Fd));
        Assert.True(given.Predecessors > 0);
        Assert.NotEqual(keeper.Start.KeeperPid, given.KeeperPid);
        given.Held["a"].Fd.Dispose();
    }

    [Fact]
    public void More_than_a_channel_has_room_for_is_given_too()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        using var file = keeper.Output();
        for (var i = 0; i < 600; i++)
        {
            first.Client.Hold($"held {i}", HoldKind.Input, file.Fd);
        }

        var given = keeper.Succeed(first).Client.GiveBack;

        Assert.Equal(600, given.Held.Count(held => held.Value.Fd.IsSame(file.Fd)));
        Assert.All(given.Held.Values, held => held.Fd.Dispose());
    }

    [Fact]
    public void A_daemon_that_dies_when_it_has_given_everything_has_left()
    {
        var (ours, theirs) = FdChannel.CreatePair();
        using var succession = new Succession(ours.Handle, daemonPid: int.MaxValue);
        theirs.Dispose();

        Assert.Null(Record.Exception(succession.Take));
    }

    [Fact]
    public void An_orphan_is_signalled_and_its_exit_is_told()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        using var output = keeper.Output();
        first.Start(Order.Shell(1, output.Fd, "trap 'exit 7' TERM; echo up; while :; do sleep 0.05; done"));
        Eventually.True(() => output.Text.Contains("up"), "the worker runs");

        var second = keeper.Succeed(first);
        second.Client.Signal(1, 1, Signals.Terminate, SignalScope.Process);

        Assert.Equal(SignalAnswer.Sent, second.Next<KeeperEvent.Signalled>().Answer);
        var exit = second.ExitOf(1);
        Assert.True(exit.ExitCode == 7 || exit.IsUnknown, exit.ToString());
        Assert.SkipWhen(exit.IsUnknown, "this kernel does not tell how a stranger's child ended");
    }

    [Fact]
    public void An_orphan_s_whole_group_is_killed_with_it()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        using var output = keeper.Output();
        first.Start(Order.Shell(1, output.Fd, "sleep 1000 & echo $!; wait"));
        Eventually.True(() => output.Text.EndsWith('\n'), "the worker has a child");
        var child = ProcessIdentity.Of(output.Lines[0].Number())!;

        var second = keeper.Succeed(first);
        second.Client.Signal(1, 1, Signals.Kill, SignalScope.Group);

        second.ExitOf(1);
        Eventually.True(() => !child.IsAlive(), "the child dies too");
    }

    [Fact]
    public void A_worker_that_died_before_the_new_keeper_could_see_it_is_reported_as_gone()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var worker = ProcessIdentity.Of(first.Start(Order.Run(1, null, "/bin/sleep", "1000")))!;
        keeper.KillKeeper(first);
        worker.Signal(Signals.Kill);
        Eventually.True(() => !worker.IsAlive(), "it is gone");

        var given = keeper.Succeed(first).Client.GiveBack;

        Assert.Equal(KeptState.Exited, Assert.Single(given.Workers).State);
        Assert.True(given.Workers[0].Exit is { IsUnknown: true } or { Signal: 9 }, given.Workers[0].Exit?.ToString());
    }

    [Fact]
    public void A_trampoline_at_its_gate_ends_with_its_keeper_and_the_launch_can_be_ordered_again()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        using var output = keeper.Output();
        var order = Order.Shell(1, output.Fd, "echo ran");
        var waiting = ProcessIdentity.Of(first.LaunchToGate(order))!;

        var second = keeper.Succeed(first);

        Assert.Empty(second.Client.GiveBack.Workers);
        Eventually.True(() => !waiting.IsAlive(), "the old trampoline is gone");
        Assert.Equal(0, second.RunToEnd(order).ExitCode);
        Assert.Equal(["ran"], output.Lines);
    }

    [Fact]
    public void A_trampoline_that_ends_before_there_is_a_successor_is_not_told_as_a_worker_s_exit()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var waiting = ProcessIdentity.Of(first.LaunchToGate(Order.Run(1, null, "/bin/true")))!;
        first.Start(Order.Run(2, null, "/bin/sleep", "1000"));
        keeper.KillKeeper(first);
        Eventually.True(() => !waiting.IsAlive(), "the trampoline is gone");

        first.Client.Signal(1, 2, Signals.Kill, SignalScope.Process);
        first.ExitOf(2);

        Assert.Empty(first.All.OfType<KeeperEvent.Exited>());
        Assert.Equal([2L], keeper.Succeed(first).Client.GiveBack.Workers.Select(worker => worker.LaunchId));
    }

    [Fact]
    public void A_signal_that_was_sent_once_is_not_sent_again_after_the_succession()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        using var output = keeper.Output();
        first.Start(Order.Shell(1, output.Fd, "trap 'echo hit' USR1; echo up; while :; do sleep 0.05; done"));
        Eventually.True(() => output.Text.Contains("up"), "the worker runs");
        first.Client.Signal(5, 1, 10, SignalScope.Process);
        first.Next<KeeperEvent.Signalled>();
        Eventually.True(() => output.Text.Contains("hit"), "the first one arrives");

        var second = keeper.Succeed(first);
        second.Client.Signal(5, 1, 10, SignalScope.Process);
        Assert.Equal(SignalAnswer.Sent, second.Next<KeeperEvent.Signalled>().Answer);
        second.Client.Signal(6, 1, 10, SignalScope.Process);

        Eventually.True(() => output.Lines.Count(line => line == "hit") == 2, "only the new one arrives", () => output.Text);
    }

    [Fact]
    public void Until_a_daemon_has_taken_over_under_it_the_successor_says_that_it_does_not_know_all_that_was_ordered()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var second = keeper.Succeed(first, ready: false);
        var third = keeper.Replace(second);
        third.Client.Ready(tookOver: false);
        var fourth = keeper.Replace(third);
        fourth.Client.Ready();
        var fifth = keeper.Replace(fourth);

        Assert.Equal([false, true, true, true, false], new[] { first, second, third, fourth, fifth }.Select(daemon => daemon.Client.GiveBack.AfterSuccession));
    }

    [Fact]
    public void A_successor_can_be_killed_too()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var living = first.Start(Order.Run(1, null, "/bin/sleep", "1000"));
        var second = keeper.Succeed(first);

        var third = keeper.Succeed(second);

        Assert.Equal((living, KeptState.Started), (third.Client.GiveBack.Workers[0].Pid, third.Client.GiveBack.Workers[0].State));
        third.Client.Signal(1, 1, Signals.Kill, SignalScope.Process);
        third.ExitOf(1);
    }

    [Fact]
    public void Without_a_successor_the_daemon_still_signals_and_hears_of_exits_and_a_launch_fails()
    {
        using var keeper = RunningKeeper.WithDaemon(out var daemon);
        daemon.Start(Order.Run(1, null, "/bin/sleep", "1000"));
        keeper.KillKeeper(daemon);

        Assert.NotNull(daemon.Client.StartSuccessor(keeper.Home, ["/no/such/zd"], []));
        daemon.Client.Launch(Order.Run(2, null, "/bin/true"));
        Assert.Equal(Errno.EAGAIN, daemon.Next<KeeperEvent.LaunchFailed>().Errno);
        daemon.Client.Signal(1, 1, Signals.Terminate, SignalScope.Process);
        Assert.Equal(SignalAnswer.Sent, daemon.Next<KeeperEvent.Signalled>().Answer);
        var exit = daemon.ExitOf(1);
        Assert.True(exit.IsUnknown || exit.Signal == Signals.Terminate, exit.ToString());

        // To the next keeper that launch has not happened.
        Assert.DoesNotContain(keeper.Succeed(daemon).Client.GiveBack.Workers, worker => worker.LaunchId == 2);
    }

    [Fact]
    public async Task A_keeper_that_a_client_starts_meanwhile_does_not_come_in_between()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        first.Start(Order.Run(1, null, "/bin/sleep", "1000"));
        keeper.KillKeeper(first);
        using var rival = keeper.StartOne();
        var rivals = keeper.NextSilentDaemon();
        Assert.NotNull(ProcessIdentity.Of(rival.KeeperPid));

        // In life the rival's daemon finds daemon.lock taken, says so and ends, and its keeper with it; only then the successor's turn comes.
        var succession = Task.Run(() => first.Client.StartSuccessor(keeper.Home, [RunningKeeper.Zd], keeper.Successor(first)));
        rivals.Attach();
        rivals.Client.CannotStart("another daemon runs already");
        rivals.ExitWith3();
        Assert.Equal(StartOutcome.Failed, rival.Wait(Eventually.Deadline).Outcome);
        Assert.Equal(1, keeper.Ended(rival).ExitCode);

        Assert.Null(await succession);
        Assert.Single(keeper.NextDaemonAfter(first).Client.GiveBack.Workers);
    }
}
