using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

[UnsupportedOSPlatform("windows")]
public sealed class ListenerSocketTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<IDisposable> _open = [];

    public void Dispose()
    {
        _open.ForEach(one => one.Dispose());
        _folder.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::1", false)]
    [InlineData("::", true)]
    public void A_port_of_zero_becomes_a_real_one_and_takes_connections(string address, bool dualStack)
    {
        var listener = Listen(new ListenAddress.Tcp(IPAddress.Parse(address), 0, dualStack));

        var local = Assert.IsType<ListenAddress.Tcp>(listener.LocalAddress);
        Assert.NotEqual(0, local.Port);
        Assert.Equal(dualStack, local.DualStack);
        Assert.Equal(IPAddress.Parse(address), local.Address);
        using var v4 = Connect(new IPEndPoint(address is "::1" ? IPAddress.IPv6Loopback : IPAddress.Loopback, local.Port));
        Eventually.Equal(1, () => listener.QueueLength ?? 1, "one connection waits");
        Assert.True(listener.IsAlive);
        Assert.False(listener.IsNonBlocking, "new ones block, as systemd's do");
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("::", true)]
    public void A_udp_socket_is_bound_and_has_nothing_to_revive(string address, bool dualStack)
    {
        var socket = Listen(new ListenAddress.Udp(IPAddress.Parse(address), 0, dualStack));
        var local = Assert.IsType<ListenAddress.Udp>(socket.LocalAddress);
        Assert.Equal((IPAddress.Parse(address), dualStack), (local.Address, local.DualStack));
        Assert.True(socket.IsDatagram && socket.IsNonBlocking && socket.IsAlive);
        Assert.Equal(ListenerDrift.None, socket.Reassert(backlog: 64, nonBlocking: true));

        using var client = new UdpClient();
        client.Send("ping"u8, new IPEndPoint(IPAddress.Loopback, local.Port));
        var buffer = new byte[16];
        Eventually.Equal(ReadOutcome.Bytes, () => socket.Handle.Read(buffer, out _), "the datagram arrives");
        Assert.Equal("ping"u8, buffer.AsSpan(0, 4));
    }

    [Fact]
    public void A_udp_port_is_shared_only_where_both_say_so()
    {
        var first = Listen(new ListenAddress.Udp(IPAddress.Loopback, 0, Reuse: true));
        var address = (ListenAddress.Udp)first.LocalAddress;
        Listen(address);
        var refused = Assert.Throws<ListenException>(() => Listen(address with { Reuse = false }));
        Assert.Equal((ListenFailure.InUse, Errno.EADDRINUSE), (refused.Kind, refused.Errno));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::")]
    public void An_address_that_is_given_up_can_be_had_again_at_once_though_somebody_still_holds_the_socket(string address)
    {
        var listener = Listen(new ListenAddress.Tcp(IPAddress.Parse(address), 0));
        using var leaked = listener.Handle.Duplicate();
        listener.StopListening();
        listener.Dispose();
        var next = Listen(listener.LocalAddress);
        using var client = Connect(new IPEndPoint(address == "::" ? IPAddress.IPv6Loopback : IPAddress.Loopback, Port(next)));
        Eventually.Equal(1, () => next.QueueLength ?? 1, "the connection waits at the new one");
    }

    [Fact]
    public void Without_dual_stack_an_IPv6_wildcard_leaves_IPv4_to_others()
    {
        var six = Listen(new ListenAddress.Tcp(IPAddress.IPv6Any, 0));

        var four = Listen(new ListenAddress.Tcp(IPAddress.Any, Port(six)));

        Assert.Equal(Port(six), Port(four));
    }

    [Fact]
    public void A_port_in_use_is_refused_with_pid_and_command_of_the_holder_though_both_may_share_ports()
    {
        using var holder = Tool.Python("""
            import socket
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            s.bind(('127.0.0.1', 0)); s.listen()
            print(s.getsockname()[1]); input()
            """);
        var port = int.Parse(holder.ReadLine(), null);

        var refused = Assert.Throws<ListenException>(() => Listen(new ListenAddress.Tcp(IPAddress.Loopback, port)));

        Assert.Equal(ListenFailure.InUse, refused.Kind);
        Assert.Equal(Errno.EADDRINUSE, refused.Errno);
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(holder.Pid, refused.Holder!.Pid);
            Assert.Contains("python", refused.Holder.Command, StringComparison.Ordinal);
            Assert.Contains($"127.0.0.1:{port} is in use by process {holder.Pid} (", refused.Message, StringComparison.Ordinal);
        }

        var wildcard = Assert.Throws<ListenException>(() => Listen(new ListenAddress.Tcp(IPAddress.Any, port)));
        Assert.Equal(OperatingSystem.IsLinux() ? holder.Pid : 0, wildcard.Holder?.Pid ?? 0);
    }

    [Fact]
    public void A_second_socket_can_stand_beside_ours_when_asked_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "setting SO_REUSEPORT after bind was tried on Linux");
        var first = Listen(new ListenAddress.Tcp(IPAddress.Loopback, 0));

        var second = ListenerSocket.Listen(first.LocalAddress, 64, beside: true);
        _open.Add(second);

        Assert.NotEqual(first.Inode, second.Inode);
        var clients = Enumerable.Range(0, 64).Select(_ => Connect(new IPEndPoint(IPAddress.Loopback, Port(first)))).ToList();
        Eventually.Equal(64, () => first.QueueLength!.Value + second.QueueLength!.Value, "all connections wait in one of the two");
        Assert.InRange(first.QueueLength!.Value, 1, 63);
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public void An_address_of_another_machine_is_refused_as_such()
    {
        var refused = Assert.Throws<ListenException>(() => Listen(new ListenAddress.Tcp(IPAddress.Parse("192.0.2.7"), 0)));

        Assert.Equal(ListenFailure.AddressNotLocal, refused.Kind);
        Assert.Contains("192.0.2.7:0", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_that_this_user_cannot_provoke_still_read_like_a_colleague()
    {
        var privileged = ListenException.For(new ListenAddress.Tcp(IPAddress.Any, 80), Errno.EACCES);
        Assert.Equal(ListenFailure.Privileged, privileged.Kind);
        Assert.Contains("port 80 needs the right CAP_NET_BIND_SERVICE", privileged.Message, StringComparison.Ordinal);

        var unseen = ListenException.For(new ListenAddress.Tcp(IPAddress.Any, 80), Errno.EADDRINUSE, new ListenHolder(0, "", 33));
        Assert.Equal("0.0.0.0:80 is in use by a process of uid 33 whose open files may not be read", unseen.Message);

        var forbidden = ListenException.For(new ListenAddress.Unix("/etc/x"), Errno.EACCES);
        Assert.Equal(ListenFailure.NotPermitted, forbidden.Kind);
    }

    [Fact]
    public void A_TCP_listener_that_was_shut_down_is_revived_for_everybody_who_holds_it()
    {
        var listener = Listen(new ListenAddress.Tcp(IPAddress.Loopback, 0));
        using var workers = listener.Handle.Duplicate();
        var events = new System.Collections.Concurrent.BlockingCollection<FdEvents>();
        using var poller = new FdPoller("listeners", _ => { });
        FdRegistration? watch = null;
        watch = poller.Register(listener.Handle, FdInterest.None, happened =>
        {
            watch!.Dispose();
            events.Add(happened, TestContext.Current.CancellationToken);
        });

        Assert.Equal(0, Interop.Shutdown(workers, Constants.SHUT_RDWR));

        Assert.True(events.Take(TestContext.Current.CancellationToken).HasFlag(FdEvents.HangUp));
        Assert.False(listener.IsAlive);
        Assert.Throws<SocketException>(() => Connect(new IPEndPoint(IPAddress.Loopback, Port(listener))));
        Assert.True(listener.Relisten(16));
        Assert.True(listener.IsAlive);
        using var client = Connect(new IPEndPoint(IPAddress.Loopback, Port(listener)));
        using var registration = poller.Register(listener.Handle, FdInterest.None, happened => events.Add(happened));
        using var roundTrip = new ManualResetEventSlim();
        poller.Post(() => poller.Post(roundTrip.Set));
        Eventually.Signalled(roundTrip.WaitHandle, "the poller went round twice");
        Assert.Empty(events);
    }

    [Fact]
    public void Reassert_puts_back_mode_linger_and_backlog_and_names_what_it_found()
    {
        var listener = Listen(new ListenAddress.Tcp(IPAddress.Loopback, 0), backlog: 20);
        Assert.Equal(ListenerDrift.None, listener.Reassert(20, nonBlocking: false));

        using (var worker = listener.Handle.Duplicate())
        {
            worker.IsNonBlocking = true;
            SetLinger(worker);
            _ = Interop.Listen(worker, 3);
        }

        Assert.True(listener.IsNonBlocking);
        var found = listener.Reassert(20, nonBlocking: false);
        Assert.Equal(ListenerDrift.Linger | ListenerDrift.Mode | (OperatingSystem.IsLinux() ? ListenerDrift.Backlog : 0), found);
        Assert.False(listener.IsNonBlocking);
        Assert.Equal(ListenerDrift.None, listener.Reassert(20, nonBlocking: null));

        _ = Interop.Shutdown(listener.Handle, Constants.SHUT_RD);
        Assert.Equal(ListenerDrift.WasShutDown, listener.Reassert(20, nonBlocking: null));
        Assert.True(listener.IsAlive);
    }

    [Fact]
    public void A_unix_listener_has_its_mode_before_anybody_can_connect()
    {
        var path = _folder["s"];
        var listener = Listen(new ListenAddress.Unix(path, UnixFileMode.UserRead | UnixFileMode.UserWrite));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        using var client = Connect(new UnixDomainSocketEndPoint(path));
        Assert.True(listener.IsAlive);
        Assert.True(listener.PathIsOurs());
        Assert.Equal($"unix:{path}", listener.LocalAddress.ToString());
    }

    [Fact]
    public void A_stale_socket_file_is_replaced_and_a_live_one_is_not()
    {
        var path = _folder["s"];
        Listen(new ListenAddress.Unix(path)).Dispose();
        Assert.True(File.Exists(path), "a closed listener leaves its file");
        Eventually.True(() => IsRefused(path), "nobody has a copy of it, not even a child that another test is just starting");

        var listener = Listen(new ListenAddress.Unix(path));

        var refused = Assert.Throws<ListenException>(() => Listen(new ListenAddress.Unix(path)));
        Assert.Equal(ListenFailure.InUse, refused.Kind);
        Assert.True(OperatingSystem.IsMacOS() || refused.Holder!.IsSelf, refused.Message);
        Assert.True(listener.PathIsOurs());
    }

    [Fact]
    public void Bad_unix_paths_are_told_apart()
    {
        File.WriteAllText(_folder["file"], "precious");
        Assert.Equal(ListenFailure.PathIsNoSocket, Failure(_folder["file"]));
        Assert.Equal("precious", File.ReadAllText(_folder["file"]));
        Assert.Equal(ListenFailure.PathIsNoSocket, Failure(_folder.Path));
        Assert.Equal(ListenFailure.FolderMissing, Failure(_folder["none/s"]));
        Assert.Equal(ListenFailure.FolderMissing, Failure(_folder["file/s"]));
        Assert.Equal(ListenFailure.PathTooLong, Failure(_folder[new string('é', 60)]));

        ListenFailure Failure(string path) => Assert.Throws<ListenException>(() => Listen(new ListenAddress.Unix(path))).Kind;
    }

    [Fact]
    public void A_path_of_exactly_the_limit_works()
    {
        var path = _folder[new string('x', SocketName.MaxPathBytes - _folder.Path.Length - 1)];
        var listener = Listen(new ListenAddress.Unix(path));

        Assert.Equal(new ListenAddress.Unix(path), listener.LocalAddress);
        using var client = Connect(new UnixDomainSocketEndPoint(path));
    }

    [Fact]
    public void A_vanished_path_leads_to_the_same_socket_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "which file is ours is only known on Linux");
        var path = _folder["s"];
        var listener = Listen(new ListenAddress.Unix(path));
        using var waiting = Connect(new UnixDomainSocketEndPoint(path));
        File.Delete(path);
        Assert.False(listener.PathIsOurs());

        Assert.Same(listener, listener.RebindPath(16));

        Assert.True(listener.PathIsOurs());
        using var next = Connect(new UnixDomainSocketEndPoint(path));
        Assert.True(listener.IsAlive);
    }

    [Fact]
    public void A_path_that_somebody_else_listens_on_is_not_taken_back()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "which file is ours is only known on Linux");
        var path = _folder["s"];
        var listener = Listen(new ListenAddress.Unix(path));
        File.Delete(path);
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(path));
        other.Listen();

        Assert.False(listener.PathIsOurs());
        Assert.Equal(ListenFailure.InUse, Assert.Throws<ListenException>(() => listener.RebindPath(16)).Kind);
        listener.Unlink();
        Assert.True(File.Exists(path), "only our own file is removed");
    }

    [Fact]
    public void A_unix_listener_that_was_shut_down_stays_dead_and_gets_a_successor()
    {
        var path = _folder["s"];
        var listener = Listen(new ListenAddress.Unix(path));
        _ = Interop.Shutdown(listener.Handle, Constants.SHUT_RDWR);

        Assert.False(listener.IsAlive);
        Assert.Equal(ListenerDrift.WasShutDown | ListenerDrift.StillDead, listener.Reassert(16, nonBlocking: null));
        var successor = listener.RebindPath(16);
        _open.Add(successor);

        Assert.NotSame(listener, successor);
        Assert.True(successor.IsAlive);
        Assert.True(successor.PathIsOurs());
        using var client = Connect(new UnixDomainSocketEndPoint(path));
        successor.Unlink();
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void An_adopted_listener_knows_its_address_and_its_path()
    {
        var path = _folder["s"];
        var dual = Listen(new ListenAddress.Tcp(IPAddress.IPv6Any, 0, DualStack: true));
        var unix = Listen(new ListenAddress.Unix(path));

        using var adoptedDual = ListenerSocket.FromHandle(dual.Handle.Duplicate());
        using var adoptedUnix = ListenerSocket.FromHandle(unix.Handle.Duplicate());

        Assert.Equal(dual.LocalAddress, adoptedDual.LocalAddress);
        Assert.Equal(dual.Inode, adoptedDual.Inode);
        Assert.True(adoptedUnix.PathIsOurs());
        File.Delete(path);
        Assert.False(adoptedUnix.PathIsOurs());
        Assert.Same(adoptedUnix, adoptedUnix.RebindPath(16));
    }

    private static unsafe void SetLinger(FdHandle socket)
    {
        var linger = new Linger { OnOff = 1, Seconds = 0 };
        Assert.Equal(0, Interop.SetSockOpt(socket, Constants.SOL_SOCKET, Constants.SO_LINGER, &linger, (uint)sizeof(Linger)));
    }

    private static int Port(ListenerSocket listener) => ((ListenAddress.Tcp)listener.LocalAddress).Port;

    private static bool IsRefused(string path)
    {
        try
        {
            Connect(new UnixDomainSocketEndPoint(path)).Dispose();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static Socket Connect(EndPoint to)
    {
        var unix = to is UnixDomainSocketEndPoint;
        var socket = new Socket(to.AddressFamily, SocketType.Stream, unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            socket.Connect(to);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private ListenerSocket Listen(ListenAddress address, int backlog = 64)
    {
        var listener = ListenerSocket.Listen(address, backlog);
        _open.Add(listener);
        return listener;
    }
}
