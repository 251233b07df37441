using System.Net;
using System.Net.Sockets;
using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

/// <summary>What can be seen of a worker's sockets from outside: real programs in real waits.</summary>
public sealed class WorkerSocketsTests : IDisposable
{
    private const string Listen = """
        import os, select, socket, sys, threading
        os.setsid()
        s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()
        print(s.getsockname()[1])

        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("while True: s.accept()")]
    [InlineData("threading.Thread(target=s.accept).start(); sys.stdin.read()")]
    [InlineData("p = select.poll(); p.register(0); p.register(s, select.POLLIN); p.poll()")]
    [InlineData("s.settimeout(1000); s.accept()")]
    [InlineData("select.select([0, s], [], [])")]
    [InlineData("e = select.epoll(); e.register(s, select.EPOLLIN); sys.stdin.read()")]
    [InlineData("e = select.epoll(); e.register(s, select.EPOLLIN | select.EPOLLET); e.poll()")]
    [InlineData("import selectors; q = selectors.DefaultSelector(); q.register(s, 1); q.select()")]
    [InlineData("os.fork() and sys.stdin.read() or (s.accept(), 1)")]
    public void A_worker_that_waits_for_connections_watches_its_listener(string how)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc only");
        using var worker = Tool.Python(Listen + how);
        var inode = InodeOf(worker);

        Eventually.Equal(WatchState.Watched, () => ListenerWatch.Look(worker.Pid, [inode])[inode], how, () => Evidence(worker.Pid));
        KillSession(worker);
    }

    [Theory]
    [InlineData("sys.stdin.read()")]
    [InlineData("p = select.poll(); p.register(0); p.poll()")]
    [InlineData("p = select.poll(); p.register(s, 0); p.register(0, select.POLLIN); p.poll()")]
    [InlineData("select.select([0], [s] and [], [])")]
    [InlineData("e = select.epoll(); e.register(s, 0); sys.stdin.read()")]
    [InlineData("e = select.epoll(); e.register(0, select.EPOLLIN); e.poll()")]
    [InlineData("o = socket.socket(); o.bind(('127.0.0.1', 0)); o.listen(); o.accept()")]
    public void A_worker_that_does_something_else_only_holds_it(string how)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc only");
        using var worker = Tool.Python(Listen + "print('next')\n" + how);
        var inode = InodeOf(worker);
        Assert.Equal("next", worker.ReadLine());

        // It sleeps: whatever it is going to wait for, it does now.
        Eventually.Equal('S', () => ProcStat.Read(worker.Pid)!.Value.State, "the worker waits");
        Assert.Equal(WatchState.Held, ListenerWatch.Look(worker.Pid, [inode])[inode]);
        Assert.Equal(WatchState.NotHeld, ListenerWatch.Look(worker.Pid, [inode, 1])[1]);
    }

    [Fact]
    public void Node_watches_what_it_listens_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc only");
        Tool.Require("setsid");
        Tool.Require("node");
        using var worker = Tool.Start("setsid", "node", "-e", "const s=require('net').createServer().listen(0,'127.0.0.1',()=>console.log(s.address().port))");
        var inode = InodeOf(worker);

        Eventually.Equal(WatchState.Watched, () => ListenerWatch.Look(worker.Pid, [inode])[inode], "node's epoll set has it", () => Evidence(worker.Pid));
    }

    [Theory]
    [InlineData("s", "four")]
    [InlineData("any", "four")]
    [InlineData("dual", "four")]
    [InlineData("dual", "six")]
    [InlineData("u", "unix")]
    public void A_worker_that_never_waits_watches_its_listener_once_it_has_accepted(string listener, string client)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc only");
        using var worker = Tool.Python(Listen + $$"""
            any = socket.socket(); any.bind(('0.0.0.0', 0)); any.listen()
            dual = socket.socket(socket.AF_INET6); dual.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0); dual.bind(('::', 0)); dual.listen()
            u = socket.socket(socket.AF_UNIX); u.bind(sys.argv[1]); u.listen()
            print(os.fstat({{listener}}.fileno()).st_ino)
            print({{(client == "unix" ? "0" : $"{listener}.getsockname()[1]")}})
            busy = lambda: sum(range(1000))
            {{listener}}.setblocking(False)
            while True:
                try: c = {{listener}}.accept()[0]; break
                except BlockingIOError: busy()
            print('accepted')
            asked = threading.Thread(target=sys.stdin.readline); asked.start()
            while asked.is_alive(): busy()
            c.close(); print('closed')
            while True: busy()
            """, _folder["s"]);
        worker.ReadLine();
        var (inode, port) = (long.Parse(worker.ReadLine(), null), int.Parse(worker.ReadLine(), null));
        Assert.Equal(WatchState.Held, ListenerWatch.Look(worker.Pid, [inode])[inode]);

        EndPoint address = client switch
        {
            "unix" => new UnixDomainSocketEndPoint(_folder["s"]),
            "six" => new IPEndPoint(IPAddress.IPv6Loopback, port),
            _ => new IPEndPoint(IPAddress.Loopback, port),
        };
        using var connection = new Socket(address.AddressFamily, SocketType.Stream, client == "unix" ? ProtocolType.Unspecified : ProtocolType.Tcp);
        connection.Connect(address);
        Assert.Equal("accepted", worker.ReadLine());
        Assert.Equal(WatchState.Watched, ListenerWatch.Look(worker.Pid, [inode])[inode]);

        connection.Shutdown(SocketShutdown.Send); // CLOSE_WAIT: the worker still serves it
        Assert.Equal(WatchState.Watched, ListenerWatch.Look(worker.Pid, [inode])[inode]);
        worker.Input.WriteLine();
        Assert.Equal("closed", worker.ReadLine());
        Assert.Equal(WatchState.Held, ListenerWatch.Look(worker.Pid, [inode])[inode]);
        KillSession(worker);
    }

    [Fact]
    public void A_connection_to_the_listener_that_a_process_of_another_session_accepted_is_no_proof()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc only");
        using var worker = Tool.Python(Listen + """
            if os.fork() == 0:
                os.setsid(); c = s.accept()[0]; print('accepted'); sys.stdin.read(); os._exit(0)
            out = socket.create_connection(s.getsockname())
            import signal; signal.pause()
            """);
        var inode = InodeOf(worker);
        Assert.Equal("accepted", worker.ReadLine());
        Assert.Equal(WatchState.Held, ListenerWatch.Look(worker.Pid, [inode])[inode]);
        KillSession(worker);
    }

    [Fact]
    public void A_session_without_anybody_holds_nothing() =>
        Assert.Equal(OperatingSystem.IsLinux() ? WatchState.NotHeld : WatchState.Unreadable, ListenerWatch.Look(int.MaxValue, [4711])[4711]);

    [Fact]
    public void Sockets_that_a_worker_opened_itself_are_found_and_ours_are_not_among_them()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc only");
        using var worker = Tool.Python(Listen + """
            six = socket.socket(socket.AF_INET6); six.bind(('::1', 0)); six.listen()
            u = socket.socket(socket.AF_UNIX); u.bind(sys.argv[1]); u.listen()
            print(six.getsockname()[1])
            sys.stdin.read()
            """, _folder["a b.sock"]);
        var first = new ListenAddress.Tcp(IPAddress.Loopback, int.Parse(worker.ReadLine(), null));
        var second = new ListenAddress.Tcp(IPAddress.IPv6Loopback, int.Parse(worker.ReadLine(), null));

        var all = ListeningSockets.OwnedBy(ProcessTree.Of(worker.Pid), new HashSet<long>());
        var foreign = ListeningSockets.OwnedBy([worker.Pid], new HashSet<long> { all.Single(one => one.Address.Equals(first)).Inode });

        Assert.Equal([first, second, new ListenAddress.Unix(_folder["a b.sock"])], all.Select(one => one.Address).OrderBy(address => address is ListenAddress.Unix ? "u" : address.ToString()));
        Assert.Equal(2, foreign.Count);
        Assert.DoesNotContain(foreign, one => one.Address.Equals(first));
        Assert.All(all, one => Assert.Equal(worker.Pid, one.Pid));
    }

    [Fact]
    public void One_look_finds_the_ports_of_several_trees_and_leaves_out_ours()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc only");
        using var alone = Tool.Python(Listen + "sys.stdin.read()");
        using var parent = Tool.Python("""
            import os, socket, sys
            os.setsid()
            if os.fork() == 0:
                os.setsid()
                s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()
                print(s.getsockname()[1], flush=True)
            sys.stdin.read()
            """);
        var first = new ListenAddress.Tcp(IPAddress.Loopback, int.Parse(alone.ReadLine(), null));
        var second = new ListenAddress.Tcp(IPAddress.Loopback, int.Parse(parent.ReadLine(), null));

        var seen = ListeningSockets.OfTrees([alone.Pid, parent.Pid, int.MaxValue], new HashSet<long>());
        var ours = ListeningSockets.OfTrees([alone.Pid], new HashSet<long> { InodeAt(alone.Pid, first.Port) });

        Assert.Equal((first, false), (Assert.Single(seen[alone.Pid].Addresses), seen[alone.Pid].Hidden));
        Assert.Equal((second, false), (Assert.Single(seen[parent.Pid].Addresses), seen[parent.Pid].Hidden));
        Assert.Equal((0, false), (seen[int.MaxValue].Addresses.Count, seen[int.MaxValue].Hidden));
        Assert.Empty(ours[alone.Pid].Addresses);
        KillSession(parent);
    }

    private static long InodeAt(int pid, int port) =>
        ListeningSockets.OwnedBy([pid], new HashSet<long>()).Single(one => one.Address is ListenAddress.Tcp tcp && tcp.Port == port).Inode;

    [Fact]
    public void Open_connections_are_counted_once_and_those_elsewhere_are_not()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc only");
        using var worker = Tool.Python(Listen + """
            u = socket.socket(socket.AF_UNIX); u.bind(sys.argv[1]); u.listen(); print('listening')
            kept = [s.accept()[0], s.accept()[0], u.accept()[0]]
            out = socket.create_connection(s.getsockname()); kept.append(s.accept()[0])
            child = os.fork()
            if child == 0: import signal; signal.pause()
            print('accepted')
            sys.stdin.readline(); kept.pop(0).close(); os.kill(child, 9); os.wait(); print('closed one')
            sys.stdin.read()
            """, _folder["s"]);
        ListenAddress tcp = new ListenAddress.Tcp(IPAddress.Loopback, int.Parse(worker.ReadLine(), null));
        ListenAddress unix = new ListenAddress.Unix(_folder["s"]);
        Assert.Equal("listening", worker.ReadLine());
        using var first = Connect(((ListenAddress.Tcp)tcp).Port);
        using var second = Connect(((ListenAddress.Tcp)tcp).Port);
        using var third = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        third.Connect(new UnixDomainSocketEndPoint(_folder["s"]));
        Assert.Equal("accepted", worker.ReadLine());

        var tree = ProcessTree.Of(worker.Pid);
        Assert.Equal(2, tree.Count);
        Assert.Equal(3, ConnectionCount.Of(tree, [tcp]));
        Assert.Equal(4, ConnectionCount.Of(tree, [tcp, unix]));
        Assert.Equal(0, ConnectionCount.Of(tree, [new ListenAddress.Tcp(IPAddress.Loopback, 1)]));
        Assert.Null(ConnectionCount.Of([int.MaxValue], [tcp]));

        worker.Input.WriteLine();
        Assert.Equal("closed one", worker.ReadLine());
        Assert.Equal(3, ConnectionCount.Of([worker.Pid], [tcp, unix]));
    }

    [Theory]
    [InlineData("0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 4711 1 0000000000000000 100 0 0 10 0", "127.0.0.1:8080", true, false)]
    [InlineData("1: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 01 00000000:00000000 00:00000000 00000000    33        0 4711 1 0", "[::1]:80", false, true)]
    [InlineData("2: 0000000000000000FFFF00000100007F:0050 0000000000000000FFFF00000100007F:9C40 08 00000000:00000000 00:00000000 00000000    33        0 4711 1 0", "127.0.0.1:80", false, true)]
    public void The_kernels_lines_are_read(string line, string address, bool listens, bool open)
    {
        var socket = SocketTable.ParseTcp(line)!.Value;

        Assert.Equal((4711, address, listens, open, 33), (socket.Inode, socket.Local.ToString(), socket.IsListening, socket.IsEstablished, socket.Uid));
    }

    [Fact]
    public void The_kernel_tells_over_netlink_what_its_files_say()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sock_diag is Linux's");
        using var four = new TcpListener(IPAddress.Loopback, 0);
        using var dual = TcpListener.Create(0);
        using var six = new TcpListener(IPAddress.IPv6Loopback, 0);
        List<TcpListener> listeners = [four, dual, six];
        List<IDisposable> open = [];
        foreach (var listener in listeners)
        {
            listener.Start();
            var client = new TcpClient(listener == six ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
            open.Add(client);
            client.Connect(listener == six ? IPAddress.IPv6Loopback : IPAddress.Loopback, ((IPEndPoint)listener.LocalEndpoint).Port);
            open.Add(listener.AcceptTcpClient());
        }

        var ours = ProcFs.SocketInodes(Environment.ProcessId)!;
        const int states = 1 << SocketEntry.Established | 1 << SocketEntry.CloseWait | 1 << SocketEntry.Listening;
        var told = SocketDiag.TryRead(states)!.Where(socket => ours.Contains(socket.Inode)).Distinct().OrderBy(socket => socket.Inode).ToList();
        var read = SocketTable.ReadTcp("/proc/net").Where(socket => ours.Contains(socket.Inode)).Distinct().OrderBy(socket => socket.Inode).ToList();
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToHashSet();
        open.ForEach(one => one.Dispose());

        Assert.Equal(read.Where(OfThisTest), told.Where(OfThisTest));
        Assert.Equal((3, 3), (told.Where(OfThisTest).Count(socket => socket.IsListening), told.Where(OfThisTest).Count(socket => socket.IsEstablished)));

        bool OfThisTest(SocketEntry socket) => socket.Local is ListenAddress.Tcp tcp && ports.Contains(tcp.Port);
    }

    [Fact]
    public void A_connection_that_is_over_is_no_socket_of_anybodys() =>
        Assert.Null(SocketTable.ParseTcp("3: 0100007F:1F90 0100007F:9C40 06 00000000:00000000 03:00000FA0 00000000     0        0 0 3 0000000000000000"));

    [Fact]
    public void Lines_are_whole_however_the_file_is_cut_into_reads()
    {
        using var folder = new TempFolder();
        string[] lines = [.. Enumerable.Range(0, 5_000).Select(i => $"{i} {new string('x', i % 173)}")];
        File.WriteAllText(folder["lines"], string.Join('\n', lines) + "\n\nlast");

        Assert.Equal([.. lines, "last"], ProcFs.ReadLines(folder["lines"]));
        Assert.Empty(ProcFs.ReadLines(folder["none"]));
    }

    private static long InodeOf(Tool worker)
    {
        var port = int.Parse(worker.ReadLine(), null);
        return ListeningSockets.OwnedBy([worker.Pid], new HashSet<long>()).Single(one => one.Address is ListenAddress.Tcp tcp && tcp.Port == port).Inode;
    }

    private static Socket Connect(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    /// <summary>A forked child survives its parent's end.</summary>
    private static void KillSession(Tool worker)
    {
        foreach (var pid in ProcessTree.Of(worker.Pid))
        {
            ProcessIdentity.Of(pid)?.Signal(Signals.Kill);
        }
    }

    private static string Evidence(int pid) => string.Join('\n', ProcessTree.Of(pid).Select(one =>
        $"{one} {ProcFs.CommandLine(one)}: {ProcFs.ReadText($"/proc/{one}/syscall")}; {string.Join(", ", ProcFs.OpenFiles(one) ?? [])}"));
}
