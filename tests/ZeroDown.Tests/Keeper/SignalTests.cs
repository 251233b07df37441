using Xunit;
using ZeroDown.Keeper;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Keeper;

public sealed class SignalTests : IDisposable
{
    /// <summary>Prints its child's pid when the child sleeps, and waits for it.</summary>
    private const string Family = "sleep 1000 & echo $!; wait";

    private readonly RunningKeeper _keeper;
    private readonly TestDaemon _daemon;

    public SignalTests() => _keeper = RunningKeeper.WithDaemon(out _daemon);

    public void Dispose() => _keeper.Dispose();

    [Fact]
    public void A_signal_reaches_the_worker_and_is_answered()
    {
        _daemon.Start(Order.Run(1, null, "/bin/sleep", "1000"));
        _daemon.Client.Signal(77, 1, Signals.Terminate, SignalScope.Process);

        Assert.Equal(new KeeperEvent.Signalled(77, 1, SignalAnswer.Sent, Errno.None), _daemon.Next<KeeperEvent.Signalled>());
        Assert.Equal(Signals.Terminate, _daemon.ExitOf(1).Signal);
    }

    [Fact]
    public void A_repeated_signal_is_answered_and_not_sent_again()
    {
        using var output = _keeper.Output();
        _daemon.Start(Order.Shell(1, output.Fd, "trap 'echo hup' HUP; trap 'echo end; exit' TERM; echo up; while :; do sleep 0.05; done"));
        Eventually.Equal("up\n", () => output.Text, "the worker is up");
        _daemon.Client.Signal(1, 1, 1, SignalScope.Process);
        Eventually.Equal("up\nhup\n", () => output.Text, "the first arrives");
        _daemon.Client.Signal(1, 1, 1, SignalScope.Process);
        _daemon.Client.Signal(2, 1, Signals.Terminate, SignalScope.Process);

        _daemon.ExitOf(1);
        Assert.Equal("up\nhup\nend\n", output.Text);
        Assert.All(Enumerable.Range(0, 3), _ => Assert.Equal(SignalAnswer.Sent, _daemon.Next<KeeperEvent.Signalled>().Answer));
    }

    [Fact]
    public void Nobody_is_signalled_in_the_name_of_a_worker_that_is_gone_or_was_never_there()
    {
        _daemon.RunToEnd(Order.Shell(1, null, "exit 0"));
        _daemon.Client.Signal(1, 1, Signals.Kill, SignalScope.Group);
        _daemon.Client.Signal(2, 2, Signals.Kill, SignalScope.Group);

        Assert.Equal(SignalAnswer.Gone, _daemon.Next<KeeperEvent.Signalled>().Answer);
        Assert.Equal(SignalAnswer.Unknown, _daemon.Next<KeeperEvent.Signalled>().Answer);
    }

    [Fact]
    public void A_signal_that_does_not_exist_is_refused()
    {
        _daemon.Start(Order.Run(1, null, "/bin/sleep", "1000"));
        _daemon.Client.Signal(1, 1, 99, SignalScope.Process);

        Assert.Equal(new KeeperEvent.Signalled(1, 1, SignalAnswer.Refused, Errno.EINVAL), _daemon.Next<KeeperEvent.Signalled>());
    }

    [Fact]
    public void A_group_is_signalled_as_a_whole()
    {
        using var output = _keeper.Output();
        _daemon.Start(Order.Shell(1, output.Fd, Family));
        var child = ChildPrinted(output);
        _daemon.Client.Signal(1, 1, Signals.Kill, SignalScope.Group);

        Assert.Equal(Signals.Kill, _daemon.ExitOf(1).Signal);
        Eventually.True(() => !child.IsAlive(), "the child dies with its group");
    }

    [Fact]
    public void A_signal_to_the_process_leaves_its_children_alone()
    {
        using var output = _keeper.Output();
        _daemon.Start(Order.Shell(1, output.Fd, Family));
        var child = ChildPrinted(output);
        _daemon.Client.Signal(1, 1, Signals.Kill, SignalScope.Process);

        _daemon.ExitOf(1);
        Assert.True(child.IsAlive());
        Assert.Equal(SignalOutcome.Delivered, child.Signal(Signals.Kill));
    }

    [Fact]
    public void With_KillGroupOnExit_nothing_of_the_group_survives_the_worker()
    {
        using var output = _keeper.Output();
        _daemon.Start(Order.Shell(1, output.Fd, "trap 'exit 4' TERM; sleep 1000 & echo $!; wait") with { KillGroupOnExit = true });
        var child = ChildPrinted(output);
        _daemon.Client.Signal(1, 1, Signals.Terminate, SignalScope.Process);

        Assert.Equal(4, _daemon.ExitOf(1).ExitCode);
        Eventually.True(() => !child.IsAlive(), "the child is killed when its parent exits");
        Eventually.True(() => ProcStat.Read(child.Pid) is null, "the keeper reaps the orphan");
    }

    private static ProcessIdentity ChildPrinted(OutputFile output)
    {
        Eventually.True(() => output.Text.EndsWith('\n'), "the worker prints its child's pid");
        return ProcessIdentity.Of(output.Text.Trim().Number())!;
    }
}
