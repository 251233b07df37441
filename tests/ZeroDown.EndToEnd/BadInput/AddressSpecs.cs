using System.Net;
using System.Net.Sockets;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.BadInput;

/// <summary>Addresses that cannot be had.</summary>
public sealed class AddressSpecs : EndToEndTest
{
    [Fact]
    public async Task A_port_in_use_is_told_with_its_holder()
    {
        using var holder = new Socket(SocketType.Stream, ProtocolType.Tcp);
        holder.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        holder.Listen();
        var result = (await Zd.Run("start", WriteApp())).Exited(1).Says($"127.0.0.1:{Port}", "in use", $"{Environment.ProcessId}", "EndToEnd");
        result.HasNoStackTrace();
    }

    [Fact]
    public async Task An_address_of_another_machine_is_refused()
    {
        var file = Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, $"args: [serve]\nlisten: 192.0.2.1:{Port}"));
        (await Zd.Run("start", file)).Exited(1).Says($"192.0.2.1:{Port}").HasNoStackTrace();
    }

    [Fact]
    public async Task A_privileged_port_is_refused_to_a_plain_user()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root may bind any port");
        var file = Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "args: [serve]\nlisten: 127.0.0.1:81"));
        (await Zd.Run("start", file)).Exited(1).Says("127.0.0.1:81").HasNoStackTrace();
    }

    [Fact]
    public async Task A_unix_path_that_is_too_long_is_refused()
    {
        var path = Path.Combine(Zd.Folder, new string('x', 120));
        var file = Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, $"args: [serve]\nlisten: unix:{path}"));
        (await Zd.Run("start", file)).Exited(5).Says("ecosystem.yaml:5:", "107").HasNoStackTrace();
    }

    [Fact]
    public async Task A_stale_unix_socket_is_replaced_and_a_file_that_is_none_is_left_alone()
    {
        var stale = Path.Combine(Zd.Folder, "stale.sock");
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(stale));
            File.Move(stale, stale + ".kept"); // .NET would unlink it with the socket
        }

        File.Move(stale + ".kept", stale);
        var file = Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, $"args: [serve]\nlisten: unix:{stale}"));
        (await Zd.Run("start", file)).Succeeded();
        (await Zd.Run("delete", "web")).Succeeded();

        var precious = Zd.Write("precious", "not a socket");
        file = Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, $"args: [serve]\nlisten: unix:{precious}"));
        (await Zd.Run("start", file)).Exited(1).Says("precious").HasNoStackTrace();
        Assert.Equal("not a socket", File.ReadAllText(precious));
    }
}
