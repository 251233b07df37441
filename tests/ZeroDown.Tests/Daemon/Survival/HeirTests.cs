using System.Net;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Output;
using ZeroDown.Daemon.Survival;
using ZeroDown.Daemon.Workers;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Protocol;
using ZeroDown.Tests.Core;
using ZeroDown.Tests.Keeper;

namespace ZeroDown.Tests.Daemon.Survival;

/// <summary>A real keeper and what a daemon left with it; the test is the next one, with whatever record it likes.</summary>
public sealed class HeirTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FdPoller _poller = new("test", _ => { });
    private readonly DaemonLog _log = DaemonLog.Silent();
    private readonly Keepsakes _keepsakes = Keepsakes.Create();
    private readonly List<IDisposable> _parts = [];

    public HeirTests()
    {
        foreach (var folder in (ReadOnlySpan<string>)["run", "logs"])
            Directory.CreateDirectory(_folder[folder]);
    }

    public void Dispose()
    {
        _parts.ForEach(part => part.Dispose());
        _poller.Dispose();
        _keepsakes.Dispose();
        _log.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_living_worker_that_no_record_knows_is_asked_to_end_and_forgotten()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var note = WorkerNote.Of(Order(7), new OutputCourse { App = "web" });
        first.Start(ZeroDown.Tests.Keeper.Order.Run(7, null, "/bin/sleep", "1000") with { Note = note });
        var second = keeper.Replace(first);

        var found = Take(FleetState.Empty, second, out var strangers);

        Assert.Empty(found.Processes);
        Assert.Equal(7, found.HighestNumber);
        var exited = second.Next<KeeperEvent.Exited>();
        Assert.Equal(Signals.Terminate, exited.Exit.Signal);
        strangers.OnKeeper(exited);
        Assert.Empty(keeper.Replace(second).Client.GiveBack.Workers);
    }

    /// <summary>It may drain and print meanwhile, more than its FIFO holds.</summary>
    [Fact]
    public void What_such_a_worker_prints_is_read_to_its_end()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var output = OutputFifo.Create(_folder["run"]);
        first.Client.Hold("7:out", HoldKind.Output, output.ReadEnd);
        using var said = keeper.Output();
        var note = WorkerNote.Of(Order(7), new OutputCourse { App = "web", Out = [_folder["logs/web.log"]] });
        first.Start(ZeroDown.Tests.Keeper.Order.Shell(7, null, "trap 'head -c 2000000 /dev/zero; exit 3' TERM; echo up >&3; read x <&2") with { Note = note, Fds = [new FdMapping(output.WorkerEnd, 1), new FdMapping(output.WorkerEnd, 2), new FdMapping(said.Fd, 3)] });
        Eventually.Equal("up\n", () => said.Text, "it would hear the signal");
        var second = keeper.Replace(first);
        output.Dispose();

        Take(FleetState.Empty, second, out _);

        Assert.Equal(3, second.Next<KeeperEvent.Exited>().Exit.ExitCode);
        Eventually.Equal(2_000_000L, () => new FileInfo(_folder["logs/web.log"]).Length, "all of it is in its log");
    }

    [Fact]
    public void A_worker_whose_story_is_written_is_a_fact_for_the_core_to_have_it_forgotten()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        first.RunToEnd(ZeroDown.Tests.Keeper.Order.Shell(8, null, "exit 3"));

        var process = Assert.Single(Take(FleetState.Empty, keeper.Replace(first), out _).Processes);

        Assert.Equal((8L, KeptStage.Exited, new ExitStatus(3)), (process.Key, process.Value.Stage, process.Value.Exit));
        Assert.NotNull(process.Value.EndedAt);
    }

    [Fact]
    public void What_a_worker_printed_before_it_died_unseen_can_be_quoted()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var worker = Running(out var state);
        var error = OutputFifo.Create(_folder["run"]);
        first.Client.Hold($"{worker.Number}:err", HoldKind.Output, error.ReadEnd);
        first.RunToEnd(ZeroDown.Tests.Keeper.Order.Shell(worker.Number, null, "echo last words >&2; exit 3") with { Fds = [new FdMapping(error.WorkerEnd, 2)] });
        error.Dispose();

        var found = Take(state, keeper.Replace(first), out _, out var workers);

        Assert.Equal(KeptStage.Exited, found.Processes[worker.Number].Stage);
        Assert.Equal(["last words"], workers.LastLines(worker));
    }

    [Fact]
    public void What_belongs_to_nobody_is_let_go()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        using var file = keeper.Output();
        foreach (var key in (ReadOnlySpan<string>)["99:in", "99:notify", "of another version"])
            first.Client.Hold(key, HoldKind.Other, file.Fd);
        _keepsakes.OfChannel(99, new ChannelKeepsake { Preloaded = true });
        File.WriteAllText(_folder["run/99.notify"], "");
        File.WriteAllText(_folder["run/fifo-1-left"], "");
        var second = keeper.Replace(first);

        Take(FleetState.Empty, second, out _);

        Assert.Empty(keeper.Replace(second).Client.GiveBack.Held);
        Assert.Null(_keepsakes.OfChannel(99));
        Assert.Empty(Directory.EnumerateFiles(_folder["run"]));
    }

    [Fact]
    public void What_a_killed_launch_left_for_a_worker_of_another_user_is_cleared_away()
    {
        Assert.SkipUnless(CurrentUser.IsRoot, "only root launches workers of other users");
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var left = WorkerUser.Of(FleetStory.Spec() with { Launch = FleetStory.Spec().Launch with { RunAs = new RunAs { Name = "nobody", UserId = 65534, GroupId = 65534 } } }, new HomeFolder(_folder.Path)).NotifySocket(99);
        File.WriteAllText(left, "");
        try
        {
            Take(FleetState.Empty, keeper.Replace(first), out _);

            Assert.False(File.Exists(left));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(left)!, recursive: true);
        }
    }

    [Fact]
    public void A_launch_that_fails_in_the_middle_leaves_no_descriptor_and_no_name()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "descriptors are looked up in /proc");
        using var keeper = RunningKeeper.WithDaemon(out var first);
        Take(FleetState.Empty, keeper.Replace(first), out _, out var workers);

        // Its listening socket was never opened: found out when its FIFOs are there already.
        workers.Launch(Order(5));

        Assert.DoesNotContain(Directory.GetFiles("/proc/self/fd"), fd => new FileInfo(fd).LinkTarget?.StartsWith(_folder["run"], StringComparison.Ordinal) == true);
        Assert.Empty(Directory.EnumerateFiles(_folder["run"]));
    }

    [Fact]
    public void A_socket_that_was_to_be_closed_is_closed_and_its_file_removed()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var path = _folder["app.sock"];
        var socket = ListenerSocket.Listen(new ListenAddress.Unix(path, null), 5);
        first.Client.Hold($"listener:unix:{path}", HoldKind.Listener, socket.Handle);
        var second = keeper.Replace(first);
        socket.Dispose();

        Take(FleetState.Empty, second, out _);

        Assert.Empty(keeper.Replace(second).Client.GiveBack.Held);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_socket_that_is_still_wanted_is_taken_up_with_all_that_is_known_of_it()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        _ = Running(out var state);
        var address = state.Listeners.Keys.Single();
        var socket = ListenerSocket.Listen(new ListenAddress.Tcp(IPAddress.Loopback, 0), 5);
        first.Client.Hold($"listener:{address}", HoldKind.Listener, socket.Handle);
        _keepsakes.OfListener($"listener:{address}", new ListenerKeepsake { NonBlocking = true, Data = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("key", "\"tickets\"") });
        var second = keeper.Replace(first);
        var local = socket.LocalAddress.ToString();
        socket.Dispose();

        var found = Take(state, second, out _, out _, out var listeners);

        Assert.Equal(local, found.Listeners[address]);
        var handed = listeners.HandOut(address, "key", "\"of a later worker\"")!;
        Assert.Equal("\"tickets\"", handed.Data);
        handed.Socket.Dispose();
        listeners.CloseListener(address);
        Assert.Empty(keeper.Replace(second).Client.GiveBack.Held);
    }

    [Fact]
    public void The_children_of_a_forgotten_worker_print_on_into_its_file()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var output = OutputFifo.Create(_folder["run"]);
        first.Client.Hold("55:out", HoldKind.Output, output.ReadEnd);
        _keepsakes.OfOrphans(55, new OutputCourse { App = "web", Out = [_folder["logs/web.log"]] });
        var second = keeper.Replace(first);
        output.ReadEnd.Dispose();

        Take(FleetState.Empty, second, out _);

        ZeroDown.Tests.Platform.Fd.Write(output.WorkerEnd, "still here\n"u8);
        Eventually.True(() => File.Exists(_folder["logs/web.log"]) && File.ReadAllText(_folder["logs/web.log"]) == "still here\n", "the line arrives");
        Assert.NotNull(_keepsakes.OfOrphans(55));
        output.WorkerEnd.Dispose();
        Eventually.True(() => _keepsakes.OfOrphans(55) is null, "at the end nothing is remembered of them");
        Assert.Empty(keeper.Replace(second).Client.GiveBack.Held);
    }

    [Fact]
    public void A_worker_without_its_channel_is_known_to_have_lost_it()
    {
        using var keeper = RunningKeeper.WithDaemon(out var first);
        var worker = Running(out var state);
        state = state with { Apps = [state.Apps[0] with { Workers = state.Apps[0].Workers.SetItem(worker.Number, state.Apps[0].Workers[worker.Number] with { HasChannel = true }) }] };
        first.Start(ZeroDown.Tests.Keeper.Order.Run(worker.Number, null, "/bin/sleep", "1000"));

        Assert.True(Take(state, keeper.Replace(first), out _).Processes[worker.Number].ChannelLost);
    }

    /// <summary>One app whose one worker runs.</summary>
    private static WorkerId Running(out FleetState state)
    {
        var story = FleetStory.Running(FleetStory.Spec());
        state = story.State;
        return story.Current(0);
    }

    private static LaunchWorker Order(long worker) => new(new WorkerId(worker), FleetStory.Spec(), 0, 0, 1);

    private TakeOverFacts Take(FleetState remembered, TestDaemon daemon, out Strangers strangers) => Take(remembered, daemon, out strangers, out _, out _);

    private TakeOverFacts Take(FleetState remembered, TestDaemon daemon, out Strangers strangers, out WorkerHost workers) =>
        Take(remembered, daemon, out strangers, out workers, out _);

    private TakeOverFacts Take(FleetState remembered, TestDaemon daemon, out Strangers strangers, out WorkerHost workers, out ListenerHost listeners)
    {
        var (keeper, home, paths) = (daemon.Client, new HomeFolder(_folder.Path), new LogPaths(_folder["logs"]));
        var loop = new SupervisorLoop(() => MonotonicClock.Now, _ => { });
        var pump = new OutputPump(_poller, new LogDesk(paths, home.DaemonLog, _poller.Post), new LogFiles(_log), home.Run);
        listeners = new ListenerHost(keeper, _poller, loop.Post, _keepsakes, _log);
        var settings = new WorkerHostSettings(home, paths, null, null);
        var lines = new WorkerLines(keeper, _poller, loop, pump, _keepsakes, _log);
        var (processes, sockets) = (new WorkerProcesses(), listeners);
        var trees = new WorkerTrees(processes, keeper, home, () => sockets.Inodes, loop.Post, _log);
        workers = new WorkerHost(keeper, loop, listeners, lines, settings, _log) { Processes = processes, Trees = trees };
        strangers = new Strangers(keeper, home, _log);
        _parts.Add(strangers);
        return new Heir(keeper, listeners, new Adoption(processes, trees, lines, settings), strangers, _keepsakes, _log).Take(remembered, keeper.GiveBack.Workers, new Bequest(keeper.GiveBack.Held));
    }
}
