using System.Globalization;
using System.Net.Sockets;
using Xunit;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Tests.Keeper;

/// <summary>A real keeper process with a home of its own, whose daemons hand their channels to the test.</summary>
internal sealed class RunningKeeper : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly List<TestDaemon> _daemons = [];
    private readonly HashSet<int> _reaped = [];
    private readonly List<int> _successors = [];
    private readonly TempFolder _home = new();
    private readonly string _zd;

    /// <param name="options">Further arguments of `zd keeper`.</param>
    /// <param name="through">A program with arguments that ends up executing what follows.</param>
    /// <param name="zd">Another one than the JIT build.</param>
    internal RunningKeeper(string[]? options = null, string[]? through = null, string? zd = null)
    {
        _zd = zd ?? Zd;
        _listener.Bind(new UnixDomainSocketEndPoint(_home["s"]));
        _listener.Listen();
        Start = StartOne(options, through);
    }

    internal static string Zd { get; } = Path.Combine(AppContext.BaseDirectory, "zd");

    internal string Home => _home.Path;

    /// <summary>What <see cref="Update"/> updates to.</summary>
    internal string NewProgram => _home["new-zd"];

    internal KeeperStart Start { get; }

    internal string Log => File.ReadAllText(_home["keeper.log"]);

    internal KeeperStart StartOne(string[]? options = null, string[]? through = null) => KeeperStarter.StartDetached(
        Home,
        [.. through ?? [], _zd],
        [.. options ?? [], .. DaemonCommand]);

    internal string[] DaemonCommand => ["--daemon-command", Path.Combine(AppContext.BaseDirectory, "ZeroDown.Tests"), StandInDaemon.Verb, _home["s"]];

    /// <summary>Orders an update to a program that does these things as daemon and as keeper, lets the daemon leave, and attaches in the name of the next.</summary>
    internal TestDaemon Update(TestDaemon daemon, string daemonRole, string keeperRole)
    {
        var tests = Path.Combine(AppContext.BaseDirectory, "ZeroDown.Tests");
        ProgramFile.Write(_home["stand-in"], $"#!/bin/sh\nexec {tests} {StandInDaemon.Verb} {_home["s"]}\n");
        ProgramFile.Write(NewProgram, $"""
            #!/bin/sh
            ZD={Zd} STAND_IN={_home["stand-in"]} ZD_TESTS={tests} SOCKET={_home["s"]}
            case "$1" in
              daemon) {daemonRole};;
              keeper) {keeperRole};;
            esac

            """);
        daemon.Client.Update("token", "2.0", [NewProgram]);
        daemon.Kill();
        return NextDaemon();
    }

    /// <summary>Arguments of a keeper that is to wait for that daemon's end, not for ours.</summary>
    internal string[] Successor(TestDaemon daemon) => ["--predecessor", daemon.Pid.ToString(CultureInfo.InvariantCulture), .. DaemonCommand];

    /// <summary>SIGKILL to the keeper; returns when the daemon knows.</summary>
    internal void KillKeeper(TestDaemon daemon)
    {
        var pid = _successors.LastOrDefault(Start.KeeperPid);
        _ = Interop.Kill(pid, Signals.Kill);
        if (pid == Start.KeeperPid && _reaped.Add(pid))
        {
            _ = Reaper.Reap(pid);
        }

        daemon.Next<KeeperEvent.Lost>();
    }

    /// <summary>The keeper is killed (if it has not been), its daemon starts another, and that one's first daemon attaches.</summary>
    internal TestDaemon Succeed(TestDaemon daemon, bool ready = true)
    {
        if (!_reaped.Contains(Start.KeeperPid) || _successors.Count > 0)
        {
            KillKeeper(daemon);
        }

        Assert.Null(daemon.Client.StartSuccessor(Home, [Zd], Successor(daemon)));
        return NextDaemonAfter(daemon, ready);
    }

    /// <summary>The new keeper has everything: the old daemon leaves, and the next one attaches and is ready.</summary>
    internal TestDaemon NextDaemonAfter(TestDaemon leaving, bool ready = true)
    {
        leaving.Kill();
        var next = NextDaemon();
        if (ready)
        {
            next.Client.Ready();
        }

        _successors.Add(next.Client.GiveBack.KeeperPid);
        return next;
    }

    /// <summary>A keeper with its first daemon, attached and ready.</summary>
    internal static RunningKeeper WithDaemon(out TestDaemon daemon, string[]? options = null, string[]? through = null)
    {
        var keeper = new RunningKeeper(options, through);
        daemon = keeper.NextDaemon();
        daemon.Client.Ready();
        Assert.Equal(new StartReport(StartOutcome.Ready, ""), keeper.Start.Wait(Eventually.Deadline));
        return keeper;
    }

    /// <summary>Waits until the keeper has started a daemon, and attaches in its name.</summary>
    internal TestDaemon NextDaemon()
    {
        var daemon = NextSilentDaemon();
        daemon.Attach();
        return daemon;
    }

    /// <summary>The same without saying hello.</summary>
    internal TestDaemon NextSilentDaemon()
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        Socket accepted;
        try
        {
            accepted = _listener.AcceptAsync(deadline.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"the keeper has not started a daemon; its log:\n{Log}");
            throw;
        }

        _daemons.Add(new TestDaemon(accepted));
        return _daemons[^1];
    }

    /// <summary>Kills the daemon and waits for the next one.</summary>
    internal TestDaemon Replace(TestDaemon daemon)
    {
        daemon.Kill();
        return NextDaemon();
    }

    /// <summary>Waits for the end of the keeper process and tells how it ended.</summary>
    internal ChildExit Ended(KeeperStart start)
    {
        Eventually.True(() => ProcStat.Read(start.KeeperPid) is { HasEnded: true }, "the keeper ends", () => Log);
        _reaped.Add(start.KeeperPid);
        return Reaper.Reap(start.KeeperPid);
    }

    public void Dispose()
    {
        foreach (var daemon in _daemons)
        {
            daemon.KillWorkers();
        }

        if (!_reaped.Contains(Start.KeeperPid))
        {
            // The stand-ins go when their sockets close, a namespace goes with its first process.
            foreach (var process in ProcStat.ReadAll().Where(process => process.ParentPid == Start.KeeperPid && process.Name != "ZeroDown.Tests"))
            {
                _ = Interop.Kill(process.Pid, Signals.Kill);
            }

            _ = Interop.Kill(Start.KeeperPid, Signals.Kill);
            _ = Reaper.Reap(Start.KeeperPid);
        }

        foreach (var pid in _successors.Where(pid => ProcStat.Read(pid) is { HasEnded: false }))
        {
            _ = Interop.Kill(pid, Signals.Kill);
        }

        ReapStrayChildren();
        _daemons.ForEach(daemon => daemon.Dispose());
        Start.Dispose();
        _listener.Dispose();
        _home.Dispose();
    }

    /// <summary>A successor is a child of whoever was the daemon: here, of this test.</summary>
    private void ReapStrayChildren()
    {
        foreach (var pid in _successors.Where(pid => ProcStat.Read(pid)?.ParentPid == Environment.ProcessId))
        {
            _ = Reaper.Reap(pid);
        }
    }

    /// <summary>A file that a worker writes into as its stdout.</summary>
    internal OutputFile Output(string name = "out") => new(Path.Combine(Home, name));
}

/// <summary>A file as a worker's descriptor, and what is in it.</summary>
internal sealed class OutputFile(string path) : IDisposable
{
    internal FdHandle Fd { get; } = FdHandle.Open(path, Constants.O_WRONLY | Constants.O_CREAT | Constants.O_APPEND, 0x1B6);

    internal string Path { get; } = path;

    internal string Text => File.ReadAllText(Path);

    internal string[] Lines => Text.TrimEnd('\n').Split('\n');

    public void Dispose() => Fd.Dispose();
}

/// <summary>Short words for orders.</summary>
internal static class Order
{
    internal static LaunchOrder Run(long launchId, FdHandle? output, string program, params string[] arguments) => new()
    {
        LaunchId = launchId,
        Program = program,
        Arguments = arguments,
        WorkingDirectory = "/",
        Environment = [new("PATH", Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin")],
        PidVariables = [],
        Fds = output is null ? [] : [new FdMapping(output, 1), new FdMapping(output, 2)],
    };

    internal static LaunchOrder Shell(long launchId, FdHandle? output, string script) => Run(launchId, output, "/bin/sh", "-c", script);

    internal static int Number(this string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
