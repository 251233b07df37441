using Xunit;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Tests.Keeper;

public sealed class GateTests : IDisposable
{
    private readonly RunningKeeper _keeper;
    private readonly TestDaemon _daemon;

    public GateTests() => _keeper = RunningKeeper.WithDaemon(out _daemon);

    public void Dispose() => _keeper.Dispose();

    [Fact]
    public void A_worker_whose_gate_nobody_opened_waits_for_the_next_daemon()
    {
        using var output = _keeper.Output();
        var pid = _daemon.LaunchToGate(Order.Shell(1, output.Fd, "echo ran"));
        var next = _keeper.Replace(_daemon);

        var kept = Assert.Single(next.Client.GiveBack.Workers);
        Assert.Equal((1L, KeptState.AtGate, pid), (kept.LaunchId, kept.State, kept.Pid));
        Assert.Equal("", output.Text);

        next.Client.OpenGate(1);
        Assert.Equal(0, next.ExitOf(1).ExitCode);
        Assert.Equal("ran\n", output.Text);
    }

    [Fact]
    public void A_worker_that_is_killed_at_its_gate_never_ran()
    {
        using var output = _keeper.Output();
        _daemon.LaunchToGate(Order.Shell(1, output.Fd, "echo ran"));
        _daemon.Client.Signal(1, 1, Signals.Kill, SignalScope.Process);

        var failed = _daemon.Next<KeeperEvent.LaunchFailed>();
        Assert.Equal((1L, LaunchStep.Trampoline, "the process ended before it could start the program: signal 9"), (failed.LaunchId, failed.Step, failed.Text));
        Assert.Equal("", output.Text);
    }

    [Fact]
    public void A_worker_at_its_gate_goes_home_when_the_keeper_dies()
    {
        using var output = _keeper.Output();
        var identity = ProcessIdentity.Of(_daemon.LaunchToGate(Order.Shell(1, output.Fd, "echo ran")))!;
        _ = Interop.Kill(_keeper.Start.KeeperPid, Signals.Kill);

        Eventually.True(() => !identity.IsAlive(), "the trampoline ends");
        _daemon.Next<KeeperEvent.Lost>();
        Assert.Equal("", output.Text);
    }

    [Fact]
    public void A_repeated_launch_is_answered_and_not_executed_again()
    {
        using var output = _keeper.Output();
        var order = Order.Shell(1, output.Fd, "echo ran; exit 5");
        var pid = _daemon.LaunchToGate(order);
        Assert.Equal(pid, _daemon.LaunchToGate(order));

        _daemon.Client.OpenGate(1);
        _daemon.Client.OpenGate(1);
        Assert.Equal(5, _daemon.ExitOf(1).ExitCode);

        _daemon.Client.Launch(order);
        Assert.Equal(5, _daemon.ExitOf(1).ExitCode);
        Assert.Equal("ran\n", output.Text);
    }

    [Fact]
    public void A_forgotten_launch_is_forgotten()
    {
        _daemon.RunToEnd(Order.Shell(1, null, "exit 0"));
        _daemon.Start(Order.Shell(2, null, "sleep 1000"));
        _daemon.Client.Forget(1);
        _daemon.Client.Forget(2);

        Assert.Equal([2L], _keeper.Replace(_daemon).Client.GiveBack.Workers.Select(worker => worker.LaunchId));
    }
}
