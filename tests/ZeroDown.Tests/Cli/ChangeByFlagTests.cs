using System.Text.Json;
using Xunit;
using ZeroDown.Config;

namespace ZeroDown.Tests.Cli;

/// <summary>Flags at a verb that names an app: only what they say changes, and <c>null</c> puts an option back.</summary>
public class ChangeByFlagTests
{
    [Theory]
    [InlineData("restart job --kill-timeout 5s", "killTimeoutMs", "5000")]
    [InlineData("restart job -k 700", "killTimeoutMs", "700")]
    [InlineData("reload job --max-restarts 3", "maxRestarts", "3")]
    [InlineData("start job --no-autorestart", "autorestart", "false")]
    [InlineData("restart 2 -i 4", "instances", "4")]
    [InlineData("restart job --namespace blue", "namespace", "\"blue\"")]
    [InlineData("restart job --stop-exit-codes 0 3", "stopExitCodes", "[0,3]")]
    [InlineData("restart job --cwd /tmp", "workingDirectory", "\"/tmp\"")]
    [InlineData("restart job -o /tmp/x.log", "outFile", "\"/tmp/x.log\"")]
    [InlineData("restart job --wait-ready", "readySign", "\"spoken\"")]
    [InlineData("restart job --max-memory-restart 200M", "upkeep", """{"maxMemoryBytes":209715200}""")]
    [InlineData("restart job --maxMemoryRestart 200M", "upkeep", """{"maxMemoryBytes":209715200}""")]
    [InlineData("restart job --killTimeout=5s", "killTimeoutMs", "5000")]
    [InlineData("--killTimeout 5s restart job", "killTimeoutMs", "5000")]
    [InlineData("restart job -c 0,5_*_*_*_*", "upkeep", """{"cron":"0,5 * * * *"}""")]
    [InlineData("reload job --watch", "upkeep", """{"watch":{"enabled":true,"paths":["/"],"ignore":[".*","node_modules"],"delayMs":200}}""")]
    [InlineData("restart job --watch=/tmp --watch=/usr --watch-delay 4", "upkeep", """{"watch":{"enabled":true,"paths":["/tmp","/usr"],"ignore":[".*","node_modules"],"delayMs":4000}}""")]
    [InlineData("restart job --log /tmp/all.log", "logFile", "\"/tmp/all.log\"")]
    [InlineData("restart job --time", "logDateFormat", "\"YYYY-MM-DDTHH:mm:ss\"")]
    [InlineData("restart job --log-type json", "jsonLogs", "true")]
    [InlineData("restart job --disable-logs", "disableLogs", "true")]
    [InlineData("restart job -p /tmp/job.pid", "pidFile", "\"/tmp/job.pid\"")]
    [InlineData("restart job --no-treekill", "wholeTree", "false")]
    [InlineData("restart job -- new words", "arguments", "[\"new\",\"words\"]")]
    public async Task A_flag_changes_its_option_and_leaves_the_others(string typed, string member, string value)
    {
        await using var command = new TypedCommand();
        Assert.Equal((0, ""), (await command.Run([.. typed.Split(' ').Select(word => word.Replace('_', ' '))]), command.Error));
        using var asked = Request(command);
        var change = Assert.Single(asked.RootElement.GetProperty("changes").EnumerateArray());
        // The record of what was asked leaves out what is false.
        Assert.Equal(value, change.TryGetProperty(member, out var changed) ? changed.GetRawText() : "false");
        Assert.Equal(("job", "/bin/sh"), (change.GetProperty("name").GetString(), change.GetProperty("program").GetString()));
        Assert.Equal("blue", change.GetProperty("environment").GetProperty("COLOUR").GetString());
        if (member != "arguments")
            Assert.Equal("[\"old\"]", change.GetProperty("arguments").GetRawText());
    }

    [Theory]
    [InlineData("--kill-timeout=null", "killTimeoutMs", 10_000)]
    [InlineData("--max-restarts=null", "maxRestarts", 16)]
    [InlineData("--listen-timeout=null", "listenTimeoutMs", 30_000)]
    public async Task Null_puts_an_option_back_to_its_default(string flag, string member, int value)
    {
        await using var command = new TypedCommand();
        var job = command.Daemon.Fleet.Apps[1].Definition;
        (job.KillTimeoutMs, job.MaxRestarts, job.ListenTimeoutMs) = (1, 1, 1);
        Assert.Equal((0, ""), (await command.Run("restart", "job", flag), command.Error));
        using var asked = Request(command);
        Assert.Equal(value, asked.RootElement.GetProperty("changes")[0].GetProperty(member).GetInt32());
    }

    [Fact]
    public async Task Every_app_that_is_named_is_changed()
    {
        await using var command = new TypedCommand();
        Assert.Equal(0, await command.Run("restart", "all", "--max-restarts", "2"));
        using var asked = Request(command);
        Assert.Equal(["api", "job"], asked.RootElement.GetProperty("changes").EnumerateArray().Select(app => app.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("restart job --kill-timeout soon", 5, "--kill-timeout: expected a duration")]
    [InlineData("restart job --watch --kill-timeout soon", 5, "--kill-timeout: expected a duration")]
    [InlineData("restart job --watch --uid nobody", 2, "delete it and start it anew")]
    [InlineData("restart nobody --kill-timeout 5s", 1, "there is nothing of that name")]
    [InlineData("restart 0 -i 4", 2, "name it: api")]
    [InlineData("restart job --uid nobody", 2, "delete it and start it anew")]
    [InlineData("start job --name other", 2, "zd restart job --name other")]
    public async Task What_cannot_be_meant_touches_nothing(string typed, int code, string says)
    {
        await using var command = new TypedCommand();
        if (typed.StartsWith("restart 0", StringComparison.Ordinal))
            command.Daemon.Fleet.Apps[0] = command.Daemon.Fleet.Apps[0] with { Slots = command.Daemon.Fleet.Apps[0].Slots[..1] };
        Assert.Equal(code, await command.Run(typed.Split(' ')));
        Assert.Contains(says, command.Error, StringComparison.Ordinal);
        Assert.Empty(command.Asked);
    }

    [Fact]
    public async Task A_script_that_runs_is_not_started_again_without_force()
    {
        await using var command = new TypedCommand();
        Assert.Equal(1, await command.Run("start", "/bin/sh", "--name", "job", "--cwd", "/"));
        Assert.Contains("script already launched: /bin/sh runs as 'job'", command.Error, StringComparison.Ordinal);
        Assert.Empty(command.Asked);

        Assert.Equal(0, await command.Run("start", "/bin/sh", "--name", "job", "-f"));
        Assert.StartsWith("start ", Assert.Single(command.Asked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_that_was_stopped_is_started_by_its_path()
    {
        await using var command = new TypedCommand();
        command.Daemon.Fleet.Apps[1] = command.Daemon.Fleet.Apps[1] with { Slots = [command.Daemon.Fleet.Apps[1].Slots[0] with { Status = "stopped", Worker = null }] };
        Assert.Equal(0, await command.Run("start", "/bin/sh", "-n", "job", "--cwd", "/"));
        Assert.StartsWith("start ", Assert.Single(command.Asked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_script_does_not_take_a_running_apps_name()
    {
        await using var command = new TypedCommand();
        Assert.Equal(1, await command.Run("start", "/bin/true", "--name", "job"));
        Assert.Contains("'job' runs already, with another script (/bin/sh)", command.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_flag_of_an_option_can_change_an_app_that_is_known()
    {
        // A new name is a request of its own; another user would need another HOME, other files, another everything.
        var missing = ZeroDown.Cli.Verbs.AppFlags.Options
            .Where(option => option is not ("name" or "uid" or "gid") && AppOptions.Find(option) is { IsSupported: true } && !SpecChange.Knows(option));
        Assert.Empty(missing);
    }

    private static JsonDocument Request(TypedCommand command)
    {
        var asked = Assert.Single(command.Asked);
        return JsonDocument.Parse(asked[(asked.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
    }
}
