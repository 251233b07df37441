using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>Node programs that end by themselves on their stop signal, with nothing but what their authors wrote: their exit hook runs, and nothing of ours keeps them alive.</summary>
public sealed class OwnEndSpecs : NodeClusterTest
{
    /// <summary>Far below kill_timeout (10 s), with room for a busy machine.</summary>
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(5);

    private string Marker => Path.Combine(Zd.Folder, "ended");

    /// <summary>What a program does about its end, and the app's options.</summary>
    public static TheoryData<string, string, string> Endings()
    {
        const string fork = "exec_mode: fork";
        const string cluster = "instances: 1\nexec_mode: cluster";
        return new()
        {
            { "textbook", "process.on('SIGINT', () => server.close());", cluster },
            { "textbook in fork mode", "process.on('SIGINT', () => server.close());", fork },
            { "once", "process.once('SIGINT', () => server.close());", cluster },
            { "SIGTERM", "process.on('SIGTERM', () => server.close());", $"{cluster}\nkill_signal: SIGTERM" },
            { "SIGUSR2", "process.once('SIGUSR2', () => server.close());", $"{fork}\nkill_signal: SIGUSR2" },
            { "another name of the signal", "process.on('SIGIOT', () => server.close());", $"{fork}\nkill_signal: SIGABRT" },
            { "both signals", "for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.close());", fork },
            { "late handler", "setTimeout(() => process.on('SIGINT', () => server.close()), 500);", cluster },
            { "exitCode", "process.on('SIGINT', () => { process.exitCode = 0; server.close(); });", cluster },
            { "beforeExit", "let flushed = false; process.on('SIGINT', () => server.close()); process.on('beforeExit', () => { if (!flushed) setTimeout(() => { flushed = true; }, 50); });", fork },
            { "stdin", "process.stdin.on('data', () => {}); process.on('SIGINT', () => server.close());", fork },
            { "stdin of a cluster worker", "require('readline').createInterface({ input: process.stdin }); process.on('SIGINT', () => server.close());", cluster },
            { "message listener", "process.on('message', () => {}); process.on('SIGINT', () => server.close());", cluster },
            { "message", "process.on('message', text => { if (text === 'shutdown') server.close(); });", $"{cluster}\nshutdown_with_message: true" },
            { "message in fork mode", "process.on('message', text => { if (text === 'shutdown') server.close(); });", $"{fork}\nshutdown_with_message: true" },
            { "process.exit in the callback", "process.on('SIGINT', () => server.close(() => process.exit(0)));", cluster },
            { "work before closing that keeps nothing alive", "process.on('SIGINT', () => { setTimeout(() => { done = true; server.close(); }, 300).unref(); }); let done = false; process.on('exit', () => { if (!done) process.exitCode = 9; });", cluster },
            { "the worker's own disconnect", "process.on('SIGINT', () => require('cluster').worker.disconnect());", cluster },
            { "nodes disconnect", "process.on('SIGINT', () => process.disconnect());", cluster },
            { "emit of another library", "const emit = process.emit; process.emit = function () { return emit.apply(this, arguments); }; process.on('SIGINT', () => server.close());", cluster },
            { "close on disconnect", "process.on('disconnect', () => server.close()); process.on('SIGINT', () => {});", cluster },
            { "an open timer that the handler clears", "const timer = setInterval(() => {}, 1000); process.on('SIGINT', () => { clearInterval(timer); server.close(); });", fork },
        };
    }

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task A_program_that_ends_by_itself_is_not_waited_for_and_not_killed(string how, string ending, string options)
    {
        (await Zd.Run("start", WriteNode(Program(ending), options))).Succeeded();
        await ItAnswers();
        await HandlersStand();
        var instances = (await Zd.List()).Count;
        var stopped = (await Zd.Run("stop", "web")).Succeeded();
        TestContext.Current.TestOutputHelper?.WriteLine($"{how}: {stopped.Took.TotalMilliseconds:0} ms");
        Assert.Equal(string.Concat(Enumerable.Repeat("exit 0\n", instances)), File.ReadAllText(Marker));
        Assert.True(stopped.Took < Quick, $"{how}: {stopped}");
        Assert.DoesNotContain("SIGKILL", DaemonLog, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".mjs", "")]
    [InlineData(".mjs", "interpreter_args: --import ./first.mjs")]
    [InlineData(".cjs", "interpreter_args: --require ./first.cjs")]
    public async Task Nor_one_of_es_modules_or_with_handlers_of_something_loaded_before(string extension, string options)
    {
        _ = NodeApps.Plain("http.cjs"); // skips where there is no Node
        const string handler = "process.on('SIGINT', () => globalThis.server.close());";
        Zd.Write("first.mjs", handler);
        Zd.Write("first.cjs", handler);
        var http = extension == ".mjs" ? "import http from 'node:http'; import fs from 'node:fs';" : "const http = require('http'), fs = require('fs');";
        Zd.Write($"web{extension}", $$"""
            {{http}}
            globalThis.server = http.createServer((request, response) => response.end(`pid=${process.pid}`)).listen({{Port}});
            {{(options.Length > 0 ? "" : handler)}}
            process.on('exit', code => fs.appendFileSync('{{Marker}}', `exit ${code}\n`));
            """);
        var file = Zd.Write("web.yaml", App("web", $"web{extension}", $"instances: 1\nexec_mode: cluster\n{options}"));
        (await Zd.Run("start", file)).Succeeded();
        await ItAnswers();
        var stopped = (await Zd.Run("stop", "web")).Succeeded();
        Assert.Equal("exit 0\n", File.ReadAllText(Marker));
        Assert.True(stopped.Took < Quick, stopped.ToString());
    }

    [Fact]
    public async Task A_request_in_flight_is_answered_before_the_program_ends_by_itself()
    {
        (await Zd.Run("start", WriteNode(Program("process.on('SIGINT', () => server.close());")))).Succeeded();
        var answer = Get("/?delay=1500");
        await Accepted(1);
        (await Zd.Run("stop", "web")).Succeeded();
        Assert.Contains("pid=", await answer, StringComparison.Ordinal);
        Assert.Equal("exit 0\nexit 0\n", File.ReadAllText(Marker));
    }

    [Fact]
    public async Task A_signal_that_is_not_the_stop_signal_does_not_end_it_before_its_time()
    {
        // The request is answered at the second SIGUSR2.
        (await Zd.Run("start", WriteNode(Program("""
            let reopened = 0;
            const held = [];
            server.prependListener('request', (request, response) => { if (request.url === '/held') { held.push(response.end.bind(response)); response.end = () => {}; } });
            process.on('SIGUSR2', () => { console.log('reopened', ++reopened); if (reopened === 2) held.forEach(end => end(`pid=${process.pid}`)); });
            process.on('SIGINT', () => server.close());
            """), "instances: 1\nexec_mode: cluster"))).Succeeded();
        var pid = (await Zd.List()).Single().Pid;
        var answer = Get("/held");
        await Accepted(1);
        using var stop = Zd.Begin("stop", "web");
        await Zd.ListUntil(list => list.Single().Status == "stopping", "it drains");
        Tool.Signal(pid, "USR2");
        await EventuallyPrints("reopened 1");
        Tool.Signal(pid, "USR2");
        Assert.Contains("pid=", await answer, StringComparison.Ordinal);
        (await stop.Finished(ZdHome.Patience)).Succeeded();
        Assert.Equal("exit 0\n", File.ReadAllText(Marker));
    }

    [Fact]
    public async Task A_restart_under_load_does_not_leave_the_port_unanswered()
    {
        (await Zd.Run("start", WriteNode(Program("process.on('SIGINT', () => server.close());"), "instances: 1\nexec_mode: cluster"))).Succeeded();
        await using var load = LoadClient.LoadRun.Start(new LoadClient.LoadPlan(Url) { KeepAlive = 4, Fresh = 4, Think = TimeSpan.FromMilliseconds(5) });
        await load.WaitForRequestsAsync(100, Soon);
        var restarted = (await Zd.Run("restart", "web")).Succeeded();
        await load.WaitForMoreAsync(100, Soon);
        NothingFailed(await load.StopAsync());
        Assert.True(restarted.Took < Quick, restarted.ToString());
        Assert.Equal("exit 0\n", File.ReadAllText(Marker));
    }

    private string Program(string ending) => Server($"{{ port: {Port}, host: '127.0.0.1' }}") + "\n" + ending + $"\nprocess.on('exit', code => require('fs').appendFileSync('{Marker}', `exit ${{process.exitCode || code}}\\n`));\nsetTimeout(() => console.log('handlers stand'), 600);\n";

    private Task HandlersStand() => Eventually.Holds(
        async () => Printed.Split("handlers stand").Length > (await Zd.List()).Count, "each worker has set its handlers", Zd.Evidence);
}
