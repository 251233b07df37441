using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Xunit;

namespace ZeroDown.Tests.AspNetCore;

public sealed class AdoptionTests
{
    /// <summary>Every way in which a program says where it listens. PORT is the inherited socket's.</summary>
    public static TheoryData<string> Programs => [
        "builder=full",
        "builder=slim",
        "builder=empty",
        "builder=generic",
        "builder=full --urls=http://*:PORT",
        "builder=slim --urls=http://127.0.0.1:PORT",
        "builder=generic --urls=http://localhost:PORT",
        "builder=full --Kestrel:Endpoints:Web:Url=http://*:PORT",
        "builder=full listen=any port=PORT",
        "builder=slim listen=loopback port=PORT",
        "builder=empty listen=localhost port=PORT",
        "builder=full listen=any port=1",
        "builder=full listen=systemd",
        "builder=slim listen=handle",
        "builder=full listen=any port=PORT zd=true",
    ];

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task An_unchanged_program_answers_on_the_inherited_socket(string program)
    {
        using var listener = Listening.OnLoopback();
        await using var worker = await WorkerProcess.StartReadyAsync(Plan(program, listener), listener);
        var answer = await RawHttp.AskOnceAsync(listener, "/");
        Assert.Contains($"pid: {worker.Pid}", answer.Body, StringComparison.Ordinal);
        await worker.StopAsync();
    }

    [Fact]
    public async Task A_program_that_calls_UseZeroDown_needs_no_injection()
    {
        using var listener = Listening.OnLoopback();
        await using var worker = await WorkerProcess.StartReadyAsync(Plan("builder=slim zd=true", listener) with { Hook = null }, listener);
        Assert.Contains($"pid: {worker.Pid}", (await RawHttp.AskOnceAsync(listener, "/")).Body, StringComparison.Ordinal);
        await worker.StopAsync();
    }

    [Fact]
    public async Task A_stranger_is_injected_from_a_folder_that_is_not_its_own()
    {
        using var listener = Listening.OnLoopback();
        var plan = new WorkerPlan { Program = BuiltProgram.HelloWeb, Hook = BuiltProgram.Library };
        await using var worker = await WorkerProcess.StartReadyAsync(plan, listener);
        using var connection = await RawHttp.ConnectAsync(listener);
        Assert.Contains($"pid: {worker.Pid}", (await connection.AskAsync("/")).Body, StringComparison.Ordinal);
        worker.Drain();
        await worker.MessageAsync("draining");
        Assert.True((await connection.AskAsync("/")).SaysClose);
        await worker.MessageAsync("drained");
        await worker.StopAsync();
    }

    [Fact]
    public async Task Endpoints_find_their_sockets_by_port_and_keep_their_tls()
    {
        using var plain = Listening.OnLoopback();
        using var secure = Listening.OnLoopback();

        // The order of the endpoints is not the order of the sockets.
        var plan = new WorkerPlan
        {
            Arguments = ["https=true", $"--Kestrel:Endpoints:Secure:Url=https://*:{secure.Port()}", $"--Kestrel:Endpoints:Plain:Url=http://*:{plain.Port()}"],
        };
        await using var worker = await WorkerProcess.StartReadyAsync(plan, plain, secure);
        Assert.Contains("scheme: http\n", (await RawHttp.AskOnceAsync(plain, "/")).Body, StringComparison.Ordinal);
        Assert.Contains("scheme: https\n", await AskAsync($"https://127.0.0.1:{secure.Port()}/"), StringComparison.Ordinal);
        await worker.StopAsync();
    }

    [Fact]
    public async Task An_endpoint_gives_the_socket_back_when_a_later_one_has_its_port()
    {
        using var listener = Listening.OnLoopback();
        var admin = FreePort();
        var plan = new WorkerPlan
        {
            Arguments = [$"--Kestrel:Endpoints:Admin:Url=http://127.0.0.1:{admin}", $"--Kestrel:Endpoints:Web:Url=http://127.0.0.1:{listener.Port()}"],
        };
        await using var worker = await WorkerProcess.StartReadyAsync(plan, listener);
        Assert.Contains($"local: 127.0.0.1:{listener.Port()}\n", (await RawHttp.AskOnceAsync(listener, "/")).Body, StringComparison.Ordinal);
        Assert.Contains($"local: 127.0.0.1:{admin}\n", await AskAsync($"http://127.0.0.1:{admin}/"), StringComparison.Ordinal);
        await worker.StopAsync();
    }

    [Fact]
    public async Task Localhost_takes_both_sockets_when_both_families_were_passed()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "no IPv6 here");
        using var v4 = Listening.OnLoopback();
        using var v6 = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        v6.Bind(new IPEndPoint(IPAddress.IPv6Loopback, v4.Port()));
        v6.Listen(10);
        var plan = new WorkerPlan { Arguments = ["listen=localhost", $"port={v4.Port()}"] };
        await using var worker = await WorkerProcess.StartReadyAsync(plan, v4, v6);
        foreach (var listener in new[] { v4, v6 })
        {
            Assert.Equal(200, (await RawHttp.AskOnceAsync(listener, "/")).Status);
        }

        await worker.StopAsync();
    }

    [Theory]
    [InlineData("listen=unix path=PATH")]
    [InlineData("builder=full")]
    public async Task A_unix_domain_socket_is_inherited_too_and_its_file_stays(string program)
    {
        using var folder = new TempFolder();
        var path = folder["s"];
        using var listener = Listening.On(path);
        var plan = new WorkerPlan { Arguments = program.Replace("PATH", path, StringComparison.Ordinal).Split(' ') };
        await using var worker = await WorkerProcess.StartReadyAsync(plan, listener);
        Assert.Contains($"pid: {worker.Pid}", (await RawHttp.AskOnceAsync(listener, "/")).Body, StringComparison.Ordinal);
        await worker.StopAsync();
        Assert.True(File.Exists(path));
    }

    [Fact]
    public async Task Children_of_the_program_inherit_neither_sockets_nor_channel_nor_hook()
    {
        using var listener = Listening.OnLoopback();
        await using var worker = await WorkerProcess.StartReadyAsync(new WorkerPlan(), listener);
        var child = (await RawHttp.AskOnceAsync(listener, "/child")).Body;
        Assert.Contains("PATH=", child, StringComparison.Ordinal);
        Assert.DoesNotContain("socket:", child, StringComparison.Ordinal);
        Assert.DoesNotContain("ZD_CHANNEL_FD", child, StringComparison.Ordinal);
        Assert.DoesNotContain("DOTNET_STARTUP_HOOKS", child, StringComparison.Ordinal);
        await worker.StopAsync();
    }

    [Fact]
    public async Task A_console_program_does_not_notice_the_hook()
    {
        using var listener = Listening.OnLoopback();
        await using var worker = WorkerProcess.Start(new WorkerPlan { Arguments = ["builder=none"] }, listener);
        Eventually.True(() => worker.Output.Contains("listening", StringComparison.Ordinal), "the program starts", () => worker.Output);
        await worker.StopAsync();
        Assert.Equal($"start pid: {worker.Pid}\nlistening\nended by itself\n", worker.Output);
    }

    [Fact]
    public async Task The_supervisors_backlog_and_the_siblings_socket_survive_a_worker()
    {
        using var listener = Listening.OnLoopback();
        await using (var worker = await WorkerProcess.StartReadyAsync(new WorkerPlan(), listener))
        {
            await worker.StopAsync();
        }

        await using var second = await WorkerProcess.StartReadyAsync(new WorkerPlan(), listener);
        Assert.Contains($"pid: {second.Pid}", (await RawHttp.AskOnceAsync(listener, "/")).Body, StringComparison.Ordinal);
        await second.StopAsync();
    }

    [Fact]
    public async Task A_watchdog_gets_its_pings()
    {
        using var listener = Listening.OnLoopback();
        await using var worker = await WorkerProcess.StartReadyAsync(new WorkerPlan { Environment = [("WATCHDOG_USEC", "200000")] }, listener);
        await worker.NoticeAsync("WATCHDOG=1");
        await worker.NoticeAsync("WATCHDOG=1");
        await worker.StopAsync();
    }

    [Fact]
    public async Task Started_by_nobody_the_program_listens_where_it_says()
    {
        var port = FreePort();
        var plan = new WorkerPlan { Channel = false, Arguments = ["zd=true", $"--urls=http://127.0.0.1:{port}"], Environment = [("ZD_APP", "")] };
        await using var worker = WorkerProcess.Start(plan);
        Eventually.True(() => worker.Output.Contains("listening", StringComparison.Ordinal), "the program starts", () => worker.Output);
        Assert.Contains($"pid: {worker.Pid}", await AskAsync($"http://127.0.0.1:{port}/"), StringComparison.Ordinal);
        await worker.StopAsync();
    }

    private static WorkerPlan Plan(string program, Socket listener) => new()
    {
        Arguments = program.Replace("PORT", $"{listener.Port()}", StringComparison.Ordinal).Split(' '),
    };

    private static int FreePort()
    {
        using var probe = Listening.OnLoopback();
        return probe.Port();
    }

    private static async Task<string> AskAsync(string url)
    {
        using var handler = new SocketsHttpHandler
        {
            // Self-signed by the worker: what is asked here is whether it speaks TLS at all.
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost",
            },
        };
        using var http = new HttpClient(handler);
        return await http.GetStringAsync(url, TestContext.Current.CancellationToken);
    }
}
