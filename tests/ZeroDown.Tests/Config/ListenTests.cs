using Xunit;
using ZeroDown.Core.Apps;

namespace ZeroDown.Tests.Config;

public sealed class ListenTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("127.0.0.1:4000", "127.0.0.1:4000")]
    [InlineData("localhost:4000", "127.0.0.1:4000")]
    [InlineData("0.0.0.0:80", "0.0.0.0:80")]
    [InlineData("'[::1]:80'", "[::1]:80")]
    [InlineData("'[::]:80'", "[::]:80")]
    [InlineData("':80'", ":80")]
    [InlineData("'*:80'", ":80")]
    [InlineData("80", ":80")]
    [InlineData("0", ":0")]
    [InlineData("web.internal:80", "10.0.0.7:80")]
    [InlineData("unix:/run/web.sock", "unix:/run/web.sock")]
    [InlineData("unix:run/web.sock", "unix:{here}/run/web.sock")]
    [InlineData("'${HOST:-127.0.0.1}:1'", "127.0.0.1:1")]
    public void An_address_has_one_canonical_form(string written, string canonical) =>
        Assert.Equal(canonical.Replace("{here}", _workspace.Path), Assert.Single(_workspace.App($"listen: {written}").Listen).Address.ToString());

    [Fact]
    public void Only_the_address_without_a_host_is_dual_stack()
    {
        var listen = _workspace.App("listen: [':1', '[::]:2']").Listen;
        Assert.Equal([true, false], listen.Select(l => ((ListenerAddress.Tcp)l.Address).DualStack));
    }

    [Fact]
    public void An_entry_may_have_a_name_a_backlog_and_a_mode()
    {
        var listen = _workspace.App("name: my api", "listen: [{name: http, address: ':80', backlog: 64}, {address: 'unix:/a', mode: 660}, ':81']").Listen;
        Assert.Equal(
            [
                new ListenerSpec(new ListenerAddress.Tcp(System.Net.IPAddress.IPv6Any, 80, DualStack: true), "http", 64),
                new ListenerSpec(new ListenerAddress.Unix("/a", 0x1b0), "my-api-1"),
                new ListenerSpec(new ListenerAddress.Tcp(System.Net.IPAddress.IPv6Any, 81, DualStack: true), "my-api-2"),
            ],
            listen);
    }

    [Fact]
    public void Listening_is_the_sign_of_being_ready_unless_the_worker_speaks()
    {
        Assert.Equal((ReadySign.Listening, ExecMode.Cluster), (_workspace.App("listen: 80").Ready.Sign, _workspace.App("listen: 80").ExecMode));
        Assert.Equal(ReadySign.Spoken, _workspace.App("listen: 80", "wait_ready: true").Ready.Sign);
        Assert.Equal(ReadySign.SpokenStrict, _workspace.App("wait_ready: strict").Ready.Sign);
        Assert.Equal(ReadySign.Settled, _workspace.App("wait_ready: false").Ready.Sign);
    }

    [Theory]
    [InlineData("127.0.0.1", "'127.0.0.1' has no port", "write 127.0.0.1:PORT")]
    [InlineData("127.0.0.1:http", "'http' is no port", "a port is a number from 0 to 65535; 0 lets the kernel choose once")]
    [InlineData("127.0.0.1:65536", "'65536' is no port", "a port is a number from 0 to 65535; 0 lets the kernel choose once")]
    [InlineData("-1", "'-1' has no port", "write -1:PORT")]
    [InlineData("'::1:80'", "'::1:80' could be read in two ways", "write an IPv6 address in brackets: [::1]:80")]
    [InlineData("'[::g]:80'", "'[::g]' is no IPv6 address", "write host:port, [::]:port, :port or unix:/path")]
    [InlineData("http://localhost:80/", "'http://localhost:80/' is no address", "an address has no scheme: localhost:80")]
    [InlineData("/run/x.sock", "'/run/x.sock' is no address", "for a unix socket write unix:/run/x.sock")]
    [InlineData("'unix:'", "'unix:' needs a path", "write unix:/run/web.sock")]
    [InlineData("nowhere.internal:80", "the host 'nowhere.internal' is not known", "write an address of this machine")]
    [InlineData("'1:80'", "'1' is no host", "write host:port, [::]:port, :port or unix:/path")]
    [InlineData("{name: x}", "this entry has no 'address'", null)]
    [InlineData("{adress: 80}", "unknown key 'adress' in listen", "did you mean 'address'?")]
    [InlineData("{address: 80, mode: 660}", "only a unix socket has a mode", null)]
    [InlineData("{address: 80, name: 'a:b'}", "'a:b' cannot be a listener's name", "letters, digits, '-', '_' and '.', at most 255 of them")]
    [InlineData("[80, ':80']", ":80 is listed twice", null)]
    [InlineData("[{address: 80, name: a}, {address: 81, name: a}]", "two listeners are called 'a'", null)]
    [InlineData("[[80]]", "expected an address or {name, address, backlog, mode}, got a list", null)]
    public void An_address_that_cannot_be_is_explained(string written, string message, string? hint)
    {
        var diagnostic = _workspace.Parse($"apps:\n  - script: server.js\n    listen: {written}\n").Diagnostics[0];
        Assert.Equal((message, hint), (diagnostic.Message, diagnostic.Hint));
    }

    [Fact]
    public void A_socket_path_that_the_kernel_would_refuse_is_refused_here()
    {
        var path = "/" + new string('é', 53);
        Assert.Equal(path, ((ListenerAddress.Unix)_workspace.App($"listen: unix:{path}").Listen[0].Address).Path);
        Assert.Contains("the socket's path is 108 bytes long; the kernel takes at most 107", _workspace.Said($"listen: unix:{path}x"), StringComparison.Ordinal);
    }
}
