using System.Net;
using System.Net.Sockets;
using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Survival;

/// <summary>Sockets of every kind under the next daemon: it rolls over them, heals them, and closes them.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class SocketSpecs : SurvivalTest
{
    [Fact]
    public async Task A_unix_socket_is_rolled_healed_and_removed_at_last()
    {
        var path = Path.Combine(Zd.Folder, "app.sock");
        var spare = Path.Combine(Zd.Folder, ".app.sock.zd");
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, $"args: [serve]\ninstances: 2\nlisten: unix:{path}")))).Succeeded();
        await using (var load = LoadRun.Start(new LoadPlan(Url) { UnixPath = path, KeepAlive = 10, Fresh = 10, Think = TimeSpan.FromMilliseconds(20) }))
        {
            await load.WaitForRequestsAsync(100, Soon);
            await ReplaceDaemon();
            (await Zd.Run("reload", "web")).Succeeded();
            await load.WaitForMoreAsync(100, Soon);
            NothingFailed(await load.StopAsync());
        }

        File.Delete(path);
        Kill((await Zd.List())[0].Pid);
        await Eventually.Holds(() => Task.FromResult(File.Exists(path)), "the path leads to the socket again", Zd.Evidence);
        await using (var load = LoadRun.Start(new LoadPlan(Url) { UnixPath = path, Fresh = 2 }))
        {
            await load.WaitForRequestsAsync(20, Soon);
            NothingFailed(await load.StopAsync());
        }

        (await Zd.Run("delete", "web")).Succeeded();
        Assert.False(File.Exists(path) || File.Exists(spare), "nothing is left of it");
    }

    [Fact]
    public async Task A_port_that_the_kernel_chose_stays_the_same()
    {
        (await Zd.Run("start", WriteNode("""
            const server = require('http').createServer((request, response) => response.end('here'));
            server.listen(0, '127.0.0.1', () => console.log(`on ${server.address().port}.`));
            """, "exec_mode: cluster\ninstances: 2"))).Succeeded();
        await EventuallyPrints("on ", times: 2);
        var port = Printed.Split("on ")[1].Split('.')[0];
        await ReplaceDaemon();
        (await Zd.Run("reload", "web")).Succeeded();
        await EventuallyPrints($"on {port}.", times: 4);
        using var client = new HttpClient { Timeout = Soon };
        Assert.Equal("here", await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Datagrams_are_answered_by_the_next_generation()
    {
        (await Zd.Run("start", WriteNode($$"""
            const socket = require('dgram').createSocket('udp4');
            socket.on('message', (message, from) => socket.send(`${message} from ${process.pid}`, from.port, from.address));
            socket.bind({{Port}}, '127.0.0.1', () => console.log('bound'));
            """, "exec_mode: cluster\ninstances: 1"))).Succeeded();
        await ReplaceDaemon();
        (await Zd.Run("reload", "web")).Succeeded();
        await EventuallyPrints("bound", times: 2);
        var pid = (await Pids()).Single();
        await Eventually.Holds(async () => await Ask("hello") == $"hello from {pid}", "the newcomer answers", Zd.Evidence);
    }

    private async Task<string?> Ask(string question)
    {
        using var client = new UdpClient();
        client.Connect(IPAddress.Loopback, Port);
        await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(question));
        try
        {
            return System.Text.Encoding.ASCII.GetString((await client.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(1))).Buffer);
        }
        catch (Exception e) when (e is TimeoutException or SocketException)
        {
            return null; // a datagram may be lost, and is sent again
        }
    }
}
