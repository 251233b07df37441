using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>Issue 3, claim 6: a Node worker's channel, whatever the program does with it.</summary>
public sealed class ChannelSpecs : NodeClusterTest
{
    [Fact]
    public async Task A_taken_port_arrives_as_the_error_that_nodes_own_primary_sends()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Any, Port);
        other.Start();
        var program = Server() + "server.on('error', problem => console.log(problem.code, problem.syscall, problem.port, problem.message));";
        (await Zd.Run("start", WriteNode(program, "instances: 1\nlisten_timeout: 1s"))).Exited(0, 1);
        await EventuallyPrints($"EADDRINUSE bind {Port} bind EADDRINUSE null:{Port}");
        Assert.Contains($"in use by process {Environment.ProcessId}", DaemonLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_server_on_one_port_and_an_address_that_is_no_address_are_errors_in_the_program_too()
    {
        var program = Server() + $$"""
            server.on('listening', () => {
              require('net').createServer().on('error', problem => console.log('second', problem.code)).listen({{Port}});
              require('net').createServer().on('error', problem => console.log('third', problem.code)).listen({{Ports.Free()}}, '192.0.2.1');
              require('net').createServer().on('error', problem => console.log('fourth', problem.code)).listen({ fd: 77 });
            });
            """;
        (await Zd.Run("start", WriteNode(program, "instances: 1"))).Succeeded();
        await EventuallyPrints("second EADDRINUSE");
        await EventuallyPrints("third EADDRNOTAVAIL");
        await EventuallyPrints("fourth EINVAL");
        Assert.Contains("here is my voice", await Get(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_free_again_can_be_had_by_a_program_that_tries_again()
    {
        using var other = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Any, Port);
        other.Start();
        var program = Server() + $"server.on('error', problem => {{ console.log('try again', problem.code); setTimeout(() => server.listen({Port}), 200); }});";
        using var start = Zd.Begin("start", WriteNode(program, "instances: 2"));
        await EventuallyPrints("try again EADDRINUSE", 4);
        other.Stop();
        (await start.Finished(Soon)).Succeeded();
        // A worker that has lived for three seconds without a socket is online too.
        await EventuallyPrints("listening", 2);
        await PidsThatAnswer(2);
    }

    [Fact]
    public async Task A_server_that_is_closed_gives_its_port_free_and_may_listen_again()
    {
        // As get-port does it: the kernel's choice is looked at, closed, and listened on by number.
        var program = """
            const net = require('net'), http = require('http');
            const probe = net.createServer();
            probe.listen(0, () => {
              const port = probe.address().port;
              probe.close(() => http.createServer((request, response) => response.end('here')).listen(port, () => console.log('serves', port)));
            });
            """;
        (await Zd.Run("start", WriteNode(program, "exec_mode: cluster"))).Succeeded();
        await EventuallyPrints("serves");
        (await Zd.Run("reload", "web")).Succeeded();
        Assert.DoesNotContain("EADDRINUSE", Printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_of_the_programs_own_a_flood_and_garbage_hurt_nobody()
    {
        var program = Server() + """
            const fs = require('fs');
            process.send({ type: 'process:msg', data: { hello: 'world' } });
            process.send('x'.repeat(3e6));
            process.send({ cmd: 'NODE_CLUSTER', act: 'nonsense', seq: 'x' });
            process.send({ cmd: 'NODE_CLUSTER', act: 'queryServer' });
            process.send({ cmd: 'NODE_ZD_DRAINING', requests: -1, idle: 'many' });
            process.send({ cmd: 'NODE_ELSE', deep: JSON.parse('['.repeat(1000) + ']'.repeat(1000)) });
            process.channel.unref();
            let count = 0;
            const flood = setInterval(() => { for (let i = 0; i < 2000; i++) process.send({ count: count++ }); if (count > 100000) { clearInterval(flood); console.log('flooded'); } }, 1);
            """;
        (await Zd.Run("start", WriteNode(program))).Succeeded();
        (await Zd.Run("start", WriteNode(Server("0"), name: "neighbour"))).Succeeded();
        await EventuallyPrints("flooded", 2);
        await Eventually.Holds(() => Task.FromResult(DaemonLog.Contains("The channel of web:0", StringComparison.Ordinal)), "what came through the channel is logged", Zd.Evidence);
        (await Zd.Run("reload", "all")).Succeeded();
        Assert.All(await Zd.List(), worker => Assert.Equal(("online", 1), (worker.Status, worker.Restarts)));
    }

    [Fact]
    public async Task Bytes_that_are_no_messages_and_half_a_line_hurt_only_their_worker()
    {
        var program = Server() + """
            const fs = require('fs');
            server.on('listening', () => {
              const fd = process.channel.fd;
              fs.writeSync(fd, Buffer.from([0xff, 0xfe, 0x00, 0x0a]));
              fs.writeSync(fd, '{"cmd":"NODE_CLUSTER","act":"queryServer","seq":\n');
              fs.writeSync(fd, '{"cmd":"NODE_CLUSTER","act":"query');
              console.log('written', fd);
            });
            """;
        (await Zd.Run("start", WriteNode(program))).Succeeded();
        await EventuallyPrints("written", 2);
        await PidsThatAnswer(2);
        (await Zd.Run("reload", "web")).Succeeded();
    }

    [Fact]
    public async Task A_worker_that_does_not_read_stands_in_nobodys_way()
    {
        // It asks without end and never comes to its event loop, so it never reads an answer.
        var program = Server() + $$"""
            server.on('listening', () => {
              if (process.env.NODE_APP_INSTANCE !== '0') return;
              console.log('deaf');
              const { channel } = process;
              for (let i = 0; ; i++) require('net').createServer().listen(0, '127.0.0.1');
            });
            """;
        (await Zd.Run("start", WriteNode(program, "instances: 2\nkill_timeout: 1s\ndrain_timeout: 1s"))).Succeeded();
        await EventuallyPrints("deaf");
        (await Zd.Run("start", WriteNode(Server("0"), name: "neighbour"))).Succeeded();
        (await Zd.Run("reload", "neighbour")).Succeeded();
        (await Zd.Run("delete", "web")).Succeeded();
    }

    [Fact]
    public async Task Fifty_servers_that_are_opened_at_once_amid_the_programs_own_flood_all_listen_and_all_answer()
    {
        var program = """
            const net = require('net');
            const ports = {};
            for (let i = 0; i < 50; i++) {
              process.send({ number: i, noise: 'x'.repeat(i % 5 * 30000) });
              const server = net.createServer(socket => socket.end(`server ${i} of ${process.pid}`));
              server.listen(0, '127.0.0.1', () => { ports[i] = server.address().port; if (Object.keys(ports).length === 50) console.log('all listen', JSON.stringify(ports), '.'); });
            }
            """;
        (await Zd.Run("start", WriteNode(program, "instances: 2"))).Succeeded();
        await EventuallyPrints("all listen", 2);
        (await Zd.Run("reload", "web")).Succeeded();
        await EventuallyPrints("all listen", 4);
        var told = System.Text.RegularExpressions.Regex.Matches(Printed, @"all listen (\{.*\}) \.").Select(match => match.Groups[1].Value).Distinct();
        using var ports = System.Text.Json.JsonDocument.Parse(Assert.Single(told));
        var answers = await Task.WhenAll(ports.RootElement.EnumerateObject().Select(async port => (port.Name, Said: await Hear(port.Value.GetInt32()))));
        Assert.All(answers, answer => Assert.StartsWith($"server {answer.Name} of ", answer.Said, StringComparison.Ordinal));
    }

    private static async Task<string> Hear(int port)
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(System.Net.IPAddress.Loopback, port).WaitAsync(Soon);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync().WaitAsync(Soon);
    }

    [Fact]
    public async Task A_program_may_hang_up()
    {
        (await Zd.Run("start", WriteNode(Server() + "process.disconnect?.();", "exec_mode: fork"))).Succeeded();
        (await Zd.Run("start", WriteNode(
            $"setInterval(() => process.connected && require('fs').existsSync('{Zd.Folder}/enough') && process.disconnect(), 50); process.on('exit', code => console.log('left with', code));",
            "exec_mode: cluster\nautorestart: false", "queue"))).Succeeded();
        Zd.Write("enough", "");
        await EventuallyPrints("listening");
        Assert.Contains("here is my voice", await Get(), StringComparison.Ordinal);
        await EventuallyPrints("left with 0");
        (await Zd.Run("restart", "web")).Succeeded();
    }

    [Fact]
    public async Task A_worker_that_disconnects_from_its_cluster_gets_the_word_that_it_waits_for()
    {
        var program = Server() + "server.on('listening', () => setTimeout(() => require('cluster').worker.disconnect(), 200)); process.on('disconnect', () => console.log('let go'));";
        (await Zd.Run("start", WriteNode(program, "instances: 1"))).Succeeded();
        await EventuallyPrints("let go", 2);
        Assert.True((await Zd.List()).Single().Restarts > 0, "it ended, and was started again");
    }

    [Theory]
    [InlineData("cluster")]
    [InlineData("fork")]
    public async Task Shutdown_with_message_reaches_the_program_instead_of_the_signal_also_in_a_reload(string mode)
    {
        var program = Server(mode == "fork" ? "0" : "") + """
            process.on('SIGINT', () => console.log('a signal'));
            process.on('message', message => { if (message === 'shutdown') { console.log('asked nicely'); process.exit(0); } });
            """;
        (await Zd.Run("start", WriteNode(program, $"exec_mode: {mode}\nshutdown_with_message: true"))).Succeeded();
        (await Zd.Run("reload", "web")).Succeeded();
        await EventuallyPrints("asked nicely", 1);
        (await Zd.Run("stop", "web")).Succeeded();
        await EventuallyPrints("asked nicely", 2);
        Assert.DoesNotContain("a signal", Printed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SIGINT", "instances: 2")]
    [InlineData("SIGTERM", "instances: 2\nkill_signal: SIGTERM")]
    public async Task The_stop_signal_is_sigint_unless_said_otherwise_and_comes_exactly_once_in_reload_and_stop(string signal, string options)
    {
        var program = Server() + $"let n = 0; setInterval(() => {{}}, 1000); process.on('{signal}', () => {{ console.log('signal', ++n); setTimeout(() => process.exit(0), 100); }});";
        (await Zd.Run("start", WriteNode(program, options))).Succeeded();
        (await Zd.Run("reload", "web")).Succeeded();
        await EventuallyPrints("signal 1", 2);
        (await Zd.Run("stop", "web")).Succeeded();
        await EventuallyPrints("signal 1", 4);
        Assert.DoesNotContain("signal 2", Printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_fork_mode_a_program_that_forks_a_cluster_of_its_own_keeps_working()
    {
        var program = $"""
            const cluster = require('cluster');
            if (cluster.isPrimary) cluster.fork().on('message', message => console.log('from the child:', message));
            else require('http').createServer((request, response) => response.end('grandchild pid=' + process.pid)).listen({Port}, () => process.send('hello'));
            """;
        (await Zd.Run("start", WriteNode(program, "exec_mode: fork"))).Succeeded();
        await EventuallyPrints("from the child: hello");
        Assert.Contains("grandchild", await Get(), StringComparison.Ordinal);
        (await Zd.Run("reload", "web")).Succeeded().Says("gap");
        await EventuallyPrints("from the child: hello", 2);
        Assert.Contains("grandchild", await Get(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_may_send_a_handle_of_its_own()
    {
        var program = Server() + """
            require('net').createServer({ pauseOnConnect: true }, socket => process.send('take it', socket)).listen(0, function () {
              require('net').connect(this.address().port).on('close', () => console.log('closed by the other side')).on('error', () => {}).resume();
            });
            """;
        (await Zd.Run("start", WriteNode(program))).Succeeded();
        await EventuallyPrints("closed by the other side", 2);
        await PidsThatAnswer(2);
    }

    [Theory]
    [InlineData(60_000)]
    [InlineData(3_000_000)]
    public async Task A_worker_that_sends_a_handle_with_a_long_message_is_heard_afterwards(int length)
    {
        var program = Server() + $$"""
            server.on('listening', () => {
              const own = require('net').createServer();
              own.listen('{{Zd.Folder}}/own' + process.env.NODE_APP_INSTANCE, () => {
                process.send({ text: 'x'.repeat({{length}}) }, own);
                process.send({ text: 'y'.repeat({{length}}) });
                process.send('ready');
              });
            });
            """;
        (await Zd.Run("start", WriteNode(program, "instances: 2\nwait_ready: strict"))).Succeeded();
        (await Zd.Run("reload", "web")).Succeeded();
        await PidsThatAnswer(2);
    }

    [Fact]
    public async Task Ids_and_environment_are_those_of_a_cluster_worker()
    {
        var program = Server() + """
            const cluster = require('cluster');
            console.log(cluster.isWorker, cluster.worker.id > 0, Object.keys(process.env).filter(name => /^(NODE_CHANNEL|NODE_UNIQUE|LISTEN_)/.test(name)).length, process.env.NODE_APP_INSTANCE);
            """;
        (await Zd.Run("start", WriteNode(program))).Succeeded();
        await EventuallyPrints("true true 0 0");
        await EventuallyPrints("true true 0 1");
    }
}
