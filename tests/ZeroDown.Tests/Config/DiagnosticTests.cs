using Xunit;
using ZeroDown.Config;

namespace ZeroDown.Tests.Config;

/// <summary>What a person reads when a file is wrong, letter by letter.</summary>
public sealed class DiagnosticTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void All_mistakes_are_said_at_once_in_the_order_of_the_file() => Assert.Equal("""
        ecosystem.yaml:2:5: error: unknown key 'nmae'
          - nmae: web
            ^~~~
          did you mean 'name'?

        ecosystem.yaml:4:16: error: expected a number or 'max', got 'two'
          instances: two
                     ^~~

        ecosystem.yaml:5:19: error: expected a duration, got '10 parsecs'
          kill_timeout: 10 parsecs
                        ^~~~~~~~~~
          write 500ms, 10s, 5m, 1h, or a bare number of milliseconds

        ecosystem.yaml:6:13: error: expected text or a list of texts, got a mapping
          args:   {a: 1}
                  ^

        ecosystem.yaml:7:5: error: this app has no 'script'
          - instances: 1
            ^~~~~~~~~
          name a file, a program or a command line
        """, _workspace.SaidOf("""
        apps:
          - nmae: web
            script: server.js
            instances: two
            kill_timeout: 10 parsecs
            args:   {a: 1}
          - instances: 1
        """));

    [Theory]
    [InlineData("instaces: 2", "unknown key 'instaces'", "did you mean 'instances'?")]
    [InlineData("killTimout: 2", "unknown key 'killTimout'", "did you mean 'killTimeout'?")]
    [InlineData("colour: red", "unknown key 'colour'", null)]
    [InlineData("instances: [2]", "expected a number or 'max', got a list", null)]
    [InlineData("instances: 99999999999999999999", "99999999999999999999 is too large; at most 10000", null)]
    [InlineData("max_restarts: -1", "a number cannot be negative here: -1", null)]
    [InlineData("max_restarts: 1e3", "expected a number, got '1e3'", null)]
    [InlineData("kill_timeout: -5s", "a duration cannot be negative: -5s", null)]
    [InlineData("kill_timeout: 900d", "900d is too long; at most 20d", null)]
    [InlineData("min_uptime: 50", "50 is too short; at least 100ms", null)]
    [InlineData("listen_timeout: {s: 3}", "expected a duration, got a mapping", null)]
    [InlineData("autorestart: yes", "expected true or false, got 'yes'", "did you mean 'true'?")]
    [InlineData("wait_ready: maybe", "expected true, false or strict, got 'maybe'", null)]
    [InlineData("exec_mode: clustr", "expected fork or cluster, got 'clustr'", "did you mean 'cluster'?")]
    [InlineData("kill_signal: SIGTREM", "'SIGTREM' is no signal that ends a program", "did you mean 'SIGTERM'?")]
    [InlineData("kill_signal: 19", "'19' is no signal that ends a program", "SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2 are the usual ones")]
    [InlineData("stop_exit_codes: [0, 256]", "256 is too large; at most 255", null)]
    [InlineData("reload: {surge: 0}", "0 is too small; at least 1", null)]
    [InlineData("reload: {sruge: 1}", "unknown key 'sruge' in reload", "did you mean 'surge'?")]
    [InlineData("args: \"a 'b\"", "a quote is opened and not closed", null)]
    [InlineData("env: [A]", "expected a mapping of variables, got a list", null)]
    [InlineData("env: {'A=B': 1}", "'A=B' is no name of a variable", null)]
    [InlineData("env_prod: 3", "expected a mapping of variables, got '3'", null)]
    [InlineData("name: all", "'all' cannot be the name of an app", "'all' means every app")]
    [InlineData("name: a/b", "'a/b' cannot be the name of an app", "names are used in commands and in file names: no '/', no '-' in front")]
    [InlineData("cwd: nowhere", "the cwd {here}/nowhere does not exist", null)]
    [InlineData("cwd: server.js", "the cwd {here}/server.js is a file", "name the folder that it lies in")]
    [InlineData("args: ${NOPE}", "the variable NOPE is not set", "set it, or give a default: ${NOPE:-…}")]
    [InlineData("args: ${USR}", "the variable USR is not set", "did you mean 'USER'?")]
    [InlineData("args: '${NOPE:?ask Ada for it}'", "the variable NOPE is not set: ask Ada for it", null)]
    [InlineData("args: '${NOPE'", "'${' without its '}'", "write '$$' for a dollar sign")]
    [InlineData("args: '${NOPE-x}'", "'${NOPE-x}' cannot be read", "the forms are ${VAR}, ${VAR:-default} and ${VAR:?message}")]
    [InlineData("args: '${1}'", "'${1}' does not name a variable", "write '$$' for a dollar sign")]
    [InlineData("args: !vault x", "the tag '!vault' means nothing here", "remove it")]
    [InlineData("args: \"\\0\"", "a NUL character cannot stand in a value", null)]
    public void Each_mistake_has_its_words(string line, string message, string? hint)
    {
        var diagnostic = Assert.Single(_workspace.Parse($"apps:\n  - script: server.js\n    {line}\n").Diagnostics);
        Assert.Equal(Severity.Error, diagnostic.Severity);
        Assert.Equal(message.Replace("{here}", _workspace.Path), diagnostic.Message);
        Assert.Equal(hint, diagnostic.Hint);
        Assert.Equal(3, diagnostic.Line);
    }

    [Theory]
    [InlineData("", "ecosystem.yaml: error: the file is empty\n  it needs at least: apps: [{script: …}]")]
    [InlineData("# nothing\n", "ecosystem.yaml: error: the file is empty\n  it needs at least: apps: [{script: …}]")]
    [InlineData("hello", "ecosystem.yaml:1:1: error: expected a mapping with 'apps', got 'hello'\n  hello\n  ^~~~~")]
    [InlineData("apps: []", "ecosystem.yaml:1:7: error: the list of apps is empty\n  apps: []\n        ^")]
    [InlineData("apps: [x]", "ecosystem.yaml:1:8: error: expected an app (a mapping with 'script'), got 'x'\n  apps: [x]\n         ^")]
    [InlineData("app: []", "ecosystem.yaml:1:1: error: unknown key 'app'\n  app: []\n  ^~~\n  did you mean 'apps'?")]
    [InlineData("name: x", "ecosystem.yaml:1:1: error: unknown key 'name'\n  name: x\n  ^~~~\n  this belongs into an app below 'apps'")]
    [InlineData("a: 1\n\tb: 2", "ecosystem.yaml:2:1: error: a tab cannot indent YAML; use blanks\n   b: 2\n  ^")]
    [InlineData("apps:\n\t- name: web", "ecosystem.yaml:2:1: error: a tab cannot indent YAML; use blanks\n   - name: web\n  ^")]
    [InlineData("apps: [", "ecosystem.yaml:1:8: error: a value is missing here, or a bracket above is not closed\n  apps: [\n         ^")]
    [InlineData("a: 1\n---\nb: 2", "ecosystem.yaml:2:1: error: a second document starts here; one file is one document\n  ---\n  ^~~\n  remove the '---', and put all apps in one list")]
    [InlineData("apps:\n  - args: [1, 2\n    name: x", "ecosystem.yaml:2:11: error: this bracket is not closed\n  - args: [1, 2\n          ^")]
    [InlineData("apps: []\n...\nname: a", "ecosystem.yaml:3:1: error: a second document starts here; one file is one document\n  name: a\n  ^\n  remove the '---', and put all apps in one list")]
    [InlineData("...\nname: a", "ecosystem.yaml:1:1: error: what follows here cannot be read as YAML\n  ...\n  ^")]
    [InlineData("a: b: c", "ecosystem.yaml:1:5: error: a ':' cannot stand here; is the indentation right, or does the value need quotes?\n  a: b: c\n      ^")]
    [InlineData("a: @x", "ecosystem.yaml:1:4: error: a value cannot start with this character; put it in quotes\n  a: @x\n     ^")]
    [InlineData("a: 'x", "ecosystem.yaml:1:4: error: the file ends inside of a quoted text\n  a: 'x\n     ^~")]
    [InlineData("a: \"\\q\"", "ecosystem.yaml:1:4: error: this text holds an unknown escape; in double quotes a backslash is written \\\\\n  a: \"\\q\"\n     ^")]
    [InlineData("a: \"\\uD83D\\uD83D\"", "ecosystem.yaml:1:2: error: the text that follows here holds half a character: a \\uD83D without the \\uDE00 that completes it\n  a: \"\\uD83D\\uD83D\"\n   ^")]
    [InlineData("- a\nb: c", "ecosystem.yaml:2:1: error: this fits nowhere; is the indentation right, or is a '-' missing?\n  b: c\n  ^")]
    [InlineData("apps: *a", "ecosystem.yaml:1:7: error: there is no anchor '&a' above\n  apps: *a\n        ^~")]
    [InlineData("apps: &a [*a]", "ecosystem.yaml:1:11: error: '*a' stands inside of what it stands for\n  apps: &a [*a]\n            ^~")]
    [InlineData("apps: \u0007", "ecosystem.yaml:1:7: error: a control character (U+0007) cannot stand in a config file\n  apps: \\x07\n        ^~~~\n  is this a text file?")]
    public void A_file_that_is_wrong_as_a_whole_says_how(string text, string expected) => Assert.Equal(expected, _workspace.SaidOf(text));

    [Fact]
    public void A_key_that_is_there_twice_names_both_places() => Assert.Equal("""
        ecosystem.yaml:4:5: error: the key 'script' is here twice; the first one is in line 2
          script: b.js
          ^~~~~~
          keep one of them

        ecosystem.yaml:5:5: error: 'exec' says the same as 'script' in line 2
          exec: c.js
          ^~~~
          keep 'script'
        """, _workspace.SaidOf("apps:\n  - script: server.js\n    name: a\n    script: b.js\n    exec: c.js\n"));

    [Fact]
    public void Two_apps_of_one_name_are_both_named() => Assert.Equal("""
        ecosystem.yaml:3:13: error: two apps are called 'server'; the first one is in line 2
          - script: server.js
                    ^~~~~~~~~
          without 'name' an app is called after its script; give it one
        """, _workspace.SaidOf("apps:\n  - script: server.js\n  - script: server.js\n"));

    [Fact]
    public void An_unset_variable_is_pointed_at_in_the_middle_of_its_value() => Assert.Equal("""
        ecosystem.yaml:3:17: error: the variable NOPE is not set
          cwd: "/srv/a${NOPE}/b"
                      ^~~~~~~
          set it, or give a default: ${NOPE:-…}
        """, _workspace.Said("cwd: \"/srv/a${NOPE}/b\""));

    [Fact]
    public void An_option_that_is_switched_off_is_silent() =>
        Assert.Equal("", _workspace.Said("kill_retry_time: 100", "pmx: false", "cron_restart: 0", "filter_env: []"));

    [Fact]
    public void Text_of_the_file_cannot_act_on_the_terminal() => Assert.Equal("""
        ecosystem.yaml:1:9: error: unknown key '\x9b31m\u202eevil'
          apps: [{\x9b31m\u202eevil: 1, script: server.js}]
                  ^~~~~~~~~~~~~~~~~
        """, _workspace.SaidOf("apps: [{\u009b31m\u202eevil: 1, script: server.js}]"));

    [Fact]
    public void Of_a_very_long_line_the_part_in_question_is_shown()
    {
        var said = _workspace.SaidOf("apps: [{" + new string(' ', 500) + "oops: 1, script: server.js" + new string(' ', 500) + "}]");
        Assert.Equal("ecosystem.yaml:1:509: error: unknown key 'oops'\n  …" + new string(' ', 60) + "oops: 1, script: server.js…\n  " + new string(' ', 61) + "^~~~", said);
    }

    [Fact]
    public void After_fifty_mistakes_the_rest_is_counted()
    {
        var said = _workspace.Parse("apps:\n  - script: server.js\n" + string.Concat(Enumerable.Range(0, 80).Select(n => $"    key{n}: 1\n"))).Diagnostics;
        Assert.Equal(51, said.Length);
        Assert.Equal("and 30 more of this kind; mend these first", said[^1].Message);
    }

    [Fact]
    public void A_file_that_cannot_be_read_says_why()
    {
        _workspace.File("eco.yaml");
        File.WriteAllBytes(_workspace["bytes.yaml"], [0x61, 0xff, 0x62]);

        Assert.Equal("ecos.yaml: error: the file does not exist\n  did you mean 'eco.yaml'?", Said("ecos.yaml"));
        Assert.Equal("bin: error: this is a folder, not a file", Said("bin").Split('\n')[0]);
        Assert.Equal("bytes.yaml: error: the file is not UTF-8 text", Said("bytes.yaml"));

        string Said(string path) => DiagnosticText.Render(EcosystemFile.Read(path, _workspace.Context).Diagnostics);
    }
}
