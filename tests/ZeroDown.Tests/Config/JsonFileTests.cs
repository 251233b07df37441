using Xunit;
using ZeroDown.Config;

namespace ZeroDown.Tests.Config;

/// <summary>A <c>.json</c> is read whole or not at all: as JSON in this process, else by node.</summary>
public sealed class JsonFileTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("[{\"script\": \"server.js\"}] and more", "ecosystem.json:1:27")]
    [InlineData("{\"apps\": [{\"script\": \"server.js\" \"name\": \"a\"}]}", "ecosystem.json:1:34")]
    [InlineData("{\n  apps: []}", "ecosystem.json:2:3")]
    [InlineData("{\"a\": \"\u00e9\u20ac\ud83d\ude00\", 'b': 1}", "ecosystem.json:1:15")]
    [InlineData("{\"a\": [1, 2}", "ecosystem.json:1:12")]
    [InlineData("{\"a\": 1}\n{\"a\": 2}", "ecosystem.json:2:1")]
    [InlineData("{\"a\": 01}", "ecosystem.json:1:8")]
    [InlineData("{\"a\": \"b", "ecosystem.json:1:")]
    public async Task What_is_no_json_goes_to_node_as_it_is_and_without_node_is_refused_at_its_place(string text, string place)
    {
        var (result, asked) = await Read(text);
        Assert.Equal(text, asked);
        Assert.Equal("server", Assert.Single(result.Specs).Name.Value);

        File.Delete(_workspace["bin/node"]);
        (result, asked) = await Read(text);
        Assert.Null(asked);
        var diagnostic = Assert.Single(result.Diagnostics);
        Assert.Equal("this is no JSON; node could read it as JavaScript, as pm2 does, and there is no node on PATH", diagnostic.Message);
        Assert.StartsWith(place, $"{diagnostic.File}:{diagnostic.Line}:{diagnostic.Column}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\ufeff[{\"script\": \"server.js\"}]\r\n")]
    [InlineData("/* a */ [{\"script\": \"server.js\",}, // b\n]")]
    [InlineData("{\"__proto__\": {}, \"apps\": [{\"script\": \"gone.js\", \"script\": \"server.js\"}]}")]
    public async Task Json_with_comments_and_trailing_commas_needs_no_node(string text)
    {
        var (result, asked) = await Read(text);
        Assert.Null(asked);
        Assert.Equal("server", Assert.Single(result.Specs).Name.Value);
    }

    [Fact]
    public void Of_a_key_that_is_there_twice_the_last_counts_and_it_is_said() => Assert.Equal("""
        ecosystem.json:2:27: warning: the key 'instances' is here twice; the first one is in line 1, and this one is taken
          "script": "server.js", "instances": 2}]
                                 ^~~~~~~~~~~
        """, _workspace.SaidOf("[{\"instances\": 1,\n   \"script\": \"server.js\", \"instances\": 2}]", "ecosystem.json"));

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t")]
    [InlineData("\ufeff")]
    public void An_empty_file_is_said(string text) => Assert.Contains("the file is empty", _workspace.SaidOf(text, "ecosystem.json"), StringComparison.Ordinal);

    [Theory]
    [InlineData("a.json5")]
    [InlineData("a.jsonc")]
    [InlineData("A.JSON")]
    public void These_endings_name_a_file_with_apps(string name)
    {
        Assert.True(EcosystemFile.IsOne(name));
        Assert.Equal("server", Assert.Single(_workspace.Specs("[{\"script\": \"server.js\", \"mine\": 1}]", name)).Name.Value);
    }

    [Fact]
    public async Task Stdin_is_evaluated_too()
    {
        string? asked = null;
        var result = await EcosystemFile.ParseAsync("{ apps: [{ script: 'server.js' }] }", "-", _workspace.Context, (_, expression, _) => Answer(asked = expression), CancellationToken.None);
        Assert.Equal("server", Assert.Single(result.Specs).Name.Value);
        Assert.Equal("{ apps: [{ script: 'server.js' }] }", asked);
    }

    [Fact]
    public async Task Variables_are_filled_in_also_where_node_has_read_it()
    {
        _workspace.File("a.json", "[{script: '${FILE}'}]");
        _workspace.Shell("FILE", "server.js");
        var result = await EcosystemFile.ReadAsync(
            "a.json", _workspace.Context, (_, _, _) => Task.FromResult<EvaluatedFile>(new EvaluatedFile.Value("""[{"script":"${FILE}"}]""")), CancellationToken.None);
        Assert.Equal(_workspace["server.js"], Assert.Single(result.Specs).Launch.Script);
    }

    private async Task<(ConfigResult Result, string? Asked)> Read(string text)
    {
        _workspace.File("ecosystem.json", text);
        string? asked = null;
        var result = await EcosystemFile.ReadAsync("ecosystem.json", _workspace.Context, (_, expression, _) => Answer(asked = expression), CancellationToken.None);
        return (result, asked);
    }

    private static Task<EvaluatedFile> Answer(string? _) => Task.FromResult<EvaluatedFile>(new EvaluatedFile.Value("""[{"script":"server.js"}]"""));
}
