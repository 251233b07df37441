using System.Diagnostics;
using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Node;

namespace ZeroDown.EndToEnd.Survival;

/// <summary>The daemon, the cluster's primary, is killed in the middle of Node's protocol: no <c>listen()</c> hangs and no connection.</summary>
public sealed class NodeProtocolSpecs : SurvivalTest
{
    /// <summary>Listens on one port more for each SIGUSR2, and says when it does.</summary>
    private string Asking => $$"""
        const http = require('http');
        http.createServer((request, response) => response.end('here')).listen({{Port}}, () => console.log('listening'));
        let asked = 0;
        process.on('SIGUSR2', () => {
          const number = ++asked;
          const server = http.createServer((request, response) => response.end(`number ${number}`));
          server.on('error', problem => console.log(`refused ${number} ${problem.code}`));
          server.listen(0, '127.0.0.1', () => console.log(`got ${number} on ${server.address().port}`));
          setImmediate(() => require('fs').writeFileSync(`asked-${number}`, ''));
        });
        """;

    [Fact]
    public async Task A_question_that_the_dead_daemon_did_not_read_is_answered_by_the_next()
    {
        (await Zd.Run("start", WriteNode(Asking, "exec_mode: cluster\ninstances: 1"))).Succeeded();
        var (worker, daemon) = ((await Pids()).Single(), Daemon);
        Stop(daemon);
        Signal(worker, "USR2");
        await Asks(1);
        Kill(daemon);
        await EventuallyPrints("got 1");
        await AnswersOn(1);
    }

    /// <summary>At another point of the exchange each time: the question on its way, read, answered, acknowledged.</summary>
    [Fact]
    public async Task A_question_is_answered_whenever_the_daemon_is_killed()
    {
        const int times = 12;
        (await Zd.Run("start", WriteNode(Asking, "exec_mode: cluster\ninstances: 1"))).Succeeded();
        var worker = (await Pids()).Single();
        for (var time = 1; time <= times; time++)
        {
            var daemon = Daemon;
            Signal(worker, "USR2");
            var after = Stopwatch.StartNew();
            while (after.Elapsed < TimeSpan.FromMilliseconds(time * 0.7))
                Thread.SpinWait(50);
            Process.GetProcessById(daemon).Kill();
            await Replaced(daemon);
            await EventuallyPrints($"got {time} on");
        }

        for (var time = 1; time <= times; time++)
            await AnswersOn(time);
        Assert.Equal(worker, (await Pids()).Single());
    }

    [Fact]
    public async Task A_socket_that_was_sent_and_not_acknowledged_is_not_lost()
    {
        (await Zd.Run("start", WriteNode(Asking, "exec_mode: cluster\ninstances: 1"))).Succeeded();
        var (worker, daemon) = ((await Pids()).Single(), Daemon);
        // The daemon stands still until the question is there, then the worker until the answer is.
        Stop(daemon);
        Signal(worker, "USR2");
        await Asks(1);
        Stop(worker);
        Continue(daemon);
        await Eventually.Holds(() => Task.FromResult(DaemonLog.Contains("Listening on 127.0.0.1", StringComparison.Ordinal)), "the daemon opens the socket", Zd.Evidence);
        (await Zd.Run("ping")).Succeeded(); // behind the answer
        Kill(daemon);
        await Replaced(daemon);
        Continue(worker);
        await EventuallyPrints("got 1");
        await AnswersOn(1);
    }

    [Fact]
    public async Task Half_a_message_is_completed_before_the_next_daemon()
    {
        const string program = """
            const fs = require('fs');
            const fd = process.channel.fd;
            fs.writeSync(fd, '"rea');
            process.on('SIGUSR2', () => { fs.writeSync(fd, 'dy"\n'); console.log('whole'); });
            console.log('half');
            setInterval(() => {}, 1000);
            """;
        using var start = Zd.Begin("start", WriteNode(program, "instances: 1\nwait_ready: strict"));
        await EventuallyPrints("half");
        await ReplaceDaemon();
        Signal((await Pids()).Single(), "USR2");
        (await start.Finished(Soon)).Succeeded().Says("online");
    }

    [Fact]
    public async Task A_worker_that_was_preloaded_is_drained_by_the_next_daemon_as_by_the_last()
    {
        (await Zd.Run("start", WriteNode(Server()))).Succeeded();
        await ReplaceDaemon();
        await using var load = LoadClient.LoadRun.Start(new LoadClient.LoadPlan(Url) { KeepAlive = 20, Fresh = 20, Think = TimeSpan.FromMilliseconds(50) });
        await load.WaitForRequestsAsync(200, Soon);
        (await Zd.Run("reload", "web")).Succeeded();
        await load.WaitForMoreAsync(200, Soon);
        NothingFailed(await load.StopAsync());
    }

    [Fact]
    public async Task Messages_and_shutdown_by_message_work_with_the_next_daemon()
    {
        const string program = """
            process.on('message', message => { console.log('heard', message); if (message === 'shutdown') process.exit(0); });
            process.send('ready');
            setInterval(() => {}, 1000);
            """;
        (await Zd.Run("start", WriteNode(program, "instances: 1\nwait_ready: strict\nshutdown_with_message: true"))).Succeeded();
        await ReplaceDaemon();
        (await Zd.Run("stop", "web")).Succeeded();
        await EventuallyPrints("heard shutdown");
        Assert.Single(Printed.Split("heard shutdown").Skip(1));
    }

    /// <summary>Ticket keys travel with the socket: workers of later generations share them.</summary>
    [Fact]
    public async Task The_next_generation_of_an_https_server_starts_under_the_next_daemon()
    {
        Certificates.Write(Path.Combine(Zd.Folder, "key.pem"), Path.Combine(Zd.Folder, "cert.pem"));
        var program = $$"""
            const fs = require('fs');
            const https = require('https');
            https.createServer({ key: fs.readFileSync('key.pem'), cert: fs.readFileSync('cert.pem') }, (request, response) => response.end('secret'))
              .listen({{Port}}, () => console.log('listening'));
            """;
        (await Zd.Run("start", WriteNode(program))).Succeeded();
        await ReplaceDaemon();
        (await Zd.Run("reload", "web")).Succeeded();
        await AllOnline(2, restarts: 1);
    }

    /// <summary>A file says it: while the daemon stands still, nobody moves the worker's words into its log.</summary>
    private Task Asks(int number) => Eventually.Holds(() => Task.FromResult(File.Exists(Path.Combine(Zd.Folder, $"asked-{number}"))), "the worker has asked", Zd.Evidence);

    private async Task AnswersOn(int number)
    {
        var port = System.Text.RegularExpressions.Regex.Match(Printed, $@"got {number} on (\d+)").Groups[1].Value;
        using var client = new HttpClient { Timeout = Soon };
        Assert.Equal($"number {number}", await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/")));
    }
}
