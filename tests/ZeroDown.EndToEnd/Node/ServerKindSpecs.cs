using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>Issue 3, claim 7: servers of all kinds, unchanged, in cluster mode. All workers share one socket, and it outlives them.</summary>
public sealed class ServerKindSpecs : NodeClusterTest
{
    [Fact]
    public async Task Workers_share_a_tcp_port_and_a_reload_replaces_them_on_the_same_socket()
    {
        (await Zd.Run("start", WriteNode(Server()))).Succeeded();
        var before = await PidsThatAnswer(2);
        (await Zd.Run("reload", "web")).Succeeded();
        Assert.Empty(before.Intersect(await PidsThatAnswer(2)));
        Assert.DoesNotContain("Closed", DaemonLog, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ port: PORT, host: '127.0.0.1' }", "127.0.0.1", true)]
    [InlineData("{ port: PORT, host: 'localhost' }", "127.0.0.1", true)]
    [InlineData("{ port: PORT, host: '::1' }", "::1", true)]
    [InlineData("{ port: PORT, host: '::1' }", "127.0.0.1", false)]
    [InlineData("PORT", "::1", true)]
    [InlineData("PORT", "127.0.0.1", true)]
    [InlineData("{ port: PORT, host: '::', ipv6Only: true }", "::1", true)]
    [InlineData("{ port: PORT, host: '::', ipv6Only: true }", "127.0.0.1", false)]
    public async Task The_address_is_the_one_that_node_would_bind(string listen, string from, bool answers)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "this machine has no IPv6");
        (await Zd.Run("start", WriteNode(Server(listen.Replace("PORT", $"{Port}", StringComparison.Ordinal))))).Succeeded();
        if (answers)
            Assert.Contains("here is my voice", await Ask(IPAddress.Parse(from), Port), StringComparison.Ordinal);
        else
            await Assert.ThrowsAsync<SocketException>(() => Ask(IPAddress.Parse(from), Port));
    }

    [Fact]
    public async Task Two_servers_in_one_program_both_roll()
    {
        var second = Ports.Free();
        var program = Server() + $"require('net').createServer(s => s.end('second pid=' + process.pid)).listen({second}, '127.0.0.1');";
        (await Zd.Run("start", WriteNode(program))).Succeeded();
        var before = await Ask(IPAddress.Loopback, second);
        (await Zd.Run("reload", "web")).Succeeded();
        Assert.NotEqual(before, await Ask(IPAddress.Loopback, second));
        Assert.Contains("here is my voice", await Get(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_0_is_chosen_once_per_server_and_every_worker_and_generation_gets_the_same()
    {
        (await Zd.Run("start", WriteNode(Server("0") + Server("0").Replace("const http", "var more", StringComparison.Ordinal).Replace("http.createServer", "more.createServer", StringComparison.Ordinal).Replace("const server", "var other", StringComparison.Ordinal).Replace("server.", "other.", StringComparison.Ordinal)))).Succeeded();
        (await Zd.Run("reload", "web")).Succeeded();
        await EventuallyPrints("listening", 8);
        var ports = Regex.Matches(Printed, "\"port\":(\\d+)").Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(2, ports.Distinct().Count());
        Assert.All(ports.CountBy(port => port), port => Assert.Equal(4, port.Value));
    }

    [Fact]
    public async Task A_second_app_that_asks_for_port_0_gets_another()
    {
        (await Zd.Run("start", WriteNode(Server("0"), name: "one"))).Succeeded();
        (await Zd.Run("start", WriteNode(Server("0"), name: "two"))).Succeeded();
        await EventuallyPrints("listening", 4);
        Assert.Equal(2, Regex.Matches(Printed, "\"port\":(\\d+)").Select(match => match.Value).Distinct().Count());
    }

    [Fact]
    public async Task A_unix_path_outlives_its_workers_and_goes_with_the_app()
    {
        var path = Path.Combine(Zd.Folder, "web.sock");
        (await Zd.Run("start", WriteNode(Server($"'{path}'")))).Succeeded();
        Assert.Contains("here is my voice", await Ask(path), StringComparison.Ordinal);
        (await Zd.Run("reload", "web")).Succeeded();
        (await Zd.Run("restart", "web")).Succeeded();
        Assert.Contains("here is my voice", await Ask(path), StringComparison.Ordinal);
        (await Zd.Run("stop", "web")).Succeeded();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_udp_socket_is_shared_and_handed_on()
    {
        var program = $$"""
            const socket = require('dgram').createSocket('udp4');
            socket.on('message', (message, from) => socket.send(`${message} pid=${process.pid}`, from.port, from.address));
            socket.bind({{Port}}, '127.0.0.1', () => console.log('bound', socket.address().port));
            """;
        (await Zd.Run("start", WriteNode(program))).Succeeded();
        var before = await Ping();
        Assert.NotNull(before);
        (await Zd.Run("reload", "web")).Succeeded();
        await Eventually.Holds(async () => await Ping() is { } answer && answer != before, "a new worker answers", Zd.Evidence);
        Assert.Contains($"udp:127.0.0.1:{Port}", DaemonLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_declared_listener_is_what_a_worker_gets_that_asks_for_its_port()
    {
        (await Zd.Run("start", WriteNode(Server(), $"instances: 2\nlisten: 127.0.0.1:{Port}"))).Succeeded();
        await PidsThatAnswer(2);
        (await Zd.Run("reload", "web")).Succeeded();
        await Assert.ThrowsAsync<SocketException>(() => Ask(IPAddress.IPv6Loopback, Port));
        Assert.Contains("here is my voice", await Get(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_inherited_fd_can_be_listened_on_in_cluster_mode_and_in_fork_mode()
    {
        var second = Ports.Free();
        (await Zd.Run("start", WriteNode(Server("{ fd: 3 }"), $"instances: 2\nlisten: 127.0.0.1:{Port}"))).Succeeded();
        (await Zd.Run("start", WriteNode(Server("{ fd: 3 }"), $"exec_mode: fork\ninstances: 2\nlisten: 127.0.0.1:{second}", "fork"))).Succeeded();
        foreach (var port in new[] { Port, second })
            Assert.Contains("here is my voice", await Ask(IPAddress.Loopback, port), StringComparison.Ordinal);
        (await Zd.Run("reload", "all")).Succeeded();
        foreach (var port in new[] { Port, second })
            Assert.Contains("here is my voice", await Ask(IPAddress.Loopback, port), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exclusive_server_binds_by_itself_and_is_replaced_slot_by_slot()
    {
        (await Zd.Run("start", WriteNode(Server($"{{ port: {Port}, exclusive: true }}"), "exec_mode: cluster\ninstances: 1"))).Succeeded();
        await Eventually.Holds(async () => (await TryGet()).Length > 0, "it answers", Zd.Evidence);
        (await Zd.Run("reload", "web")).Succeeded().Says("binds", $"{Port}", "gap");
    }

    [Fact]
    public async Task In_fork_mode_programs_with_a_port_of_their_own_are_replaced_slot_by_slot_and_it_is_said()
    {
        var second = Ports.Free();
        (await Zd.Run("start", WriteNode(Server($"[{Port}, {second}][process.env.NODE_APP_INSTANCE]"), "exec_mode: fork\ninstances: 2"))).Succeeded();
        await EventuallyPrints("listening", 2);
        (await Zd.Run("reload", "web")).Succeeded().Says("web binds", "so there was a gap", "listen:");
        await EventuallyPrints("listening", 4);
        var log = DaemonLog[DaemonLog.IndexOf("slot by slot because it binds its own port", StringComparison.Ordinal)..];
        int At(string pattern) => Regex.Match(log, pattern) is { Success: true } match ? match.Index : throw new Xunit.Sdk.XunitException($"{pattern} in\n{log}");
        int[] inOrder =
        [
            At(@"Stopping app:web id:(_old_)?0"), At(@"App \[web:(_old_)?0\] exited"), At(@"App \[web:0\] starting"), At(@"App \[web:0\] online"),
            At(@"Stopping app:web id:(_old_)?1"), At(@"App \[web:(_old_)?1\] exited"), At(@"App \[web:1\] starting"), At(@"App \[web:1\] online"),
        ];
        Assert.Equal(inOrder.Order(), inOrder);
    }

    [Fact]
    public async Task Sessions_of_tls_are_resumed_by_the_next_generation()
    {
        var key = Path.Combine(Zd.Folder, "key.pem");
        var certificate = Path.Combine(Zd.Folder, "cert.pem");
        Certificates.Write(key, certificate);
        (await Zd.Run("start", WriteNode(SecureServer(key, certificate), "instances: 1"))).Succeeded();
        var client = WriteTlsClient();
        var before = await Certificates.Node(client, "connect", Path.Combine(Zd.Folder, "session"));
        Assert.Contains("reused=false", before, StringComparison.Ordinal);
        (await Zd.Run("reload", "web")).Succeeded();
        var after = await Certificates.Node(client, "resume", Path.Combine(Zd.Folder, "session"));
        Assert.Contains("reused=true", after, StringComparison.Ordinal);
        Assert.NotEqual(Regex.Match(before, "pid=\\d+").Value, Regex.Match(after, "pid=\\d+").Value);
    }

    [Fact]
    public async Task Http2_over_tls_works_in_cluster_mode()
    {
        var key = Path.Combine(Zd.Folder, "key.pem");
        var certificate = Path.Combine(Zd.Folder, "cert.pem");
        Certificates.Write(key, certificate);
        var program = SecureServer(key, certificate).Replace("require('https').createServer", "require('http2').createSecureServer", StringComparison.Ordinal);
        (await Zd.Run("start", WriteNode(program))).Succeeded();
        var client = Zd.Write("client.cjs", $$"""
            const session = require('http2').connect('https://127.0.0.1:{{Port}}', { ca: require('fs').readFileSync('{{certificate}}'), servername: 'localhost' });
            const stream = session.request({ ':path': '/' });
            let text = '';
            stream.on('data', data => text += data).on('end', () => { console.log(text); session.close(); });
            """);
        var before = await Certificates.Node(client);
        Assert.Contains("secret", before, StringComparison.Ordinal);
        (await Zd.Run("reload", "web")).Succeeded();
        var after = await Certificates.Node(client);
        Assert.Contains("secret", after, StringComparison.Ordinal);
        Assert.NotEqual(before, after);
    }

    private string SecureServer(string key, string certificate) => $$"""
        const fs = require('fs');
        require('https').createServer({ key: fs.readFileSync('{{key}}'), cert: fs.readFileSync('{{certificate}}') },
          (request, response) => response.end('secret pid=' + process.pid)).listen({{Port}}, '127.0.0.1');
        """;

    private string WriteTlsClient() => Zd.Write("client.cjs", $$"""
        const tls = require('tls'), fs = require('fs');
        const [, , what, file] = process.argv;
        const socket = tls.connect({ port: {{Port}}, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2',
          session: what === 'resume' ? fs.readFileSync(file) : undefined }, () => {
          fs.writeFileSync(file, socket.getSession());
          socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
        });
        let text = '';
        socket.on('data', data => text += data);
        socket.on('end', () => console.log(`reused=${socket.isSessionReused()} ${text}`));
        """);

    /// <summary>Null when no answer comes: a worker that leaves may have taken the question with it.</summary>
    private async Task<string?> Ping()
    {
        using var client = new UdpClient();
        await client.SendAsync("ping"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, Port));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            return Encoding.UTF8.GetString((await client.ReceiveAsync(limit.Token)).Buffer);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<string> TryGet()
    {
        try
        {
            return await Get();
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    private static async Task<string> Ask(IPAddress address, int port) => await Ask(new IPEndPoint(address, port), ProtocolType.Tcp);

    private static async Task<string> Ask(string path) => await Ask(new UnixDomainSocketEndPoint(path), ProtocolType.Unspecified);

    private static async Task<string> Ask(EndPoint where, ProtocolType protocol)
    {
        using var socket = new Socket(where.AddressFamily, SocketType.Stream, protocol);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await socket.ConnectAsync(where, limit.Token);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray(), limit.Token);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(limit.Token);
    }
}
