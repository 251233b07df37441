using Xunit;
using ZeroDown.Config;

namespace ZeroDown.Tests.Config;

/// <summary>Files that run under pm2: what is taken of them, and what is said. YAML stays strict.</summary>
public sealed class Pm2FileTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("\"exec_interpreter\": \"\", \"interpreter\": \"bash\"", "bash", "")]
    [InlineData("\"interpreter\": \"bash\", \"exec_interpreter\": \"python3\"", "python3", "'interpreter' and 'exec_interpreter' are the same option; 'exec_interpreter' is taken, as in pm2")]
    [InlineData("\"interpreter\": \"bash\", \"exec_interpreter\": \"bash\"", "bash", "")]
    [InlineData("\"interpreter\": \"bash\", \"exec_interpreter\": false", "bash", "")]
    [InlineData("\"execInterpreter\": \"python3\", \"interpreter\": \"bash\"", "bash", "'execInterpreter' and 'interpreter' are the same option; 'interpreter' is taken, as in pm2")]
    public void Of_two_spellings_the_one_is_taken_that_pm2_takes(string options, string interpreter, string said)
    {
        var result = Read(options);
        Assert.Equal(interpreter, Assert.Single(result.Specs).Launch.Interpreter);
        Assert.Equal(said, string.Join('\n', result.Diagnostics.Select(diagnostic => diagnostic.Message)));
        Assert.All(result.Diagnostics, diagnostic => Assert.Equal(Severity.Warning, diagnostic.Severity));
    }

    [Theory]
    [InlineData("args")]
    [InlineData("out_file")]
    [InlineData("error_file")]
    [InlineData("exec_interpreter")]
    [InlineData("cwd")]
    [InlineData("watch")]
    [InlineData("log_date_format")]
    [InlineData("node_args")]
    [InlineData("namespace")]
    [InlineData("name")]
    [InlineData("max_memory_restart")]
    [InlineData("min_uptime")]
    [InlineData("cron_restart")]
    [InlineData("kill_timeout")]
    [InlineData("port")]
    [InlineData("uid")]
    public void An_empty_text_says_nothing(string option)
    {
        var result = Read($"\"{option}\": \"\"");
        Assert.Empty(result.Diagnostics);
        Assert.Equal(Assert.Single(Read("\"force\": false").Specs), Assert.Single(result.Specs));
    }

    [Theory]
    [InlineData("\"max_memory_restart\": false, \"min_uptime\": 0, \"cron_restart\": 0, \"listen_timeout\": 0, \"out_file\": false, \"log_date_format\": false, \"port\": 0")]
    [InlineData("\"max_memory_restart\": 0, \"min_uptime\": false, \"cron_restart\": false, \"exec_mode\": false, \"node_args\": false, \"pid_file\": false, \"port\": null")]
    public void Off_is_off_without_a_word(string options)
    {
        var result = Read(options);
        Assert.Empty(result.Diagnostics);
        Assert.Equal(Assert.Single(Read("\"force\": false").Specs), Assert.Single(result.Specs));
    }

    [Theory]
    [InlineData("1.5", 1, "instances: '1.5' is taken as 1")]
    [InlineData("0.5", 4, "instances: '0.5' is taken as 0, which is one per CPU: 4")]
    [InlineData("\"2\"", 2, "")]
    [InlineData("\"0\"", 4, "")]
    [InlineData("0", 4, "")]
    [InlineData("-1", 3, "")]
    [InlineData("-9", 1, "")]
    [InlineData("\"max\"", 4, "")]
    [InlineData("\"auto\"", 4, "instances: 'auto' is taken as 0, which is one per CPU: 4")]
    [InlineData("\"\"", 4, "instances: nothing is taken as 0, which is one per CPU: 4")]
    [InlineData("\"3 of them\"", 3, "instances: '3 of them' is taken as 3")]
    [InlineData("null", 1, "")]
    public void Instances_are_counted_as_pm2_counts_them(string value, int instances, string said)
    {
        var result = Read($"\"instances\": {value}");
        Assert.Equal(instances, Assert.Single(result.Specs).Instances);
        Assert.Equal(said, string.Join('\n', result.Diagnostics.Select(diagnostic => diagnostic.Message)).Replace("''", "nothing", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"max_restarts\": 2.5", "max_restarts: 2.5 is taken as 2")]
    [InlineData("\"max_restarts\": 99999999999", "'99999999999' is too much; taken as 2147483647")]
    [InlineData("\"min_uptime\": \"1000h\"", "'1000h' is too much; taken as 20d")]
    [InlineData("\"restart_delay\": -1", "a duration cannot be negative: -1; ignored")]
    [InlineData("\"port\": 70000", "70000 is too large; at most 65535; ignored")]
    [InlineData("\"log_type\": \"text\"", "expected json, got 'text'; ignored")]
    [InlineData("\"env\": \"A=1\"", "expected a mapping of variables, got 'A=1'; ignored")]
    [InlineData("\"env\": {\"A=B\": 1}", "'A=B' is no name of a variable; ignored")]
    [InlineData("\"watch_options\": {\"followSymlinks\": false, \"mine\": 1}", "unknown key 'mine' in watch_options; ignored")]
    [InlineData("\"args\": \"it's late\"", "a quote is opened and not closed; the text is split at its blanks")]
    [InlineData("\"args\": [\"${NOPE}\"]", "the variable NOPE is not set; it stays as it is")]
    [InlineData("\"name\": \"@acme/web\"", "'@acme/web' cannot be the name of an app here; it is called '@acme-web'")]
    [InlineData("\"x\": 1, \"hostname\": \"a\", \"restartOnExit\": true", "x, hostname, restartOnExit: no option of that name, here or in pm2; ignored")]
    public void What_nothing_can_be_done_with_is_one_warning(string options, string said)
    {
        var result = Read(options);
        Assert.Single(result.Apps);
        var diagnostic = Assert.Single(result.Diagnostics);
        Assert.Equal((Severity.Warning, said), (diagnostic.Severity, diagnostic.Message));
    }

    [Theory]
    [InlineData("\"instnaces\": 2", "unknown key 'instnaces'")]
    [InlineData("\"max_memory_restrat\": 2", "unknown key 'max_memory_restrat'")]
    [InlineData("\"autorestart\": 5", "expected true or false, got '5'")]
    [InlineData("\"exec_mode\": \"clustr\"", "expected fork or cluster, got 'clustr'")]
    [InlineData("\"kill_timeout\": \"soon\"", "expected a duration, got 'soon'")]
    [InlineData("\"listen\": \"nowhere\"", null)]
    public void A_typing_mistake_and_what_pm2_refuses_is_an_error(string options, string? said)
    {
        var diagnostic = Assert.Single(Read(options).Diagnostics);
        Assert.Equal(Severity.Error, diagnostic.Severity);
        if (said is not null)
            Assert.Equal(said, diagnostic.Message);
    }

    [Theory]
    [InlineData("instances: 1.5")]
    [InlineData("exec_interpreter: ''")]
    [InlineData("max_memory_restart: false")]
    [InlineData("min_uptime: 0")]
    [InlineData("hostname: a")]
    [InlineData("args: it's late")]
    [InlineData("cmd: server.js")]
    public void In_yaml_each_of_these_is_an_error(string line) =>
        Assert.True(_workspace.Parse($"apps:\n  - script: server.js\n    {line}\n").HasErrors);

    [Fact]
    public void Options_beside_apps_have_no_effect_and_it_is_said()
    {
        var result = _workspace.Parse("""{"name": "shop", "watch": true, "apps": [{"script": "server.js"}]}""", "ecosystem.json");
        Assert.Equal("server", Assert.Single(result.Specs).Name.Value);
        var diagnostic = Assert.Single(result.Diagnostics);
        Assert.Equal("name, watch: beside 'apps' an option of an app has no effect; ignored, as in pm2", diagnostic.Message);
    }

    [Fact]
    public void Two_apps_of_one_name_run_side_by_side_under_two()
    {
        _workspace.File("a/index.js");
        _workspace.File("b/index.js");
        var result = _workspace.Parse("""[{"script": "a/index.js"}, {"script": "b/index.js"}, {"script": "server.js", "name": "index"}, {"script": "server.js", "name": "index-2"}]""", "ecosystem.json");
        Assert.Equal(["index", "index-3", "index-4", "index-2"], result.Specs.Select(spec => spec.Name.Value));
        Assert.All(result.Diagnostics, diagnostic => Assert.Equal(Severity.Warning, diagnostic.Severity));
        Assert.True(_workspace.Parse("[{script: a/index.js}, {script: b/index.js}]").HasErrors);
    }

    [Fact]
    public void A_dollar_in_json_stays_unless_it_begins_a_variable_that_is_set()
    {
        var launch = Assert.Single(Read("\"args\": [\"$$\", \"a$$b$c\", \"$${HOME}\", \"${USER}\", \"${NOPE:-x}\", \"${\"]").Specs).Launch;
        Assert.Equal(["$$", "a$$b$c", "${HOME}", "ada", "x", "${"], launch.ScriptArguments);
    }

    [Fact]
    public void Variables_of_all_types_are_the_texts_that_JavaScript_prints()
    {
        var launch = Assert.Single(Read("\"env\": {\"A\": 1.0, \"B\": 1e3, \"C\": 12345678901234567890, \"D\": 1e21, \"E\": 1e-7, \"F\": 0.000001, \"G\": true, \"H\": -0, \"I\": [1.50], \"J\": 1e400}").Specs).Launch;
        var texts = launch.Environment.Where(variable => variable.Name.Length == 1).Select(variable => variable.Value);
        Assert.Equal(["1", "1000", "12345678901234567000", "1e+21", "1e-7", "0.000001", "true", "0", "[1.5]", "Infinity"], texts);
    }

    private ConfigResult Read(string options) => _workspace.Parse($$"""{"apps": [{"script": "server.js", {{options}}}]}""", "ecosystem.json");
}
