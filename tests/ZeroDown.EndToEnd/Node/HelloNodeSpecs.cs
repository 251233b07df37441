using System.Diagnostics;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>Issue 3, claim 1: the scenario that ZeroDown exists for, with the files of samples/hello-node as they are.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class HelloNodeSpecs : EndToEndTest
{
    [Theory]
    [InlineData("ecosystem.yaml")]
    [InlineData("ecosystem.config.js")]
    public async Task The_scenario_runs_unchanged_and_its_client_never_prints_err(string file)
    {
        NodeApps.Plain("http.cjs");
        foreach (var path in Directory.GetFiles(Path.Combine(Programs.Root, "samples", "hello-node")))
            File.Copy(path, Path.Combine(Zd.Folder, Path.GetFileName(path)));
        Zd.Environment["PORT"] = $"{Port}";

        (await Zd.Run("start", file)).Succeeded();
        using var client = Process.Start(new ProcessStartInfo("node", [Path.Combine(Zd.Folder, "client.js"), Url.ToString()]) { RedirectStandardOutput = true })!;
        try
        {
            var heard = await HeardOfAnother(client);
            foreach (var command in new[] { "reload all", "restart all", $"reload {file} --env production", "reload all" })
            {
                (await Zd.Run(command.Split(' '))).Succeeded();
                heard.AddRange(await HeardOfAnother(client));
            }

            Assert.All(heard, line => Assert.StartsWith("here is my voice: Hello World! now is: ", line, StringComparison.Ordinal));
            Assert.All(await Zd.List(), row => Assert.Equal("online", row.Status));
        }
        finally
        {
            client.Kill();
        }
    }

    /// <summary>Error and out file, dates in the log, <c>listen_timeout</c>, and <c>wait_ready</c> of a server that never says ready.</summary>
    [Fact]
    public async Task The_lines_that_are_there_for_the_reader_to_try_work_when_they_are_tried()
    {
        NodeApps.Plain("http.cjs");
        var sample = Path.Combine(Programs.Root, "samples", "hello-node");
        File.Copy(Path.Combine(sample, "server.js"), Path.Combine(Zd.Folder, "server.js"));
        var text = File.ReadAllText(Path.Combine(sample, "ecosystem.config.js"));
        var tried = Zd.Write("ecosystem.config.js", System.Text.RegularExpressions.Regex.Replace(text, @"// (?=\w+: )", ""));
        foreach (var option in new[] { "error_file", "out_file", "log_date_format", "listen_timeout", "wait_ready" })
            Assert.Contains($"\n    {option}: ", File.ReadAllText(tried), StringComparison.Ordinal);
        Zd.Environment["PORT"] = $"{Port}";

        (await Zd.Run("start", tried)).Succeeded().Says("never said ready", "listens");
        (await Zd.Run("reload", "all")).Succeeded().Says("never said ready", "listens");
        Assert.All(await Zd.List(), row => Assert.Equal(("online", 1), (row.Status, row.Restarts)));
        await Eventually.Holds(
            () => Task.FromResult(File.Exists(Path.Combine(Zd.Folder, "logs", "app-out-0.log")) && File.Exists(Path.Combine(Zd.Folder, "logs", "app-0.log"))), "both logs are written", Zd.Evidence);
        Assert.All(File.ReadAllLines(Path.Combine(Zd.Folder, "logs", "app-out-0.log")), line => Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d: httpserver is listening on", line));
        Assert.StartsWith("here is my voice: Hello World!", await Get(), StringComparison.Ordinal);
    }

    /// <summary>Points 4 and 5 of the scenario, as the log tells them.</summary>
    [Fact]
    public async Task The_log_tells_a_reload_and_a_restart_in_the_scenarios_order()
    {
        NodeApps.Plain("http.cjs");
        foreach (var path in Directory.GetFiles(Path.Combine(Programs.Root, "samples", "hello-node")))
            File.Copy(path, Path.Combine(Zd.Folder, Path.GetFileName(path)));
        Zd.Environment["PORT"] = $"{Port}";
        (await Zd.Run("start", "ecosystem.config.js")).Succeeded();

        var reload = await LogOf("reload all", until: "App [app:_old_", times: 2);
        InThisOrder(reload,
            ("App [app:", "] starting in -cluster mode-"), ("App [app:", "] online"), ("-reload- New worker listening", ""),
            ("Stopping app:app id:_old_", ""));
        foreach (var old in new[] { "_old_0", "_old_1" })
            InThisOrder(reload, times: 1, ($"Stopping app:app id:{old}", ""), ($"App name:app id:{old} disconnected", ""), ($"App [app:{old}] exited", ""));

        var restart = await LogOf("restart all", until: "] online", times: 2);
        // Slot by slot: who has exited starts again at once. Waiting for the slowest of them, clients would wait for nothing.
        foreach (var slot in new[] { 0, 1 })
        {
            InThisOrder(restart, times: 1,
                ($"Stopping app:app id:{slot}", ""), ($"App [app:{slot}] exited", ""), ($"App [app:{slot}] starting in -cluster mode-", ""), ($"App [app:{slot}] online", ""));
        }

        await Eventually.Holds(
            async () => (await Zd.Run("logs", "app", "--nostream", "--raw", "--out", "--lines", "100")).Out.Split("httpserver is listening on").Length - 1 == 6,
            "each worker of the three generations has printed that it listens",
            Zd.Evidence);
    }

    /// <summary>What the daemon logs from a command on, until a line has come so often.</summary>
    private async Task<List<string>> LogOf(string command, string until, int times)
    {
        var log = Path.Combine(Zd.Home, "zd.log");
        var before = File.ReadLines(log).Count();
        (await Zd.Run(command.Split(' '))).Succeeded();
        List<string> told = [];
        await Eventually.Holds(
            () =>
            {
                told = [.. File.ReadLines(log).Skip(before)];
                return Task.FromResult(told.Count(line => line.Contains(until, StringComparison.Ordinal)) >= times);
            },
            $"'{until}' is logged {times} times",
            () => string.Join('\n', told));
        return told;
    }

    private static void InThisOrder(List<string> told, params (string Begins, string Goes)[] steps) => InThisOrder(told, times: 2, steps);

    /// <summary>Each kind of line is there so often, and its last one comes before the first one of the next kind.</summary>
    private static void InThisOrder(List<string> told, int times, params (string Begins, string Goes)[] steps)
    {
        var last = -1;
        foreach (var (begins, goes) in steps)
        {
            var places = Enumerable.Range(0, told.Count).Where(at => told[at].Contains(begins, StringComparison.Ordinal) && told[at].Contains(goes, StringComparison.Ordinal)).ToList();
            Assert.True(places.Count == times && places[0] > last, $"'{begins}…{goes}' {times} times, after what comes before it:\n{string.Join('\n', told)}");
            last = places[^1];
        }
    }

    /// <summary>What the client prints until a worker has answered for the first time.</summary>
    private static async Task<List<string>> HeardOfAnother(Process client)
    {
        var heard = new List<string>();
        while (heard.Count == 0 || !heard[^1].EndsWith(" cnt: 1", StringComparison.Ordinal))
            heard.Add(await client.StandardOutput.ReadLineAsync().WaitAsync(Soon) ?? throw new EndOfStreamException("the client ended"));
        return heard;
    }
}
