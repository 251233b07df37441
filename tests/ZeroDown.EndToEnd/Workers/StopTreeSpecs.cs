using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Node;

namespace ZeroDown.EndToEnd.Workers;

/// <summary>Programs that do not run in the launched process but below it are asked to stop too, once, and get the time to finish a request.</summary>
public sealed class StopTreeSpecs : EndToEndTest
{
    private static readonly string[] Ways = ["stop", "restart", "reload", "scale", "kill", "run"];
    private static readonly string[] Wrappers =
        ["npm", "yarn", "pnpm", "sh", "bash", "trap", "tini", "tini -g", "parent", "cluster", "concurrently", "cross-env", "gunicorn", "uvicorn", "celery"];

    private static readonly int Times = NodeApps.Soak ? 10 : 1;

    /// <summary>In the gate each wrapper and each way a few times, pairwise; all of them with ZD_SOAK=1.</summary>
    public static TheoryData<string, string> Cells()
    {
        var cells = new TheoryData<string, string>();
        for (var wrapper = 0; wrapper < Wrappers.Length; wrapper++)
        {
            for (var way = 0; way < Ways.Length; way++)
            {
                if (NodeApps.Soak || way == wrapper % Ways.Length || (Wrappers[wrapper] is "npm" or "sh" && way < 3))
                    cells.Add(Wrappers[wrapper], Ways[way]);
            }
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_request_in_flight_is_answered_and_nobody_is_left(string wrapper, string way)
    {
        for (var time = 0; time < Times; time++)
            await OneRequest(wrapper, way, time);
    }

    [Fact]
    public async Task A_daemon_that_is_killed_in_the_middle_leaves_the_end_of_a_tree_to_the_next_one()
    {
        for (var time = 0; time < (NodeApps.Soak ? 10 : 2); time++)
        {
            var words = Path.Combine(Zd.Folder, $"words-{time}");
            var file = Zd.Write("ecosystem.yaml", await new WrappedServer(Zd, words, Port).AppBehind("sh", 1));
            (await Zd.Run("start", file)).Succeeded();
            await Said(words, "listening", 1);
            var leader = Assert.Single(await Zd.List()).Pid;
            using var client = new HttpClient { Timeout = Soon };
            var answer = client.GetStringAsync(new Uri(Url, "/slow"), TestContext.Current.CancellationToken);
            await Said(words, "in-flight", 1);
            using var stop = Zd.Begin("stop", "web");
            // Before the server was asked, and after.
            if (time % 2 == 0)
                await Eventually.Holds(() => Task.FromResult(ProcessTable.LivesSince(leader) is null), "the shell has ended", Zd.Evidence);
            else
                await Said(words, "SIGTERM", 1);
            Assert.Single(ProcessTable.OfHome(Zd.Home, "zd daemon")).Kill();
            (await stop.Finished(Soon)).Succeeded();
            Assert.Contains("answered", await answer, StringComparison.Ordinal);
            Assert.Single(File.ReadAllLines(words), line => line.Contains("SIG", StringComparison.Ordinal));
            Assert.All(Pids(words, "listening"), pid => Assert.Null(ProcessTable.LivesSince(pid)));
            (await Zd.Run("delete", "web")).Succeeded();
        }
    }

    [Fact]
    public async Task Descendants_in_sessions_of_their_own_end_with_the_worker()
    {
        Assert.SkipUnless(WrappedServer.IsOnPath("python3"), "python3 is not on PATH");
        for (var seed = 1; seed <= (NodeApps.Soak ? 100 : 6); seed++)
        {
            var words = Path.Combine(Zd.Folder, $"family-{seed}");
            var file = Zd.Write("family.yaml", App("family", "python3", $"args: ['{Path.Combine(NodeApps.Folder, "trees", "family.py")}', '{seed}', '{words}']\ncwd: {Zd.Folder}\nkill_timeout: 2s"));
            (await Zd.Run("start", file)).Succeeded();
            await Eventually.Holds(async () => (await Zd.Run("logs", "family", "--nostream", "--raw", "--lines", "500")).Out.Split("family complete").Length > seed, "the tree is there", Zd.Evidence);
            var (pids, births) = Born(words);
            Assert.NotEmpty(pids);
            (await Zd.Run("delete", "family")).Succeeded();
            Assert.DoesNotContain(Born(words).Pids, pid => ProcessTable.LivesSince(pid) is { } birth && (!births.TryGetValue(pid, out var seen) || seen == birth));
        }
    }

    [Fact]
    public async Task With_treekill_false_what_lives_on_is_named()
    {
        var file = Zd.Write("ecosystem.yaml", App("web", Zd.Write("start.sh", "sleep 701 &\nsleep 702\n"), "interpreter: sh\ntreekill: false"));
        (await Zd.Run("start", file)).Succeeded();
        (await Zd.Run("stop", "web")).Succeeded().Says("left processes behind", "sleep 701");
        foreach (var left in ProcessTable.OfHome(Zd.Home, "sleep 70"))
            left.Kill();
    }

    [Fact]
    public async Task A_worker_that_reloads_itself_does_not_end_its_own_command()
    {
        var done = Path.Combine(Zd.Folder, "done");
        var go = Path.Combine(Zd.Folder, "go");
        var script = Zd.Write("hook.sh", $"while ! mv {go} {go}ne; do sleep 0.1; done\nsh -c '{Zd.Binary} reload self; echo $? > {done}' &\nsleep 703\n");
        var file = Zd.Write("ecosystem.yaml", App("self", script, "interpreter: sh"));
        (await Zd.Run("start", file)).Succeeded();
        Zd.Write("go", "");
        await Eventually.Holds(() => Task.FromResult(File.Exists(done) && File.ReadAllText(done) == "0\n"), "the command of the worker itself came to its end", Zd.Evidence);
    }

    private async Task OneRequest(string wrapper, string way, int time)
    {
        var words = Path.Combine(Zd.Folder, $"words-{time}");
        var port = Ports.Free();
        var file = Zd.Write("ecosystem.yaml", await new WrappedServer(Zd, words, port).AppBehind(wrapper, instances: way == "scale" ? 2 : 1));
        using var run = way == "run" ? Zd.Begin("run", file) : null;
        if (run is null)
            (await Zd.Run("start", file)).Succeeded();
        await Said(words, "listening", way == "scale" ? 2 : 1);
        using var client = new HttpClient { Timeout = Soon };
        var isTask = wrapper == "celery";
        if (!isTask)
            await Accepts(way == "scale" ? port + 1 : port);
        var answer = isTask ? null : client.GetStringAsync(new Uri($"http://127.0.0.1:{(way == "scale" ? port + 1 : port)}/slow"));
        await Said(words, "in-flight", isTask && way == "scale" ? 2 : 1);
        var tasks = Pids(words, "in-flight");
        var before = Pids(words, "listening");

        switch (way)
        {
            case "run":
                run!.Signal("TERM");
                (await run.Finished(Soon)).Succeeded();
                break;
            case "scale":
                (await Zd.Run("scale", "web", "1")).Succeeded();
                break;
            case "kill":
                (await Zd.Run("kill")).Succeeded();
                break;
            default:
                (await Zd.Run(way, "web")).Succeeded();
                break;
        }

        if (answer is not null)
            Assert.Contains("answered", await answer, StringComparison.Ordinal);
        var asked = File.ReadAllLines(words).Where(line => line.Contains("SIG", StringComparison.Ordinal)).ToList();
        Assert.Equal(asked.Distinct().Select(line => line.Split(' ')[0]).Distinct().Count(), asked.Count); // each process once
        if (answer is not null)
            await HasEnded(int.Parse((await answer).Split('=')[1], CultureInfo.InvariantCulture));
        else if (way != "scale")
            await Done(words, tasks); // the answer of a reload does not wait for the old worker
        if (way is not "scale")
            await Eventually.Holds(() => Task.FromResult(before.All(pid => ProcessTable.LivesSince(pid) is null)), "nobody is left of the old tree", Zd.Evidence);
        if (way is not ("kill" or "run"))
            (await Zd.Run("delete", "web")).Succeeded();
        if (isTask)
            await Done(words, tasks);
    }

    private async Task Done(string words, List<int> tasks) =>
        await Eventually.Holds(() => Task.FromResult(File.Exists(words) && !tasks.Except(Pids(words, "done")).Any()), "the tasks that ran have ended well", Zd.Evidence);

    private async Task HasEnded(int pid) =>
        await Eventually.Holds(() => Task.FromResult(ProcessTable.LivesSince(pid) is null), $"{pid} has ended", Zd.Evidence);

    private async Task Accepts(int port) => await Eventually.Holds(
        async () =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        },
        $"port {port} accepts", Zd.Evidence);

    private async Task Said(string words, string word, int times) => await Eventually.Holds(
        () => Task.FromResult(File.Exists(words) && File.ReadAllLines(words).Count(line => line.EndsWith(word, StringComparison.Ordinal)) >= times),
        $"the server says '{word}'", Zd.Evidence);

    private static List<int> Pids(string words, string word) =>
        [.. File.ReadAllLines(words).Where(line => line.EndsWith(word, StringComparison.Ordinal)).Select(line => int.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture))];

    private static (List<int> Pids, Dictionary<int, string> Births) Born(string words)
    {
        var pids = Pids(words, "born");
        return (pids, pids.Where(pid => ProcessTable.LivesSince(pid) is not null).ToDictionary(pid => pid, pid => ProcessTable.LivesSince(pid)!));
    }
}
