using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Survival;

/// <summary>What users see of a daemon that is replaced under their commands, and of a state that the disk does not take.</summary>
public sealed partial class CommandSpecs : SurvivalTest
{
    private string State => Path.Combine(Zd.Home, "state.json");

    [Fact]
    public async Task Whoever_follows_logs_misses_no_line_and_reads_none_twice()
    {
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "args: [count, '3', hang]")))).Succeeded();
        using var logs = Zd.Begin("logs", "web", "--raw", "--lines", "0");
        for (var kill = 0; kill < 3; kill++)
        {
            await More(logs, 20);
            await ReplaceDaemon();
        }

        await More(logs, 20);
        logs.Kill();

        var numbers = Numbers(logs);
        Assert.Equal(Enumerable.Range(numbers[0], numbers.Count), numbers);
    }

    [Fact]
    public async Task A_command_whose_daemon_is_killed_says_so_in_one_line_and_gets_its_answer()
    {
        (await Zd.Run("start", WriteApp("serve"))).Succeeded();
        var go = Path.Combine(Zd.Folder, "go");
        using var reload = Zd.Begin("reload", WriteApp($"await-file, {go}, serve"));
        await ProcessesOf("await-file", 2);
        await ReplaceDaemon();
        File.WriteAllText(go, "");

        var result = (await reload.Finished(Soon)).Succeeded().Says("web reloaded, generation 2 serves");

        Assert.Equal(2, result.Err.Split("the daemon was replaced; waiting for the answer of the new one to `zd reload`").Length);
        Assert.Contains("-reload- App web done", result.Err, StringComparison.Ordinal);
        await AllOnline(2, restarts: 1);
    }

    [Fact]
    public async Task An_app_that_was_scaled_to_0_stays_there_when_the_daemon_dies_and_when_it_is_updated()
    {
        (await Zd.Run("start", WriteApp("serve"))).Succeeded();
        (await Zd.Run("scale", "web", "0")).Succeeded();
        await ReplaceDaemon();
        (await Zd.Run("update")).Succeeded();
        (await Zd.Run("describe", "web")).Succeeded().Says("0 (scaled to 0");
        Assert.Equal("stopped", Assert.Single(await Zd.List()).Status);
        (await Zd.Run("start", "web")).Succeeded();
        await AllOnline(2, restarts: 0);
    }

    [Fact]
    public async Task A_state_that_the_disk_does_not_take_is_said_and_said_again_when_it_does()
    {
        (await Zd.Run("start", WriteApp("serve"))).Succeeded();
        // In the way of every next state, for root too. The last one may just be there.
        await Eventually.Holds(() => Task.FromResult(IsPutInTheWay(State + ".new")), "no state is being written", Zd.Evidence);
        (await Zd.Run("scale", "web", "3")).Succeeded();

        await Eventually.Holds(
            async () => (await Zd.Run("list")).Succeeded().Err.Contains("the state is kept in memory only", StringComparison.Ordinal), "list warns", Zd.Evidence);
        Assert.Contains("the state is kept in memory only", (await Zd.Run("doctor")).Out, StringComparison.Ordinal);
        Assert.Contains("kept in memory only", DaemonLog, StringComparison.Ordinal);

        Directory.Delete(State + ".new");
        await Eventually.Holds(
            async () => !(await Zd.Run("list")).Succeeded().Err.Contains("in memory only", StringComparison.Ordinal), "the warning goes", Zd.Evidence);
        Assert.Contains("The state is on the disk again", DaemonLog, StringComparison.Ordinal);
        Assert.Equal(3, Saved()["fleet"]!["apps"]![0]!["slots"]!.AsArray().Count);
    }

    [Fact]
    public async Task The_file_names_every_process_that_lives_and_says_when_the_end_was_asked_for()
    {
        (await Zd.Run("start", WriteApp("serve"))).Succeeded();
        var pids = (await Zd.List()).Select(worker => worker.Pid).Order().ToList();
        await Eventually.Holds(
            () => Task.FromResult(File.Exists(State) && pids.SequenceEqual(Saved()["saved"]!["workers"]!.AsArray().Select(worker => worker!["pid"]!.GetValue<int>()).Order())),
            "both workers are in the file", Zd.Evidence);
        Assert.False(Saved()["saved"]!["endedCleanly"]!.GetValue<bool>());

        (await Zd.Run("kill")).Succeeded();

        Assert.True(Saved()["saved"]!["endedCleanly"]!.GetValue<bool>());
        Assert.Empty(Saved()["saved"]!["workers"]!.AsArray());
        Assert.All(Saved()["fleet"]!["apps"]![0]!["slots"]!.AsArray(), slot => Assert.True(slot!["wanted"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task A_state_file_that_cannot_be_read_is_set_aside_by_the_next_daemon_which_says_so()
    {
        Directory.CreateDirectory(Zd.Home);
        File.WriteAllText(State, "{\"format\":99,\"version\":\"99.0.0\"}");

        (await Zd.Run("start", WriteApp("serve"))).Succeeded();

        Assert.Contains("was written by version 99.0.0 of zd in format 99", DaemonLog, StringComparison.Ordinal);
        Assert.Equal("{\"format\":99,\"version\":\"99.0.0\"}", File.ReadAllText(Assert.Single(Directory.GetFiles(Zd.Home, "state.unreadable-*.json"))));
    }

    private static bool IsPutInTheWay(string folder)
    {
        try
        {
            return Directory.CreateDirectory(folder).Exists;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private JsonNode Saved() => JsonNode.Parse(File.ReadAllBytes(State))!;

    private static async Task More(ZdCommand logs, int lines)
    {
        var from = Numbers(logs).Count;
        await Eventually.Holds(() => Task.FromResult(Numbers(logs).Count >= from + lines), $"{lines} more lines are shown", () => logs.SoFar);
    }

    /// <summary>A line that was half written when a daemon died is shown in two pieces.</summary>
    private static List<int> Numbers(ZdCommand logs) =>
        [.. Counted().Matches(logs.OutSoFar).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"counts\s+(\d+)\r?\n")]
    private static partial Regex Counted();
}
