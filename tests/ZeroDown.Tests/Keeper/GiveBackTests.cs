using System.Net;
using System.Net.Sockets;
using Xunit;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Tests.Keeper;

public sealed class GiveBackTests
{
    [Fact]
    public void The_first_daemon_gets_nothing()
    {
        using var keeper = RunningKeeper.WithDaemon(out var daemon);

        var given = daemon.Client.GiveBack;
        Assert.Empty(given.Held);
        Assert.Empty(given.Workers);
        Assert.Equal((0, 0, KeeperClient.ContractVersion, keeper.Start.KeeperPid), (given.Predecessors, given.QuickDeaths, given.ContractVersion, given.KeeperPid));
    }

    [Fact]
    public void A_killed_daemon_s_successor_gets_everything_back()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var living = first.Start(Order.Run(10, null, "/bin/sleep", "1000") with { Note = "first note"u8.ToArray() });
        first.Client.Note(10, "second note"u8.ToArray());
        first.RunToEnd(Order.Shell(11, null, "exit 42"));
        first.LaunchToFailure(Order.Run(12, null, "/no/such/program"));
        var waiting = first.LaunchToGate(Order.Shell(13, null, "exit 0"));

        var given = keeper.Replace(first).Client.GiveBack;

        Assert.Equal([10L, 11, 12, 13], given.Workers.Select(worker => worker.LaunchId));
        Assert.Equal([KeptState.Started, KeptState.Exited, KeptState.Failed, KeptState.AtGate], given.Workers.Select(worker => worker.State));
        Assert.Equal("second note"u8.ToArray(), given.Workers[0].Note.ToArray());
        Assert.Equal((living, ProcessIdentity.Of(living)!.StartTime), (given.Workers[0].Pid, given.Workers[0].StartTime));
        Assert.Equal(42, given.Workers[1].Exit!.ExitCode);
        Assert.Equal((LaunchStep.Exec, Errno.ENOENT), (given.Workers[2].Failure!.Step, given.Workers[2].Failure!.Errno));
        Assert.Equal(waiting, given.Workers[3].Pid);
        Assert.Equal(1, given.Predecessors);
    }

    [Fact]
    public void An_exit_while_no_daemon_was_there_is_told_to_the_next()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var worker = ProcessIdentity.Of(first.Start(Order.Run(1, null, "/bin/sleep", "1000")))!;
        first.Kill();
        var second = keeper.NextSilentDaemon();
        worker.Signal(Signals.Terminate);
        Eventually.True(() => ProcStat.Read(worker.Pid) is null, "the keeper reaps it");
        second.Attach();

        Assert.Equal(Signals.Terminate, Assert.Single(second.Client.GiveBack.Workers).Exit!.Signal);
    }

    [Fact]
    public void A_held_listener_stays_open_and_is_the_same_socket_afterwards()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var address = listener.LocalEndPoint!;
        var ours = new FdHandle((int)listener.SafeHandle.DangerousGetHandle());
        first.Client.Hold("listener/web", HoldKind.Listener, ours);
        ours.SetHandleAsInvalid();
        var second = keeper.Replace(first);
        listener.Dispose();

        var held = Assert.Single(second.Client.GiveBack.Held);
        Assert.Equal(("listener/web", HoldKind.Listener, 0L), (held.Key, held.Value.Kind, held.Value.DiscardedBytes));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(address);
        held.Value.Fd.Dispose();
    }

    [Fact]
    public void A_key_is_replaced_and_released()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        using var one = keeper.Output("one");
        using var two = keeper.Output("two");
        first.Client.Hold("a", HoldKind.Other, one.Fd);
        first.Client.Hold("a", HoldKind.Input, two.Fd);
        first.Client.Hold("b", HoldKind.Other, one.Fd);
        first.Client.Release("b");
        first.Client.Release("never there");
        var second = keeper.Replace(first);

        var held = Assert.Single(second.Client.GiveBack.Held);
        Assert.Equal(("a", HoldKind.Input), (held.Key, held.Value.Kind));
        Assert.True(held.Value.Fd.IsSame(two.Fd));
        held.Value.Fd.Dispose();
    }

    [Fact]
    public void Hundreds_of_descriptors_come_back()
    {
        const int Many = 600;
        using var keeper = RunningKeeper.WithDaemon(out var first);
        using var file = keeper.Output();
        for (var i = 0; i < Many; i++)
        {
            first.Client.Hold($"key {i}", HoldKind.Other, file.Fd);
        }

        var held = keeper.Replace(first).Client.GiveBack.Held;
        Assert.Equal(Many, held.Count);
        Assert.All(held.Values, one => one.Fd.Dispose());
    }
}
