using System.Runtime.Versioning;
using Xunit;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Tests.Platform;

namespace ZeroDown.Tests.Keeper;

/// <summary>Issue 10, B9: a worker with 720,000 epoll watches made each look into it take seconds, and nothing else of the keeper's was done meanwhile.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class LookTests : IDisposable
{
    private const int Questions = 50;

    /// <summary>As many watches as the limits of this machine allow, up to half a million.</summary>
    private const string Watcher = """
        import os, resource, select, signal
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        read, write = os.pipe()
        copies = [os.dup(read) for _ in range(5000)]
        sets = [select.epoll() for _ in range(100)]
        try:
            for one in sets:
                for copy in copies:
                    one.register(copy)
        except OSError:
            pass
        print('watches', flush=True)
        signal.pause()
        """;

    private readonly RunningKeeper _keeper;
    private readonly TestDaemon _daemon;

    public LookTests() => _keeper = RunningKeeper.WithDaemon(out _daemon);

    public void Dispose() => _keeper.Dispose();

    [Fact]
    public void What_a_worker_watches_holds_up_no_launch_and_one_look_at_it_is_under_way()
    {
        Tool.Require("python3");
        using var output = _keeper.Output();
        _daemon.Start(Order.Run(1, output.Fd, "/usr/bin/env", "python3", "-c", Watcher));
        Eventually.True(() => output.Text.Contains("watches", StringComparison.Ordinal), "it watches", () => output.Text);
        using var listener = ListenerSocket.Listen(new ListenAddress.Unix(Path.Combine(_keeper.Home, "l")), 1);
        for (var look = 1; look <= Questions; look++)
            _daemon.Client.Look(look, 1, [listener.Inode]);

        var exit = _daemon.RunToEnd(Order.Shell(2, null, "exit 7"));

        Assert.Equal(7, exit.ExitCode);
        // The others are dropped: one after the other they would have come first.
        Assert.InRange(_daemon.All.Count(news => news is KeeperEvent.Looked), 0, Questions / 2);
        Assert.Equal(1, _daemon.Next<KeeperEvent.Looked>().LaunchId);
    }

    [Fact]
    public void A_look_is_answered_with_one_sight_for_each_socket_and_one_at_nobody_with_none()
    {
        using var listener = ListenerSocket.Listen(new ListenAddress.Unix(Path.Combine(_keeper.Home, "l")), 1);
        _daemon.Start(Order.Shell(1, null, "exec sleep 1000"));
        _daemon.Client.Look(5, 1, [listener.Inode, 4711]);
        _daemon.Client.Look(6, 99, [listener.Inode]);

        var (one, nobody) = (_daemon.Next<KeeperEvent.Looked>(looked => looked.LookId == 5), _daemon.Next<KeeperEvent.Looked>(looked => looked.LookId == 6));
        Assert.Equal([WatchState.NotHeld, WatchState.NotHeld], one.Sights);
        Assert.Empty(nobody.Sights);
    }
}
