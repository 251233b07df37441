using Xunit;
using ZeroDown.Config;

namespace ZeroDown.Tests.Config;

/// <summary>What a file that is a program exports, without running any: it has no lines, so messages name the app and the key.</summary>
public sealed class EvaluatedFileTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("""{"apps":[{"script":"server.js"}]}""")]
    [InlineData("""{"pm2":[{"script":"server.js"}]}""")]
    [InlineData("""{"pm2":{"apps":[{"script":"server.js"}]}}""")]
    [InlineData("""[{"script":"server.js"}]""")]
    [InlineData("""{"script":"server.js"}""")]
    public void All_of_pm2s_shapes_are_read(string json) => Assert.Equal("server", Assert.Single(Read(json).Specs).Name.Value);

    [Fact]
    public void It_means_what_the_same_file_means_in_yaml()
    {
        const string text = """{"apps":[{"script":"server.js","name":7,"instances":"3","min_uptime":"60s","kill_timeout":3000,"autorestart":false,"args":["a",1,true],"env":{"A":1.5,"B":null},"out_file":"NULL"}]}""";
        Assert.Equal(_workspace.Specs(text).Single(), Read(text).Specs.Single());
    }

    [Fact]
    public void Texts_arrive_as_they_are_dollars_and_all()
    {
        var launch = Read("""{"apps":[{"script":"server.js","args":["${HOME}","$$"],"env":{"PASSWORD":"a${b"}}]}""").Specs.Single().Launch;
        Assert.Equal(["${HOME}", "$$"], launch.ScriptArguments);
        Assert.Contains(new("PASSWORD", "a${b"), launch.Environment);
    }

    [Theory]
    [InlineData("""{"apps":[{"script":"server.js"},{"name":"web","script":"server.js","instances":{}}]}""", "ecosystem.config.js: error: apps[1].instances (web): expected a number or 'max', got a mapping")]
    [InlineData("""{"apps":[{"name":"web","script":"server.js","listen":[{"name":"http","adress":":80"}]}]}""", "ecosystem.config.js: error: apps[0].listen[0] (web): unknown key 'adress' in listen\n  did you mean 'address'?")]
    [InlineData("""[{"name":"a","script":"server.js","killTimout":1}]""", "ecosystem.config.js: error: [0] (a): unknown key 'killTimout'\n  did you mean 'killTimeout'?")]
    [InlineData("""{"script":"server.js","name":"a","args":{}}""", "ecosystem.config.js: error: args (a): expected text or a list of texts, got a mapping")]
    [InlineData("""{"apps":[{"name":"web"}]}""", "ecosystem.config.js: error: apps[0]: this app has no 'script'\n  name a file, a program or a command line")]
    [InlineData("""{"apps":[{"script":"sever.js"}]}""", "ecosystem.config.js: error: apps[0].script: script not found: {here}/sever.js\n  did you mean 'server.js'?")]
    [InlineData("""{"appz":[]}""", "ecosystem.config.js: error: unknown key 'appz'\n  did you mean 'apps'?")]
    [InlineData("""{"apps":3}""", "ecosystem.config.js: error: apps: expected a list of apps, got '3'\n  every app starts with '- '")]
    public void A_mistake_names_the_file_the_app_and_the_key(string json, string expected) =>
        Assert.Equal(expected.Replace("{here}", _workspace.Path), DiagnosticText.Render(Read(json).Diagnostics));

    [Fact]
    public void Keys_that_pm2_drops_without_a_word_are_one_warning_and_env_file_says_who_reads_it()
    {
        var result = Read("""{"version":"1","apps":[{"name":"a","script":"server.js","env_file":".env","metrics":false,"description":"x","axm_options":{"http":false}},{"script":"server.js","metrics":true}]}""");
        Assert.Equal(2, result.Specs.Count());
        Assert.Equal(
            [
                "nothing reads env_file, here or in pm2; ignored",
                "axm_options: for pm2's hosted service, which is not here; ignored",
                "version, metrics, description: no option of that name, here or in pm2; ignored",
            ],
            result.Diagnostics.Select(diagnostic => diagnostic.Message));
        Assert.All(result.Diagnostics, diagnostic => Assert.Equal(Severity.Warning, diagnostic.Severity));
    }

    [Fact]
    public void What_went_wrong_while_it_ran_is_shown_with_its_line() => Assert.Equal("""
        ecosystem.config.js:2:1: error: it throws Error: no
          throw new Error('no')
          ^
        """, Said("// a file\nthrow new Error('no')\n", new EvaluatedFile.Failed("it throws Error: no", null, 2, 1)));

    [Fact]
    public void A_place_outside_of_the_file_does_no_harm() =>
        Assert.StartsWith("ecosystem.config.js:1:1: error: SyntaxError", Said("", new EvaluatedFile.Failed("SyntaxError", null, 99, 99)));

    [Fact]
    public void A_key_that_cannot_be_part_of_a_config_is_named() =>
        Assert.Equal(
            "ecosystem.config.js: error: apps[0].env.X: a function cannot be part of a config\n  write what it returns",
            Said("", new EvaluatedFile.Failed("a function cannot be part of a config", "write what it returns") { Path = "apps[0].env.X" }));

    [Theory]
    [InlineData(40)]
    [InlineData(10_000)]
    public void Too_deep_is_said_and_costs_nothing(int depth) =>
        Assert.Contains("nested too deeply", DiagnosticText.Render(Read($$"""{"apps":{{new string('[', depth)}}{{new string(']', depth)}}}""").Diagnostics));

    [Fact]
    public void Too_many_values_are_said_once()
    {
        var diagnostic = Assert.Single(Read($$"""{"apps":[{{string.Join(',', Enumerable.Repeat("1", 200_000))}}]}""").Diagnostics);
        Assert.Equal("what it exports holds more than 100,000 values", diagnostic.Message);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_not_run()
    {
        var result = await EcosystemFile.ReadAsync("gone.config.js", _workspace.Context, (_, _, _) => throw new InvalidOperationException("run"), CancellationToken.None);
        Assert.Equal("gone.config.js: error: the file does not exist", DiagnosticText.Render(result.Diagnostics).Split('\n')[0]);
    }

    [Fact]
    public async Task Paths_start_at_the_files_folder()
    {
        _workspace.File("etc/app.js");
        _workspace.File("etc/ecosystem.config.cjs");
        var result = await EcosystemFile.ReadAsync("etc/ecosystem.config.cjs", _workspace.Context, Runs, CancellationToken.None);
        Assert.Equal(_workspace["etc/app.js"], Assert.Single(result.Specs).Launch.Script);

        Task<EvaluatedFile> Runs(string path, string? expression, CancellationToken cancellation)
        {
            Assert.Null(expression);
            Assert.Equal(_workspace["etc/ecosystem.config.cjs"], path);
            return Task.FromResult<EvaluatedFile>(new EvaluatedFile.Value("""{"apps":[{"script":"app.js"}]}"""));
        }
    }

    private ConfigResult Read(string json) => EcosystemFile.FromEvaluated("", "ecosystem.config.js", new EvaluatedFile.Value(json), _workspace.Context);

    private string Said(string text, EvaluatedFile evaluated) =>
        DiagnosticText.Render(EcosystemFile.FromEvaluated(text, "ecosystem.config.js", evaluated, _workspace.Context).Diagnostics);
}
