using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Pressure;

/// <summary>What the machine does to us: no more files, no more processes, a daemon that stands still, everybody at once.</summary>
public sealed class PressureSpecs : EndToEndTest
{
    private static readonly TimeSpan KeepersPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KeeperAsksEvery = KeepersPatience / 4;

    [Theory]
    [InlineData("daemon")]
    [InlineData("keeper")]
    public async Task Without_files_a_launch_is_refused_and_tried_again_while_everything_else_goes_on(string who)
    {
        Assert.SkipUnless(Tool.Run("prlimit", "--version") == 0, "prlimit is not installed here");
        (await Zd.Run("start", WriteApp())).Succeeded();
        var pid = ProcessTable.OfHome(Zd.Home, $" {who} ").Single().Pid;
        var open = Directory.GetFiles($"/proc/{pid}/fd").Length;
        SetLimit(pid, $"--nofile={open + 20}:20000");
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 2, KeepAlive = 2 });

        (await Zd.Run("scale", "web", "4")).Exited(1).Says($"the {who} (pid {pid})", "descriptors left", "prlimit --nofile").HasNoStackTrace();
        for (var i = 0; i < 5; i++)
            Assert.Equal(2, (await Zd.List()).Count(worker => worker.Status == "online"));
        (await Zd.Run("logs", "--nostream")).Succeeded();

        SetLimit(pid, "--nofile=20000:20000");
        await Zd.ListUntil(workers => workers.Count(worker => worker.Status == "online") == 4, "with room again all four are online");
        NothingFailed(await load.StopAsync());
    }

    [Fact]
    public async Task Without_processes_a_launch_fails_and_is_tried_again()
    {
        // A user of whom nothing else runs: the limit counts all of a user's processes.
        string[] somebody = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups"];
        Assert.SkipUnless(Environment.UserName == "root" && Tool.Run(somebody[0], [.. somebody[1..], Programs.Zd, "--version"]) == 0, "this needs root, setpriv, and a zd that others may run");
        Tool.Run("chown", "54321:54321", Zd.Folder);
        Zd.Environment["HOME"] = Zd.Folder;
        using var run = Zd.BeginUnder(somebody, "run", Zd.Write("ecosystem.yaml", App("job", "/bin/sh", "args: ['-c', 'exec sleep 600']\ncwd: /\n")));
        await run.Says("✓ job is online");
        var keeper = ProcessTable.OfHome(Zd.Home, " keeper ").Single().Pid;
        var allowed = File.ReadLines($"/proc/{keeper}/limits").Single(line => line.StartsWith("Max processes", StringComparison.Ordinal))[13..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        SetLimit(keeper, "--nproc=1:", somebody);

        using var scale = Zd.BeginUnder(somebody, "scale", "job", "2");
        (await scale.Finished(Soon)).Exited(1).Says("could not be launched", "EAGAIN").HasNoStackTrace();
        SetLimit(keeper, $"--nproc={allowed}:", somebody);
        await run.Says("App [job:1] online");
        run.Signal("TERM");
        (await run.Finished(Soon)).Succeeded();
    }

    [Fact]
    public async Task A_daemon_that_stands_still_is_replaced_and_no_request_notices()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var before = await Zd.List();
        var daemon = ProcessTable.OfHome(Zd.Home, " daemon ").Single().Pid;
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 2, KeepAlive = 2 });
        Tool.Signal(daemon, "STOP");
        await Eventually.Holds(
            () => Task.FromResult(ProcessTable.OfHome(Zd.Home, " daemon ") is [var other] && other.Pid != daemon && !ProcessTable.Exists(daemon)),
            "another daemon is there", Zd.Evidence);
        await Zd.ListUntil(workers => workers.Select(worker => (worker.Pid, worker.Status)).SequenceEqual(before.Select(worker => (worker.Pid, worker.Status))), "it knows the same workers");
        NothingFailed(await load.StopAsync());
        (await Zd.Run("reload", "web")).Succeeded();
    }

    [Fact]
    public async Task When_everything_stands_still_for_a_while_nobody_is_blamed_for_it()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var before = await Zd.List();
        var (keeper, daemon) = (ProcessTable.OfHome(Zd.Home, " keeper ").Single().Pid, ProcessTable.OfHome(Zd.Home, " daemon ").Single().Pid);
        int[] all = [.. before.Select(worker => worker.Pid), keeper, daemon];
        // The daemon first, until it owes the keeper an answer: then, and only then, a pause looks like a daemon that hangs. Both times are the very thing that is tried.
        Tool.Signal(daemon, "STOP");
        await Task.Delay(KeeperAsksEvery * 1.2, TestContext.Current.CancellationToken);
        foreach (var pid in all)
            Tool.Signal(pid, "STOP");
        await Task.Delay(KeepersPatience * 1.1, TestContext.Current.CancellationToken);
        foreach (var pid in all)
            Tool.Signal(pid, "CONT");

        Assert.Equal(before, await Zd.List());
        Assert.NotEmpty(await Get());
        (await Zd.Run("reload", "web")).Succeeded();
        Assert.Equal((keeper, daemon), (ProcessTable.OfHome(Zd.Home, " keeper ").Single().Pid, ProcessTable.OfHome(Zd.Home, " daemon ").Single().Pid));
    }

    [Fact]
    public async Task A_hundred_clients_at_once_all_get_their_answer()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var clock = Stopwatch.StartNew();
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(AskAsync));
        TestContext.Current.TestOutputHelper?.WriteLine($"100 answers in {clock.Elapsed.TotalMilliseconds:0} ms");
        Assert.All(answers, answer => Assert.Contains("\"result\":{", answer, StringComparison.Ordinal));

        // The command itself, as many as the memory of a small machine has room for under the JIT.
        var commands = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => Zd.Run(number % 4 == 0 ? ["reset", "web"] : ["jlist"])));
        Assert.All(commands, command => command.Succeeded());
    }

    [Fact]
    public async Task Many_first_commands_at_once_start_one_daemon()
    {
        var file = WriteApp();
        var starts = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Zd.Run("start", file)));
        // Whoever comes when the app runs already asks for a roll, and a second roll beside the first is refused in words.
        Assert.Contains(starts, start => start.ExitCode == 0);
        Assert.All(starts.Where(start => start.ExitCode != 0), start => start.Exited(1).Says("is being reloaded just now"));
        // A keeper that came second has told its command so, and ends by itself.
        await Eventually.Holds(
            () => Task.FromResult(ProcessTable.OfHome(Zd.Home, " daemon ").Count == 1 && ProcessTable.OfHome(Zd.Home, " keeper ").Count == 1), "one daemon and one keeper are left", Zd.Evidence);
        Assert.Equal(2, (await Zd.List()).Count);
    }

    private async Task<string> AskAsync(int number)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(Zd.Home, "zd.pipe")));
        await using var stream = new NetworkStream(socket);
        var method = number % 10 == 0 ? "reset" : "list";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"jsonrpc\":\"2.0\",\"id\":{number},\"method\":\"{method}\",\"params\":{{\"targets\":[\"all\"]}}}}\n")));
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync().WaitAsync(Soon) is { } line)
        {
            if (line.Contains("\"id\":", StringComparison.Ordinal))
                return line;
        }

        return "nothing";
    }

    /// <param name="pid">Whose.</param>
    /// <param name="limit">As prlimit takes it.</param>
    /// <param name="outer">What makes us the process's own user, when it is somebody else's.</param>
    private static void SetLimit(int pid, string limit, params string[] outer)
    {
        string[] words = [.. outer, "prlimit", "--pid", pid.ToString(CultureInfo.InvariantCulture), limit];
        Assert.Equal(0, Tool.Run(words[0], words[1..]));
    }
}
