using Xunit;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Cli;

/// <summary>pm2's verbs, aliases and flags, in any position: what a user types and what the daemon is asked.</summary>
public class VerbTableTests
{
    [Theory]
    [InlineData("stop api", """stop {"targets":["api"]}""")]
    [InlineData("stop api job 3", """stop {"targets":["api","job","3"]}""")]
    [InlineData("stop all", """stop {"targets":["all"]}""")]
    [InlineData("stop /^a/", """stop {"targets":["/^a/"]}""")]
    [InlineData("delete api", """delete {"targets":["api"]}""")]
    [InlineData("del api", """delete {"targets":["api"]}""")]
    [InlineData("rm 0", """delete {"targets":["0"]}""")]
    [InlineData("restart api", """restart {"targets":["api"]}""")]
    [InlineData("reload api", """reload {"targets":["api"]}""")]
    [InlineData("gracefulReload api", """reload {"targets":["api"]}""")]
    [InlineData("reload api --wait-drained", """reload {"targets":["api"],"waitDrained":true}""")]
    [InlineData("start api", """start {"targets":["api"]}""")]
    [InlineData("start 0", """start {"targets":["0"]}""")]
    [InlineData("startOrReload api", """start {"targets":["api"]}""")]
    [InlineData("start-or-reload api", """start {"targets":["api"]}""")]
    [InlineData("startOrGracefulReload api", """start {"targets":["api"]}""")]
    [InlineData("startOrRestart api", """restart {"targets":["api"]}""")]
    [InlineData("start-or-restart api", """restart {"targets":["api"]}""")]
    [InlineData("scale api 4", """scale {"app":"api","amount":4}""")]
    [InlineData("scale api +2", """scale {"app":"api","amount":2,"relative":true}""")]
    [InlineData("scale api -1", """scale {"app":"api","amount":-1,"relative":true}""")]
    [InlineData("reset api", """reset {"targets":["api"]}""")]
    [InlineData("flush", """flush {"targets":[]}""")]
    [InlineData("flush api", """flush {"targets":["api"]}""")]
    [InlineData("reload-logs", """reloadLogs {"targets":[]}""")]
    [InlineData("reloadLogs api", """reloadLogs {"targets":["api"]}""")]
    [InlineData("sendSignal SIGUSR2 api", """signal {"targets":["api"],"signal":"SIGUSR2"}""")]
    [InlineData("send-signal hup 0 job", """signal {"targets":["0","job"],"signal":"hup"}""")]
    [InlineData("save", """save {}""")]
    [InlineData("dump --force", """save {"force":true}""")]
    [InlineData("-f save", """save {"force":true}""")]
    [InlineData("resurrect", """resurrect {}""")]
    [InlineData("send 0 hello", """sendLine {"target":"0","line":"hello","end":"\n"}""")]
    [InlineData("logs", """logs {"targets":[],"lines":15,"follow":true,"out":true,"error":true}""")]
    [InlineData("log api", """logs {"targets":["api"],"lines":15,"follow":true,"out":true,"error":true}""")]
    [InlineData("logs /a/ --nostream --lines 100", """logs {"targets":["/a/"],"lines":100,"out":true,"error":true}""")]
    [InlineData("logs api --err --lines=3", """logs {"targets":["api"],"lines":3,"follow":true,"error":true}""")]
    [InlineData("logs api --out --raw", """logs {"targets":["api"],"lines":15,"follow":true,"out":true}""")]
    [InlineData("logs --json --format --timestamp --highlight=x", """logs {"targets":[],"lines":15,"follow":true,"out":true,"error":true}""")]
    // Flags before the verb, flags of other verbs, values that look like verbs.
    [InlineData("--silent stop api", """stop {"targets":["api"]}""")]
    [InlineData("-s stop api -m", """stop {"targets":["api"]}""")]
    [InlineData("stop --no-color api --sort name:desc", """stop {"targets":["api"]}""")]
    [InlineData("--sort list stop api", """stop {"targets":["api"]}""")]
    [InlineData("--lines 3 logs api", """logs {"targets":["api"],"lines":3,"follow":true,"out":true,"error":true}""")]
    [InlineData("-f stop api --parallel 4 --update-env --env production", """stop {"targets":["api"]}""")]
    [InlineData("reload api -f --no-vizion --no-pmx", """reload {"targets":["api"]}""")]
    [InlineData("--attach stop api", """stop {"targets":["api"]}""")]
    // Flags in camel case, as their options in a file.
    [InlineData("reload api --waitDrained", """reload {"targets":["api"],"waitDrained":true}""")]
    [InlineData("--noColor stop api --updateEnv", """stop {"targets":["api"]}""")]
    [InlineData("restart 2 --name worker", """restart {"targets":["2"],"rename":"worker"}""")]
    public async Task A_command_becomes_one_request(string typed, string asked)
    {
        await using var command = new TypedCommand();
        var code = await command.Run(typed.Split(' '));
        Assert.Equal((0, ""), (code, command.Error));
        Assert.Equal([Brief(asked)], command.Asked.Select(Brief));
    }

    [Theory]
    [InlineData("stop api --watch", """watch {"targets":["api"],"on":false}""", """stop {"targets":["api"]}""")]
    [InlineData("restart --watch api", """restart {"targets":["api"],"toggleWatch":true}""")]
    [InlineData("--watch restart api job", """restart {"targets":["api","job"],"toggleWatch":true}""")]
    public async Task Watch_switches_off_at_stop_and_over_at_restart(string typed, params string[] asked)
    {
        await using var command = new TypedCommand();
        Assert.Equal((0, ""), (await command.Run(typed.Split(' ')), command.Error));
        Assert.Equal(asked.Select(Brief), command.Asked.Select(Brief));
    }

    [Fact]
    public async Task What_is_done_otherwise_here_is_said()
    {
        await using var command = new TypedCommand();
        Assert.Equal(2, await command.Run("start", "api", "--no-daemon"));
        Assert.Contains("zd run", command.Error, StringComparison.Ordinal);
        Assert.Empty(command.Asked);
        Assert.Equal(0, await command.Run("restart", "api", "--ext", "js,json"));
        Assert.Contains("warning: --ext has no effect", command.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Attach_follows_what_the_apps_print()
    {
        await using var command = new TypedCommand();
        command.Daemon.Reply = new CommandReply { Apps = [new AppReply { App = "api", Outcome = "restarted", Message = "api restarted" }] };
        var running = command.Run("restart", "api", "--attach");
        Eventually.True(() => command.Asked.Any(asked => Brief(asked) == """logs {"targets":["api"],"follow":true,"out":true,"error":true}"""), "it follows", () => command.Error);
        Assert.False(running.IsCompleted);
    }

    [Theory]
    [InlineData("restart api --update-env", "restart")]
    [InlineData("reload -a api", "reload")]
    [InlineData("-a start api", "start")]
    [InlineData("--updateEnv restart api", "restart")]
    public async Task The_shells_variables_travel_only_when_they_are_asked_for(string typed, string verb)
    {
        await using var command = new TypedCommand();
        Assert.Equal(0, await command.Run(typed.Split(' ')));
        Assert.Equal([$$$"""{{{verb}}} {"targets":["api"],"updatedEnvironment":{"PATH":"/usr/bin:/bin","COLOUR":"green"}}"""], command.Asked.Select(Brief));
    }

    [Theory]
    [InlineData("list")]
    [InlineData("ls")]
    [InlineData("l")]
    [InlineData("ps")]
    [InlineData("status")]
    [InlineData("jlist")]
    [InlineData("prettylist")]
    [InlineData("describe api")]
    [InlineData("desc api")]
    [InlineData("show 0")]
    [InlineData("info api job")]
    [InlineData("env 0")]
    [InlineData("pid")]
    [InlineData("pid api")]
    [InlineData("id api")]
    [InlineData("ping")]
    [InlineData("slist")]
    [InlineData("sysinfos")]
    [InlineData("report")]
    [InlineData("examples")]
    [InlineData("completion bash")]
    [InlineData("completion zsh")]
    public async Task A_verb_that_looks_asks_for_nothing_else(string typed)
    {
        await using var command = new TypedCommand();
        Assert.Equal((0, ""), (await command.Run(typed.Split(' ')), typed == "ping" ? "" : command.Error));
        Assert.NotEmpty(command.Out);
        Assert.Empty(command.Asked);
    }

    [Theory]
    [InlineData("stop eco.json", """stop {"targets":["job"]}""")]
    [InlineData("delete eco.json", """delete {"targets":["job"]}""")]
    [InlineData("reset eco.json api", """reset {"targets":["api","job"]}""")]
    [InlineData("flush eco.json", """flush {"targets":["job"]}""")]
    [InlineData("reloadLogs eco.json", """reloadLogs {"targets":["job"]}""")]
    [InlineData("sendSignal HUP eco.json", """signal {"targets":["job"],"signal":"HUP"}""")]
    [InlineData("logs eco.json --lines 0 --nostream", """logs {"targets":["job"],"out":true,"error":true}""")]
    [InlineData("stop - --only job", """stop {"targets":["job"]}""")]
    public async Task A_file_or_stdin_stands_for_the_apps_in_it_that_are_known(string typed, string asked)
    {
        const string File = """{"apps":[{"name":"job","script":"/bin/sh"},{"name":"other","script":"/bin/sh"}]}""";
        await using var command = new TypedCommand { Stdin = File };
        command.Write("eco.json", File);
        Assert.Equal(0, await command.Run(typed.Split(' ')));
        Assert.Equal([Brief(asked)], command.Asked.Select(Brief));
    }

    [Theory]
    [InlineData("restart")]
    [InlineData("stop")]
    public async Task A_script_that_is_named_by_its_path_is_the_same_wherever_one_stands(string verb)
    {
        await using var command = new TypedCommand();
        command.Write("job.sh", "");
        Assert.Equal((0, ""), (await command.Run(verb, "./job.sh"), command.Error));
        Assert.Equal([$$"""{{verb}} {"targets":["{{command.Folder}}/job.sh"]}"""], command.Asked.Select(Brief));
    }

    [Fact]
    public async Task Attach_sends_each_line_that_is_typed_and_ends_with_the_input()
    {
        await using var command = new TypedCommand { Stdin = "one\ntwo\n" };
        Assert.Equal(0, await command.Run("attach", "2"));
        Assert.Contains("""sendLine {"target":"2","line":"one","end":"\n"}""", command.Asked.Select(Brief));
    }

    [Theory]
    [InlineData("profile:mem")]
    [InlineData("link a b")]
    [InlineData("install pm2-logrotate")]
    public async Task A_verb_that_is_not_there_says_so_and_touches_nothing(string typed)
    {
        await using var command = new TypedCommand();
        Assert.Equal(1, await command.Run(typed.Split(' ')));
        Assert.StartsWith($"error: '{typed.Split(' ')[0]}' ", command.Error, StringComparison.Ordinal);
        Assert.Empty(command.Daemon.Asked);
    }

    /// <summary>Empty lists and the protocol's number say nothing.</summary>
    private static string Brief(string asked) => System.Text.RegularExpressions.Regex.Replace(
        asked, """("apps"|"changes"|"targets"):\[\],?|"protocol":\d+,?""", "").Replace(",}", "}", StringComparison.Ordinal);
}
