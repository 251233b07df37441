using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Node;
using ZeroDown.EndToEnd.Roll;

namespace ZeroDown.EndToEnd.Survival;

/// <summary>A test that kills the daemon (never the keeper, never a worker, unless it says so) and looks who notices.</summary>
public abstract partial class SurvivalTest : NodeClusterTest
{
    private readonly List<long> _moments = [];

    /// <summary>Runs what is meant for long nights too.</summary>
    protected static bool Soak { get; } = Environment.GetEnvironmentVariable("ZD_SOAK") == "1";

    protected int Daemon => Single(" daemon ");

    protected int Keeper => Single(" keeper ");

    protected static void Stop(int pid) => Signal(pid, "STOP");

    protected static void Continue(int pid) => Signal(pid, "CONT");

    /// <summary>SIGKILL; returns when they are dead, which takes a busy machine a while.</summary>
    protected static void Kill(params int[] pids)
    {
        var lived = pids.Select(pid => (Pid: pid, Since: ProcessTable.LivesSince(pid))).ToList();
        foreach (var pid in pids)
            Signal(pid, "KILL");
        Assert.True(
            SpinWait.SpinUntil(() => lived.All(one => ProcessTable.LivesSince(one.Pid) != one.Since || one.Since is null), Eventually.Deadline),
            $"killed, and not dead after {Eventually.Deadline.TotalSeconds} s: one of {string.Join(", ", pids)}");
    }

    /// <summary>SIGKILL to the daemon, whatever it is doing.</summary>
    /// <returns>Its pid.</returns>
    protected int KillDaemon()
    {
        var daemon = Daemon;
        Kill(daemon);
        return daemon;
    }

    /// <summary>SIGKILL to the daemon; returns when the next one answers.</summary>
    protected Task ReplaceDaemon() => Replaced(KillDaemon());

    protected Task Replaced(int old) => Eventually.Holds(
        async () => await Zd.Run("ping") is { ExitCode: 0 } && Daemon != old, "another daemon answers", Zd.Evidence);

    protected int? KeeperOrNone => OnlyOne(" keeper ");

    /// <summary>For a moment there may be two of them, or none.</summary>
    protected int? OnlyOne(string verb) => ProcessTable.OfHome(Zd.Home, verb).Where(process => process.State != "Z").ToList() is [var one] ? one.Pid : null;

    /// <summary>SIGKILL to the keeper; returns when there are another keeper and another daemon.</summary>
    protected async Task ReplaceKeeper()
    {
        var (keeper, daemon) = (Keeper, Daemon);
        Kill(keeper);
        await Eventually.Holds(
            () => Task.FromResult(KeeperOrNone is { } next && next != keeper && OnlyOne(" daemon ") is { } other && other != daemon), "there are another keeper and daemon", Zd.Evidence);
        (await Zd.Run("ping")).Succeeded();
    }

    protected void KillBoth()
    {
        var (keeper, daemon) = (Keeper, Daemon);
        // The keeper stands still first, so that neither replaces the other.
        Stop(daemon);
        Kill(keeper, daemon);
    }

    /// <summary>The state is brought to the disk a moment after each step. One that names the workers may still say that they are starting.</summary>
    protected Task StateIsOnDisk() => Eventually.Holds(
        async () =>
        {
            var path = Path.Combine(Zd.Home, "state.json");
            var listed = (await Zd.List()).Where(row => row.Pid != 0).Select(row => (row.Pid, row.Status == "online"));
            return File.Exists(path) && !listed.Except(
                from app in JsonNode.Parse(Read(path))!["fleet"]!["apps"]?.AsArray() ?? []
                from worker in app!["workers"]?.AsArray() ?? [] // none yet, in the first state of a start
                where worker!["pid"] is not null
                select (worker!["pid"]!.GetValue<int>(), worker["phase"]!.GetValue<string>() == "Ready")).Any();
        },
        "the state is on the disk", Zd.Evidence);

    /// <summary>
    /// The time in which there is no daemon, as long as <paramref name="meanwhile"/> takes: the keeper stands still too, so it sees the daemon's death, and all that
    /// happens after it, only afterwards.
    /// </summary>
    protected async Task WithoutDaemon(Func<Task> meanwhile)
    {
        var (keeper, daemon) = (Keeper, Daemon);
        Stop(keeper);
        Kill(daemon);
        try
        {
            await meanwhile();
        }
        finally
        {
            Continue(keeper);
        }

        await Replaced(daemon);
    }

    /// <summary>Two workers that serve <see cref="EndToEndTest.Url"/>.</summary>
    protected async Task StartWeb(Variant worker)
    {
        worker.OrSkip();
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", worker.Program, $"{worker.Options()}\ninstances: 2\nlisten: 127.0.0.1:{Port}")))).Succeeded();
    }

    /// <inheritdoc cref="StartWeb"/>
    protected async Task StartNode() =>
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", NodeApps.Plain("http.cjs"), $"exec_mode: cluster\ninstances: 2\nenv: {{ PORT: {Port} }}")))).Succeeded();

    /// <summary>What clients do meanwhile.</summary>
    protected LoadPlan Clients => new(Url) { KeepAlive = 50, Fresh = 50, Think = TimeSpan.FromMilliseconds(50) };

    /// <summary>No client notices what is done, however long its request takes, and the list shows the same workers as before.</summary>
    protected async Task NobodyNotices(Func<Task> what, int times)
    {
        var before = await Fleet();
        await using var load = LoadRun.Start(Clients);
        await using var delayed = LoadRun.Start(new LoadPlan(new Uri(Url, "/?delay=100")) { KeepAlive = 10, Fresh = 10, ExpectedDelay = TimeSpan.FromMilliseconds(100), Seed = 2 });
        await load.WaitForRequestsAsync(500, Soon);
        for (var time = 0; time < times; time++)
        {
            await what();
            await load.WaitForMoreAsync(200, Soon);
        }

        Assert.All(await Task.WhenAll(load.StopAsync(), delayed.StopAsync()), NothingFailed);
        Assert.Equal(before, await Fleet());
    }

    /// <summary>Whoever was taken over is a worker like any other, and so are those who come after it.</summary>
    protected async Task ARollLosesNothing(params string[][] furtherCommands)
    {
        await using var load = LoadRun.Start(Clients);
        (await Zd.Run("reload", "web")).Succeeded();
        foreach (var words in furtherCommands)
            (await Zd.Run(words)).Succeeded();
        NothingFailed(await load.StopAsync());
        await AllOnline(2, restarts: 1);
    }

    protected Task IsStartedAgain(int victim) => Eventually.Holds(
        async () => (await Zd.List())[0] is { Status: "online", Restarts: 1 } next && next.Pid != victim, "it is started again", Zd.Evidence);

    /// <summary>The app "web" prints what it reads, and "count" counts.</summary>
    protected async Task StartTalkers()
    {
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "args: [print-stdin, hang]")))).Succeeded();
        (await Zd.Run("start", Zd.Write("count.yaml", App("count", Programs.TestWorker, "args: [count, '3', hang]")))).Succeeded();
    }

    /// <summary>The app "web" reads what is sent to it, and its answer is in its log.</summary>
    protected async Task ReadsWhatIsSent(string target = "web")
    {
        var log = Path.Combine(Zd.Home, "logs", "web-out.log");
        (await Zd.Run("send", target, "are you there")).Succeeded();
        await Eventually.Holds(() => Task.FromResult(Read(log).Contains("stdin: are you there", StringComparison.Ordinal)), "it reads the line", Zd.Evidence);
    }

    /// <summary><c>zd jlist</c> without what is measured anew each time. Moments are the same when they differ by no more than two readings of a clock may.</summary>
    protected async Task<string> Fleet()
    {
        var rows = JsonNode.Parse((await Zd.Run("jlist")).Succeeded().Out)!.AsArray();
        foreach (var row in rows)
        {
            row!.AsObject().Remove("monit");
            var details = row["pm2_env"]!.AsObject();
            foreach (var moment in new[] { "pm_uptime", "created_at" })
                details[moment] = Steady(details[moment]!.GetValue<long>());
        }

        return rows.ToJsonString(new() { WriteIndented = true });
    }

    /// <summary>The one of the moments seen before that is meant. (Rounded, two that are a millisecond apart may come out as different ones.)</summary>
    private long Steady(long moment)
    {
        if (!_moments.Exists(known => Math.Abs(known - moment) <= 100))
            _moments.Add(moment);
        return _moments.Find(known => Math.Abs(known - moment) <= 100);
    }

    protected async Task AllOnline(int count, int restarts)
    {
        IReadOnlyList<ListedWorker> rows = [];
        await Eventually.Holds(
            async () => (rows = await Zd.List()).Count == count && rows.All(row => (row.Status, row.Restarts) == ("online", restarts)),
            $"{count} workers are online, each restarted {restarts} times", () => string.Join('\n', rows) + Zd.Evidence());
    }

    /// <summary>The list may know of something a moment before the log does.</summary>
    protected Task Logs(string line) => Eventually.Holds(() => Task.FromResult(DaemonLog.Contains(line, StringComparison.Ordinal)), $"the daemon logs '{line}'", Zd.Evidence);

    /// <summary>How many processes of this program there are: one that was started twice would be found here.</summary>
    protected Task ProcessesOf(string program, int count) => Eventually.Holds(
        () => Task.FromResult(ProcessTable.OfHome(Zd.Home, program).Count(process => process.State != "Z" && !process.CommandLine.Contains(" keeper ", StringComparison.Ordinal)) == count),
        $"{count} processes of {program} are left", Zd.Evidence);

    /// <summary>What each worker has counted: whole lines, from 1 on, none missing.</summary>
    /// <param name="text">Of the log file.</param>
    /// <param name="twice">A line may stand there twice, as those that are rewritten may.</param>
    protected static void NoLineIsLost(string text, bool twice = false)
    {
        var byPid = Counted().Matches(text).GroupBy(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(byPid);
        foreach (var worker in byPid)
        {
            var numbers = worker.Select(match => int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)).ToList();
            var expected = Enumerable.Range(1, numbers.Max()).ToList();
            Assert.Equal(expected, twice ? numbers.Distinct().Order() : numbers);
        }
    }

    private int Single(string verb) => ProcessTable.OfHome(Zd.Home, verb) is [var one]
        ? one.Pid
        : throw new InvalidOperationException($"not one process of this home is{verb}but: {string.Join("; ", ProcessTable.OfHome(Zd.Home))}");

    protected static void Signal(int pid, string signal)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {pid}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    [GeneratedRegex(@"(\d+) counts (\d+)\r?\n")]
    private static partial Regex Counted();
}
