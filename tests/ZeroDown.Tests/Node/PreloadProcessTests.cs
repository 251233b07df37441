using Xunit;
using ZeroDown.Tests.AspNetCore;

namespace ZeroDown.Tests.Node;

/// <summary>What the program itself sees: its signal, its channel, its children, and nothing of ours.</summary>
public sealed class PreloadProcessTests
{
    private const string Answers = "const server = require('http').createServer((request, response) => response.end('hello')); server.listen(0, '127.0.0.1');\n";

    [Fact]
    public async Task A_program_without_a_signal_handler_dies_of_its_signal()
    {
        await using var primary = await StandInPrimary.StartAsync(Answers);
        await primary.DrainAsync();
        Assert.Equal("SIGINT", (await primary.NextAsync("exit")).Signal);
    }

    [Fact]
    public async Task A_program_that_closes_its_server_in_its_handler_sees_no_error_and_one_signal()
    {
        await using var primary = await StandInPrimary.StartAsync(Answers + """
            process.on('SIGINT', () => {
              const { port } = server.address();
              console.log(`signal, listening ${server.listening}, port ${port > 0}`);
              server.close(problem => { console.log(problem ? `problem ${problem.code}` : 'closed'); process.exit(problem ? 1 : 0); });
            });
            """);
        using var idle = await RawHttp.ConnectAsync(primary.Port);
        await idle.AskAsync("/");
        await primary.DrainAsync(idleMs: 200);
        await idle.WaitForEndAsync();
        Assert.Equal("signal, listening true, port true", await primary.NextLineAsync("signal"));
        Assert.Equal("closed", await primary.NextLineAsync(""));
        Assert.Equal(0, (await primary.NextAsync("exit")).Code);
        Assert.Equal(1, primary.Evidence().Split("signal, listening").Length - 1);
    }

    [Fact]
    public async Task Closing_twice_is_an_error_as_ever()
    {
        await using var primary = await StandInPrimary.StartAsync(Answers + """
            process.on('SIGINT', () => server.close(first => server.close(second => { console.log(`${first} ${second.code}`); process.exit(0); })));
            """);
        await primary.DrainAsync();
        await primary.NextLineAsync("undefined ERR_SERVER_NOT_RUNNING");
    }

    [Fact]
    public async Task What_it_says_into_the_closed_channel_does_not_kill_it()
    {
        await using var primary = await StandInPrimary.StartAsync(Answers + """
            process.on('SIGINT', () => {
              process.send('bye');
              process.disconnect();
              process.send('bye', problem => { console.log(problem.code); process.exit(3); });
            });
            """);
        await primary.DrainAsync();
        await primary.NextLineAsync("ERR_IPC_CHANNEL_CLOSED");
        Assert.Equal(3, (await primary.NextAsync("exit")).Code);
    }

    [Fact]
    public async Task A_worker_whose_supervisor_died_serves_on()
    {
        await using var primary = await StandInPrimary.StartAsync(Answers + "process.on('disconnect', () => { process.send('anybody?'); console.log('alone'); });");
        await primary.HangUpAsync();
        await primary.NextLineAsync("alone");
        using var connection = await RawHttp.ConnectAsync(primary.Port);
        Assert.Equal(200, (await connection.AskAsync("/")).Status);
        Assert.Equal(0, primary.Count("exit"));
    }

    [Fact]
    public async Task A_cluster_worker_that_hangs_up_by_itself_ends_as_ever()
    {
        await using var primary = await StandInPrimary.StartAsync(Answers + "server.on('listening', () => setTimeout(() => process.disconnect(), 300));");
        Assert.Equal(0, (await primary.NextAsync("exit")).Code);
    }

    [Fact]
    public async Task Told_to_stay_connected_it_says_so_instead_of_hanging_up()
    {
        await using var primary = await StandInPrimary.StartAsync(Answers);
        await primary.DrainAsync(stay: true);
        await primary.NextAsync("drained");
        Assert.Equal(0, primary.Count("disconnect"));
    }

    [Fact]
    public async Task In_fork_mode_a_program_with_a_port_of_its_own_drains_too_and_waits_for_its_signal()
    {
        await using var primary = await StandInPrimary.StartAsync(
            "const server = require('http').createServer((request, response) => response.end('hello')); server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port));",
            forked: true);
        var port = int.Parse((await primary.NextLineAsync("port "))[5..], System.Globalization.CultureInfo.InvariantCulture);
        using var idle = await RawHttp.ConnectAsync(port);
        await idle.AskAsync("/");
        await primary.DrainAsync();
        Assert.True((await idle.AskAsync("/")).SaysClose);
        Assert.Equal("SIGINT", (await primary.NextAsync("exit")).Signal);
    }

    [Fact]
    public async Task In_fork_mode_a_script_that_is_done_ends()
    {
        await using var primary = await StandInPrimary.StartAsync("console.log(`policy ${require('cluster').isPrimary}`);", forked: true);
        await primary.NextLineAsync("policy true");
        Assert.Equal(0, (await primary.NextAsync("exit")).Code);
    }

    [Fact]
    public async Task A_program_may_still_choose_the_policy_of_a_cluster_of_its_own_and_its_workers_know_nothing_of_us()
    {
        await using var primary = await StandInPrimary.StartAsync("""
            process.env.NODE_CLUSTER_SCHED_POLICY = 'none';
            const cluster = require('cluster');
            if (cluster.isPrimary) {
              console.log(`policy ${cluster.schedulingPolicy}`);
              cluster.fork().on('message', text => console.log(text));
            } else {
              process.send(`child ${process.env.NODE_OPTIONS} ${Object.hasOwn(require('net').Server.prototype, 'emit')}`);
            }
            """, forked: true);
        Assert.Equal("policy 1", await primary.NextLineAsync("policy"));
        Assert.Equal("child undefined false", await primary.NextLineAsync("child"));
    }

    [Fact]
    public async Task Its_children_and_threads_do_not_load_it_and_the_rest_of_node_options_stays()
    {
        await using var primary = await StandInPrimary.StartAsync(Answers + """
            const look = `console.log(process.argv[1] + ' ' + process.env.NODE_OPTIONS + ' ' + Object.hasOwn(require('net').Server.prototype, 'emit'))`;
            const inherit = { stdio: ['ignore', 'inherit', 'inherit'] };
            require('child_process').spawn(process.execPath, ['-e', look, 'spawned'], inherit);
            new (require('worker_threads').Worker)(`console.log('thread ' + Object.hasOwn(require('net').Server.prototype, 'emit'))`, { eval: true });
            console.log('options ' + process.env.NODE_OPTIONS);
            """, nodeOptions: "--no-warnings --title=\\\"a b\\\"".Replace("\\", "", StringComparison.Ordinal));
        const string rest = "--no-warnings --title=\"a b\"";
        Assert.Equal($"options {rest}", await primary.NextLineAsync("options"));
        var lines = new[] { await primary.NextLineAsync(""), await primary.NextLineAsync("") }.Order(StringComparer.Ordinal);
        Assert.Equal([$"spawned {rest} false", "thread false"], lines);
        Assert.Equal(1, primary.Count("hello"));
    }

    [Theory]
    [InlineData(".mjs", "import { createServer } from 'node:http'; createServer((request, response) => response.end('hello')).on('connection', () => console.log('accepted')).listen(0, '127.0.0.1');")]
    [InlineData(".mjs", "import { createServer } from 'node:net'; createServer(socket => { console.log('accepted'); socket.end('HTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\n\\r\\nx'); }).listen(0, '127.0.0.1');")]
    public async Task Es_modules_drain_too(string extension, string program)
    {
        await using var primary = await StandInPrimary.StartAsync(program, extension: extension);
        using var connection = await RawHttp.ConnectAsync(primary.Port);
        await primary.NextLineAsync("accepted");
        await primary.DrainAsync();
        Assert.Equal(200, (await connection.AskAsync("/")).Status);
        connection.Dispose();
        await primary.NextAsync("disconnect");
    }

    [Fact]
    public async Task Typescript_that_node_strips_itself_drains_too()
    {
        Platform.Tool.Require("node");
        var (_, version) = Platform.Tool.Run(StandInPrimary.Interpreter, "-p", "process.features.typescript || false");
        Assert.SkipWhen(version.Trim() == "false", "this Node does not strip types by itself");
        await using var primary = await StandInPrimary.StartAsync(
            "import { createServer, type Server } from 'node:http';\nconst server: Server = createServer((request, response) => { response.end('hello'); });\nserver.on('connection', () => console.log('accepted')).listen(0, '127.0.0.1');",
            extension: ".mts");
        using var connection = await RawHttp.ConnectAsync(primary.Port);
        await primary.NextLineAsync("accepted");
        await primary.DrainAsync();
        Assert.True((await connection.AskAsync("/")).SaysClose);
        await primary.NextAsync("disconnect");
    }

    [Fact]
    public async Task A_shared_datagram_socket_leaves_the_packets_to_the_others()
    {
        await using var primary = await StandInPrimary.StartAsync("""
            const socket = require('dgram').createSocket('udp4');
            socket.on('message', (text, from) => socket.send(String(process.pid), from.port, from.address));
            socket.bind({ address: '127.0.0.1', port: 0 }, () => {
              const server = require('http').createServer((request, response) => response.end('hello'));
              server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port));
            });
            """);
        var port = int.Parse((await primary.NextLineAsync("port "))[5..], System.Globalization.CultureInfo.InvariantCulture);
        using var keepsItThere = await RawHttp.ConnectAsync(port);
        await keepsItThere.AskAsync("/");
        var old = await primary.AskUdpAsync("who?");
        await primary.ReloadAsync();
        await primary.NextAsync("draining");
        for (var i = 0; i < 20; i++)
            Assert.NotEqual(old, await primary.AskUdpAsync("who?"));
        Assert.True((await keepsItThere.AskAsync("/")).SaysClose);
    }

    [Fact]
    public void Outside_zerodown_it_is_silent_and_changes_nothing()
    {
        var preload = Path.Combine(StandInPrimary.RepositoryRoot(), "src", "ZeroDown.Node", "preload.cjs");
        Platform.Tool.Require("node");
        var (code, output) = Platform.Tool.Run(
            "env", $"NODE_OPTIONS=--require \"{preload}\"", "ZD_APP=app", StandInPrimary.Interpreter, "-e",
            "console.log(process.env.NODE_OPTIONS, Object.hasOwn(require('net').Server.prototype, 'emit'), process.eventNames().join())");
        Assert.Equal((0, "undefined false newListener,removeListener,warning"), (code, Ordered(output)));

        static string Ordered(string text)
        {
            var words = text.Trim().Split(' ');
            return string.Join(' ', words[0], words[1], string.Join(',', words[2].Split(',').Order(StringComparer.Ordinal)));
        }
    }
}
