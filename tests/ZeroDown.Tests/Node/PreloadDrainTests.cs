using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using LoadClient;
using Xunit;
using ZeroDown.Tests.AspNetCore;

namespace ZeroDown.Tests.Node;

/// <summary>What clients see of a Node program that is told to drain.</summary>
public sealed class PreloadDrainTests
{
    // Programs as people write them: nothing in them knows a supervisor.
    private const string Http = """
        const http = require('http');
        http.createServer((request, response) => {
          const delay = Number(new URL(request.url, 'http://x').searchParams.get('delay') || 0);
          setTimeout(() => response.end(`hello, pid: ${process.pid}\n`), delay);
        }).listen(0, '127.0.0.1');
        """;

    private const string Http2 = """
        const http2 = require('http2');
        http2.createServer((request, response) => {
          const delay = Number(new URL(request.url, 'http://x').searchParams.get('delay') || 0);
          setTimeout(() => response.end(`hello, pid: ${process.pid}\n`), delay);
        }).listen(0, '127.0.0.1');
        """;

    private const string Http2Streams = """
        const http2 = require('http2');
        const server = http2.createServer();
        server.on('stream', (stream, headers) => {
          const delay = Number(new URL(headers[':path'], 'http://x').searchParams.get('delay') || 0);
          setTimeout(() => { stream.respond({ ':status': 200 }); stream.end(`hello, pid: ${process.pid}\n`); }, delay);
        });
        server.listen(0, '127.0.0.1');
        """;

    private static TimeSpan Soon => TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Rolls_under_kept_alive_and_fresh_connections_lose_nothing()
    {
        await using var primary = await StandInPrimary.StartAsync(Http, workers: 2);
        await RollUnderAsync(
            primary,
            new LoadPlan(primary.Url) { KeepAlive = 20, Fresh = 20, Silent = 5, Think = TimeSpan.FromMilliseconds(20) },
            new LoadPlan(new Uri(primary.Url, "/?delay=100")) { KeepAlive = 20, Fresh = 20, ExpectedDelay = TimeSpan.FromMilliseconds(100), Seed = 2 });
    }

    [Theory]
    [InlineData(Http2)]
    [InlineData(Http2Streams)]
    public async Task Rolls_under_http2_lose_nothing_and_refuse_no_stream(string program)
    {
        await using var primary = await StandInPrimary.StartAsync(program, workers: 2);
        var results = await RollUnderAsync(
            primary,
            new LoadPlan(primary.Url) { Http2 = 5, Think = TimeSpan.FromMilliseconds(5) },
            new LoadPlan(new Uri(primary.Url, "/?delay=50")) { Http2 = 5, ExpectedDelay = TimeSpan.FromMilliseconds(50), Seed = 2 });
        Assert.All(results, result => Assert.Equal(0, result.RefusedByGoAway));
    }

    [Fact]
    public async Task An_idle_connection_is_answered_once_more_and_told_that_this_was_the_last()
    {
        await using var primary = await StandInPrimary.StartAsync(
            "require('http').createServer((request, response) => response.end('x')).on('connection', () => console.log('accepted')).listen(0, '127.0.0.1');");
        using var idle = await RawHttp.ConnectAsync(primary.Port);
        Assert.False((await idle.AskAsync("/")).SaysClose);
        using var silent = await RawHttp.ConnectAsync(primary.Port);
        await primary.NextLineAsync("accepted");
        await primary.NextLineAsync("accepted"); // one that is still in the queue would be a sibling's

        await primary.DrainAsync();
        var last = await idle.AskAsync("/");
        Assert.Equal((200, true), (last.Status, last.SaysClose));
        await idle.WaitForEndAsync();
        Assert.True((await silent.AskAsync("/")).SaysClose);
        await primary.NextAsync("disconnect");
    }

    [Theory]
    [InlineData("response.setHeader('Connection', 'keep-alive'); response.end('x');")]
    [InlineData("response.setHeader('Connection', 'keep-alive'); response.writeHead(200, { 'X-One': '1' }); response.end('x');")]
    [InlineData("response.writeHead(200, { connection: 'keep-alive', 'Set-Cookie': ['a=1', 'b=2'] }); response.end('x');")]
    [InlineData("response.writeHead(200, 'Fine', { connection: 'keep-alive' }); response.end('x');")]
    [InlineData("response.writeHead(200, ['Connection', 'keep-alive', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']); response.end('x');")]
    [InlineData("response.writeHead(200, [['Connection', 'keep-alive'], ['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2']]); response.end('x');")]
    [InlineData("response.removeHeader('connection'); response.end('x');")]
    [InlineData("const write = response.writeHead; response.writeHead = function () { return write.apply(this, arguments); }; response.end('x');")]
    public async Task Whatever_the_program_says_about_the_connection_the_last_answer_ends_it(string answer)
    {
        await using var primary = await StandInPrimary.StartAsync(
            $"require('http').createServer((request, response) => {{ response.sendDate = false; {answer} }}).listen(0, '127.0.0.1');");
        using var connection = await RawHttp.ConnectAsync(primary.Port);
        var before = await connection.AskAsync("/");
        Assert.False(before.SaysClose, before.Head);

        await primary.DrainAsync();
        var last = await connection.AskAsync("/");
        Assert.Equal(
            before.Head.Split("\r\n").Where(IsKept).Append("Connection: close").Order(StringComparer.OrdinalIgnoreCase),
            last.Head.Split("\r\n").Where(line => IsKept(line) || line == "Connection: close").Order(StringComparer.OrdinalIgnoreCase));
        await connection.WaitForEndAsync();

        static bool IsKept(string line) => line.Length > 0
            && !line.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase) && !line.StartsWith("Keep-Alive:", StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_answer_that_was_under_way_is_finished_and_its_connection_may_speak_once_more()
    {
        await using var primary = await StandInPrimary.StartAsync("""
            require('http').createServer((request, response) => {
              if (request.url === '/slow') { response.write('first '); setTimeout(() => response.end('last'), 700); } else response.end('quick');
            }).listen(0, '127.0.0.1');
            """);
        using var connection = await RawHttp.ConnectAsync(primary.Port);
        await connection.SendAsync("/slow");
        await connection.ReadUntilAsync("first");
        await primary.DrainAsync();
        await connection.ReadUntilAsync("last\r\n0\r\n\r\n");
        var last = await connection.AskAsync("/");
        Assert.Equal((200, true), (last.Status, last.SaysClose));
    }

    [Fact]
    public async Task A_client_that_is_still_uploading_when_it_is_answered_gets_the_answer_and_no_reset()
    {
        await using var primary = await StandInPrimary.StartAsync(
            "require('http').createServer((request, response) => response.end('no thanks')).listen(0, '127.0.0.1');");
        using var connection = await RawHttp.ConnectAsync(primary.Port);
        await connection.AskAsync("/");
        await primary.DrainAsync();
        const int size = 8 << 20;
        await connection.SendBytesAsync($"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: {size}\r\n\r\n");
        await connection.SendBytesAsync(new string('x', size));
        Assert.Contains("no thanks", (await connection.ReadAnswerAsync()).Body, StringComparison.Ordinal);
        Assert.True(await connection.EndsCleanlyAsync());
    }

    [Fact]
    public async Task Pipelined_requests_are_all_answered_and_the_last_answer_says_so()
    {
        await using var primary = await StandInPrimary.StartAsync(Http);
        using var connection = await RawHttp.ConnectAsync(primary.Port);
        await connection.AskAsync("/");
        await primary.DrainAsync();
        await connection.SendBytesAsync(string.Concat(Enumerable.Repeat("GET /?delay=50 HTTP/1.1\r\nHost: test\r\n\r\n", 3)));
        var answers = new[] { await connection.ReadAnswerAsync(), await connection.ReadAnswerAsync(), await connection.ReadAnswerAsync() };
        Assert.Equal([false, false, true], answers.Select(answer => answer.SaysClose));
        Assert.True(await connection.EndsCleanlyAsync());
    }

    [Fact]
    public async Task An_event_stream_goes_on_until_the_drains_time_is_over_and_is_then_cut_so_that_it_shows()
    {
        await using var primary = await StandInPrimary.StartAsync("""
            require('http').createServer((request, response) => {
              response.writeHead(200, { 'Content-Type': 'text/event-stream', Connection: 'keep-alive' });
              setInterval(() => response.write('data: tick\n\n'), 50);
            }).listen(0, '127.0.0.1');
            """);
        using var connection = await RawHttp.ConnectAsync(primary.Port);
        await connection.SendAsync("/");
        await connection.ReadUntilAsync("tick");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await primary.DrainAsync(idleMs: 300, drainMs: 2000);
        Assert.True(await connection.EndsCleanlyAsync());
        Assert.InRange(clock.ElapsedMilliseconds, 1_500, 20_000);
        Assert.Equal("SIGINT", (await primary.NextAsync("exit")).Signal);
    }

    [Theory]
    [InlineData("reload", 2_000, 1_500)]
    [InlineData("stop", 60_000, 300)]
    public async Task A_websocket_stays_for_the_whole_roll_but_only_its_idle_time_in_a_stop_and_is_told_that_the_server_goes(string why, int drainMs, int atLeast)
    {
        await using var primary = await StandInPrimary.StartAsync("""
            require('http').createServer().on('upgrade', (request, socket) => {
              socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
              socket.on('data', data => { if (data[0] === 0x88) socket.end(); else socket.write(data); });
            }).listen(0, '127.0.0.1');
            """);
        using var connection = await RawHttp.ConnectAsync(primary.Port);
        await connection.SendBytesAsync("GET / HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
        await connection.ReadUntilAsync("\r\n\r\n");
        await primary.DrainAsync(idleMs: 60_000, drainMs: 60_000);
        await connection.SendBytesAsync("still here");
        await connection.ReadUntilAsync("still here");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await primary.DrainAgainAsync(why, idleMs: 400, drainMs);
        await connection.ReadUntilAsync("\u0003?"); // 1001 in a close frame: 03 E9, read as ASCII
        Assert.InRange(clock.ElapsedMilliseconds, atLeast, 20_000);
        await connection.WaitForEndAsync();
        await primary.NextAsync("exit");
    }

    [Fact]
    public async Task In_a_stop_idle_connections_get_their_time_and_requests_in_flight_get_the_whole()
    {
        await using var primary = await StandInPrimary.StartAsync(Http);
        using var idle = await RawHttp.ConnectAsync(primary.Port);
        await idle.AskAsync("/");
        using var busy = await RawHttp.ConnectAsync(primary.Port);
        await busy.SendAsync("/?delay=1500");
        using (var behind = await RawHttp.ConnectAsync(primary.Port))
            await behind.AskAsync("/"); // so the busy one is accepted
        await primary.DrainAsync("stop", idleMs: 300, drainMs: 10_000);
        Assert.True(await idle.EndsCleanlyAsync());
        Assert.Equal(200, (await busy.ReadAnswerAsync()).Status);
        await primary.NextAsync("disconnect");
    }

    [Fact]
    public async Task It_says_how_many_requests_and_idle_connections_are_left()
    {
        await using var primary = await StandInPrimary.StartAsync(
            "require('http').createServer((request, response) => request.resume().on('end', () => response.end('x'))).listen(0, '127.0.0.1');");
        using var idle = await RawHttp.ConnectAsync(primary.Port);
        await idle.AskAsync("/");
        using var busy = await RawHttp.ConnectAsync(primary.Port);
        await busy.SendBytesAsync("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n"); // in flight until one more byte has come
        using var other = await RawHttp.ConnectAsync(primary.Port);
        Assert.Equal(200, (await other.AskAsync("/")).Status);
        var first = await primary.DrainAsync();
        Assert.Equal((1, 2), (first.Requests, first.Idle));
        other.Dispose();
        await primary.NextAsync("draining", report => (report.Requests, report.Idle) == (1, 1));
        await idle.AskAsync("/");
        await primary.NextAsync("draining", report => (report.Requests, report.Idle) == (1, 0));
        await busy.SendBytesAsync("x");
        await busy.ReadAnswerAsync();
        await primary.NextAsync("draining", report => (report.Requests, report.Idle) == (0, 0));
        await primary.NextAsync("disconnect");
    }

    [Fact]
    public async Task A_handshake_that_never_comes_is_an_idle_connection_and_one_that_failed_is_forgotten()
    {
        using var folder = new TempFolder();
        await using var primary = await StandInPrimary.StartAsync(HttpsProgram(folder));
        using var failed = await RawHttp.ConnectAsync(primary.Port);
        await failed.SendBytesAsync("GET / HTTP/1.1\r\nHost: this is not TLS\r\n\r\n");
        await failed.WaitForEndAsync();
        using var silent = await RawHttp.ConnectAsync(primary.Port);
        Assert.Contains("hello", await AskTlsAsync(primary.Port), StringComparison.Ordinal);

        var report = await primary.DrainAsync(idleMs: 60_000, drainMs: 60_000);
        while ((report.Requests, report.Idle) is not (0, 1)) // the one that was answered may still be closing
            report = await primary.NextAsync("draining");
        await primary.DrainAgainAsync("stop", idleMs: 100, drainMs: 60_000);
        Assert.True(await silent.EndsCleanlyAsync());
        silent.Dispose();
        await primary.NextAsync("disconnect");
    }

    [Theory]
    [InlineData("https")]
    [InlineData("http2")]
    public async Task An_idle_tls_connection_is_answered_once_more(string kind)
    {
        using var folder = new TempFolder();
        await using var primary = await StandInPrimary.StartAsync(HttpsProgram(folder, kind));
        await using var idle = await ConnectTlsAsync(primary.Port);
        Assert.DoesNotContain("connection: close", await AskAsync(idle), StringComparison.OrdinalIgnoreCase);
        await primary.DrainAsync();
        Assert.Contains("connection: close", await AskAsync(idle), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, await idle.ReadAsync(new byte[16], TestContext.Current.CancellationToken));
        await idle.DisposeAsync();
        await primary.NextAsync("disconnect");
    }

    [Fact]
    public async Task A_second_order_moves_the_deadlines()
    {
        await using var primary = await StandInPrimary.StartAsync(Http);
        using var idle = await RawHttp.ConnectAsync(primary.Port);
        await idle.AskAsync("/");
        await primary.DrainAsync("reload", idleMs: 60_000, drainMs: 60_000);
        await primary.DrainAgainAsync("stop", idleMs: 100, drainMs: 60_000);
        Assert.True(await idle.EndsCleanlyAsync());
        await primary.NextAsync("disconnect");
    }

    /// <summary>An HTTPS server; the HTTP/2 one speaks HTTP/1.1 to those who know no other.</summary>
    private static string HttpsProgram(TempFolder folder, string kind = "https")
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var create = kind == "https" ? "require('https').createServer" : "require('http2').createSecureServer";
        // The program reads its texts at start, so the folder may go at any time.
        File.WriteAllText(folder["key"], key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(folder["cert"], certificate.ExportCertificatePem());
        return $$"""
            const fs = require('fs');
            const options = { key: fs.readFileSync('{{folder["key"]}}'), cert: fs.readFileSync('{{folder["cert"]}}'), allowHTTP1: true };
            {{create}}(options, (request, response) => response.end('hello')).listen(0, '127.0.0.1');
            """;
    }

    private static async Task<SslStream> ConnectTlsAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate?.Subject == "CN=localhost");
        await stream.AuthenticateAsClientAsync("localhost");
        return stream;
    }

    private static async Task<string> AskTlsAsync(int port)
    {
        await using var stream = await ConnectTlsAsync(port);
        return await AskAsync(stream);
    }

    private static async Task<string> AskAsync(SslStream stream)
    {
        await stream.WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        var text = "";
        var buffer = new byte[4096];
        while (!text.EndsWith("hello", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer);
            Assert.True(read > 0, $"the connection ended after: {text}");
            text += Encoding.ASCII.GetString(buffer, 0, read);
        }

        return text;
    }

    private static async Task<LoadResult[]> RollUnderAsync(StandInPrimary primary, params LoadPlan[] plans)
    {
        var loads = plans.Select(LoadRun.Start).ToList();
        await Task.WhenAll(loads.Select(load => load.WaitForRequestsAsync(100, Soon)));
        for (var reload = 0; reload < 5; reload++)
        {
            await primary.ReloadAsync();
            await Task.WhenAll(loads.Select(load => load.WaitForMoreAsync(100, Soon)));
        }

        var results = await Task.WhenAll(loads.Select(load => load.StopAsync()));
        foreach (var load in loads)
            await load.DisposeAsync();
        Assert.All(results, result => Assert.True(result.Failed == 0, $"{result}\n{primary.Evidence()}"));
        Assert.True(results[0].ByPid.Count > 5, $"the reloads must have brought new workers: {results[0]}");
        return results;
    }
}
