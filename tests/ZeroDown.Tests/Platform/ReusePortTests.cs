using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

/// <summary>Two sockets on one address, and who of them gets new connections.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ReusePortTests : IDisposable
{
    private const int Many = 64;

    private readonly List<IDisposable> _open = [];

    public ReusePortTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux can be told");

    public void Dispose() => _open.ForEach(one => one.Dispose());

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::1", false)]
    [InlineData("::", true)]
    public void The_first_gets_all_until_the_second_is_named_and_then_that_gets_all(string address, bool dualStack)
    {
        var first = First(IPAddress.Parse(address), dualStack);
        var second = Beside(first);
        var early = Connect(first, Many);
        Queued(first, Many);
        Queued(second, 0);
        Assert.Equal(Many, second.QueueBeside());

        Assert.True(second.TrySteer(NewConnections.ToSecond));
        var late = Connect(first, Many);
        Queued(second, Many);
        Queued(first, Many);

        // What waited on the first is served there, and it goes with nothing lost.
        Answer(first, early);
        Assert.Equal(0, second.QueueBeside());
        Close(first);
        late.AddRange(Connect(second, Many));
        Queued(second, 2 * Many);
        Answer(second, late);
    }

    [Fact]
    public void The_second_gets_all_when_the_first_is_closed_whatever_was_said()
    {
        foreach (var said in Enum.GetValues<NewConnections>())
        {
            var first = First(IPAddress.Loopback);
            var second = Beside(first);
            Assert.True(second.TrySteer(said));
            Close(first);
            Answer(second, Connect(second, Many));
        }
    }

    [Fact]
    public void Both_get_some_when_that_is_said()
    {
        var first = First(IPAddress.Loopback);
        var second = Beside(first);
        Assert.True(second.TrySteer(NewConnections.ToBoth));
        Connect(first, Many);
        Eventually.Equal(Many, () => first.QueueLength!.Value + second.QueueLength!.Value, "all wait in one of the two");
        Assert.InRange(first.QueueLength!.Value, 1, Many - 1);
    }

    [Fact]
    public void Who_comes_before_it_is_settled_knocks_again_and_is_let_in_by_the_first()
    {
        var first = First(IPAddress.Loopback);
        var second = ListenerSocket.Listen(first.LocalAddress, 4 * Many, beside: true);
        _open.Add(second);
        Assert.True(ReusePort.TryDeafen(second.Handle));
        var clients = Enumerable.Range(0, Many).Select(_ => Begin(first)).ToList();
        Assert.Equal(0, second.QueueLength);

        Assert.True(second.TrySteer(NewConnections.ToFirst));
        ReusePort.Undeafen(second.Handle);
        Queued(first, Many);
        Answer(first, clients);
        Assert.Equal(0, second.QueueLength);
    }

    [Fact]
    public void Among_three_nobody_is_named_and_what_was_said_before_is_taken_back()
    {
        var first = First(IPAddress.Loopback);
        var second = Beside(first);
        var third = ListenerSocket.ListenBeside(first.LocalAddress, 4 * Many, out var steered);
        _open.Add(third);
        Assert.False(steered);
        Connect(first, Many);
        Eventually.Equal(Many, () => first.QueueLength!.Value + second.QueueLength!.Value + third.QueueLength!.Value, "all wait in one of the three");
        Assert.All([first, second, third], socket => Assert.InRange(socket.QueueLength!.Value, 1, Many - 1));
    }

    private ListenerSocket First(IPAddress address, bool dualStack = false)
    {
        var socket = ListenerSocket.Listen(new ListenAddress.Tcp(address, 0, dualStack), 4 * Many);
        _open.Add(socket);
        return socket;
    }

    private ListenerSocket Beside(ListenerSocket first)
    {
        var second = ListenerSocket.ListenBeside(first.LocalAddress, 4 * Many, out var steered);
        _open.Add(second);
        Assert.True(steered);
        return second;
    }

    private void Close(ListenerSocket socket)
    {
        _open.Remove(socket);
        socket.Dispose();
    }

    private List<Socket> Connect(ListenerSocket to, int count)
    {
        var clients = Enumerable.Range(0, count).Select(_ => Begin(to)).ToList();
        Eventually.True(() => clients.All(client => client.Connected || client.Poll(0, SelectMode.SelectWrite)), "all are connected");
        return clients;
    }

    private Socket Begin(ListenerSocket to)
    {
        var bound = (ListenAddress.Tcp)to.LocalAddress;
        var address = bound.Address.AddressFamily == AddressFamily.InterNetworkV6 && !bound.DualStack ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        var client = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        _open.Add(client);
        try
        {
            client.Connect(address, bound.Port);
        }
        catch (SocketException underWay) when (underWay.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
        }

        return client;
    }

    private static void Queued(ListenerSocket socket, int count) => Eventually.Equal(count, () => socket.QueueLength, $"{count} wait on {socket}");

    /// <summary>Accepts them all on this socket, and each hears something.</summary>
    private static void Answer(ListenerSocket on, List<Socket> clients)
    {
        using var copy = on.Handle.Duplicate();
        using var worker = new Socket(new SafeSocketHandle(copy.DangerousGetHandle(), ownsHandle: true));
        copy.SetHandleAsInvalid();
        foreach (var _ in clients)
        {
            using var accepted = worker.Accept();
            accepted.Send("x"u8);
        }

        var heard = new byte[1];
        Assert.All(clients, client =>
        {
            Assert.True(client.Poll(Eventually.Deadline, SelectMode.SelectRead));
            Assert.Equal(1, client.Receive(heard));
        });
    }
}
