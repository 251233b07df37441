using System.Diagnostics;
using Xunit;
using ZeroDown.Cli.Evaluation;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;

namespace ZeroDown.Tests.Cli.Evaluation;

/// <summary>With the real node, where there is one.</summary>
public sealed class NodeEvaluationTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StringWriter _printed = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ecosystem.config.js", "module.exports = { apps: [{ script: 'a.js' }] }")]
    [InlineData("ecosystem.config.js", "exports.apps = [{ script: 'a.js' }]")]
    [InlineData("ecosystem.config.cjs", "exports.__esModule = true; exports.default = { apps: [{ script: 'a.js' }] }")]
    [InlineData("ecosystem.config.mjs", "export default { apps: [{ script: 'a.js' }] }")]
    [InlineData("ecosystem.config.mjs", "export const apps = [{ script: 'a.js' }]; export default () => {}")]
    [InlineData("ecosystem.config.mjs", "const script = await Promise.resolve('a.js'); export const apps = [{ script }]")]
    [InlineData("ecosystem.config.js", "module.exports = Promise.resolve({ apps: [{ script: 'a.js' }] })")]
    [InlineData("ecosystem.config.js", "class Config { constructor() { this.apps = [{ script: 'a.js' }] } toJSON() { return { ...this } } } module.exports = new Config()")]
    public async Task Every_kind_of_export_is_taken(string name, string text) =>
        Assert.Equal("""{"apps":[{"script":"a.js"}]}""", (await ValueOf(text, name)).Json);

    [Fact]
    public async Task A_type_module_folder_takes_export_in_a_js_file()
    {
        File.WriteAllText(_folder["package.json"], """{"type":"module"}""");
        Assert.Equal("""{"apps":[]}""", (await ValueOf("export const apps = []")).Json);
        Assert.Equal("it exports nothing", (await Failure("module.exports = { apps: [] }", "again.config.js")).Message);
        Assert.Contains("require is not defined in ES module scope", (await Failure("const x = require('fs')", "third.config.js")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_of_javascript_become_what_one_would_write()
    {
        var json = (await ValueOf("""
            module.exports = { apps: [{ a: undefined, b: null, c: NaN, d: 12n, e: /\.log$/i, f: new Date(0), g: [undefined, , 1], h: 1e21, i: new String('x'), j: '\u00e9"', ['__proto__']: 1 }] }
            """)).Json;
        Assert.Equal("""{"apps":[{"b":null,"c":"NaN","d":"12","e":"/\\.log$/i","f":"1970-01-01T00:00:00.000Z","g":[null,null,1],"h":1e+21,"i":"x","j":"é\"","__proto__":1}]}""", json);
    }

    [Theory]
    [InlineData("{ apps: [{ script: 'a.js', }], } // the end", """{"apps":[{"script":"a.js"}]}""")]
    [InlineData("[{ script: `a.js`, n: .5, x: 0x10, p: +1, t: \"a\tb\" }]", """[{"script":"a.js","n":0.5,"x":16,"p":1,"t":"a\tb"}]""")]
    [InlineData("{ a: 1, a: process.argv.length, half: '\\ud83d' }", """{"a":2,"half":"�"}""")]
    public async Task A_json_that_only_node_can_read_is_read_by_node(string text, string expected)
    {
        Assert.Equal(expected, Assert.IsType<EvaluatedFile.Value>(await Evaluate(text)).Json);
    }

    [Theory]
    [InlineData("[{ script: 'a.js' }]\n and more", "SyntaxError", 2)]
    [InlineData("{ apps: [{ script: 'a.js' instances: 2 }] }", "SyntaxError", 1)]
    [InlineData("{ apps: [ }", "SyntaxError", 1)]
    [InlineData("{ apps: [] }; { apps: [] }", "SyntaxError", 1)]
    [InlineData("\n{ apps: require('./apps') }", "ReferenceError: require is not defined", 2)]
    [InlineData("'text'", "it is a string, not an object with 'apps'", 0)]
    public async Task What_node_cannot_read_either_is_said_with_its_line(string text, string message, int line)
    {
        var failed = Assert.IsType<EvaluatedFile.Failed>(await Evaluate(text));
        Assert.Contains(message, failed.Message, StringComparison.Ordinal);
        Assert.Equal(line, failed.Line);
    }

    [Fact]
    public async Task What_the_file_prints_is_shown_and_is_not_the_answer()
    {
        await ValueOf("""console.log('{"value":1}\x1b[31m'); require('child_process').execSync('echo child', { stdio: 'inherit' }); process.stdout.write('end'); module.exports = { apps: [] }""");
        Assert.Equal("{\"value\":1}\\x1b[31m\nchild\nend\n", _printed.ToString());
    }

    [Fact]
    public async Task The_file_sees_the_users_shell_folder_and_words()
    {
        var evaluation = Evaluation(words: ["start", "--env", "production"], variables: new() { ["ONLY_HERE"] = "yes" });
        var value = Assert.IsType<EvaluatedFile.Value>(await evaluation.RunAsync(
            Write("module.exports = { apps: [process.argv.slice(2), process.cwd(), process.env.ONLY_HERE, __filename] }", "sub/a.config.js"), null, TestContext.Current.CancellationToken));
        Assert.Equal($$"""{"apps":[["start","--env","production"],"{{_folder.Path}}","yes","{{_folder["sub/a.config.js"]}}"]}""", value.Json);
    }

    [Theory]
    [InlineData("\n  throw new TypeError('no\\nway')", "it throws TypeError: no", 2, 9)]
    [InlineData("throw 'text'", "it throws text", 0, 0)]
    [InlineData("module.exports = { apps: [ }", "SyntaxError: Unexpected token '}'", 1, 0)]
    [InlineData("module.exports = Promise.reject(new Error('later'))", "it throws Error: later", 1, 33)]
    [InlineData("setTimeout(() => { throw new Error('x') }, 1); module.exports = new Promise(() => setInterval(() => {}, 1000))", "it throws Error: x", 1, 26)]
    [InlineData("require('no-such-package')", "it throws Error: Cannot find module 'no-such-package'", 1, 1)]
    public async Task What_it_throws_is_told_with_its_place(string text, string message, int line, int column) =>
        Assert.Equal((message, line, column), (await Failure(text)) switch { var f => (f.Message, f.Line, f.Column) });

    [Fact]
    public async Task The_line_of_a_syntax_error_in_an_es_module_is_found() =>
        Assert.Equal(("SyntaxError: Unexpected token '='", 2), (await Failure("export const apps = [\n1,,=\n]", "a.config.mjs")) switch { var f => (f.Message, f.Line) });

    [Theory]
    [InlineData("module.exports = () => ({ apps: [] })", "it exports a function", "")]
    [InlineData("module.exports = 3", "it exports a number, not an object with 'apps'", "")]
    [InlineData("module.exports = null", "it exports null, not an object with 'apps'", "")]
    [InlineData("module.exports.apps", "it exports nothing", "")]
    [InlineData("module.exports = new Promise(() => {})", "it waits for a promise that nothing will fulfil", null)]
    [InlineData("process.exit(3)", "it ended the program (process.exit with 3) before it exported anything", null)]
    [InlineData("process.kill(process.pid, 'SIGKILL')", "{node} ended with exit code 137 and without an answer", null)]
    [InlineData("module.exports = { apps: [{ env: { A() {} } }] }", "a function cannot be part of a config", "apps[0].env.A")]
    [InlineData("module.exports = { apps: [{ env: { A: Promise.resolve(1) } }] }", "a promise cannot be part of a config", "apps[0].env.A")]
    [InlineData("module.exports = { apps: [new Map()] }", "a Map cannot be part of a config", "apps[0]")]
    [InlineData("const a = { apps: [] }; a.apps.push(a); module.exports = a", "this value contains itself", "apps[0]")]
    [InlineData("module.exports = { get apps() { throw new RangeError('lazy') } }", "it throws RangeError: lazy", null)]
    public async Task What_cannot_be_a_config_is_told(string text, string message, string? path)
    {
        var failure = await Failure(text);
        Assert.Equal((message.Replace("{node}", Node()), path), (failure.Message, failure.Path));
    }

    [Theory]
    [InlineData("for (;;);")]
    [InlineData("setInterval(() => {}, 1000); module.exports = new Promise(() => {})")]
    [InlineData("for (;;) console.log('x'.repeat(1000))")]
    [InlineData("require('child_process').execSync('sleep 1000')")]
    public async Task A_file_that_never_ends_is_stopped_with_all_that_it_started(string text)
    {
        var failed = Assert.IsType<EvaluatedFile.Failed>(await Evaluation(limit: TimeSpan.FromSeconds(1.5)).RunAsync(Write(text), null, TestContext.Current.CancellationToken));
        Assert.Equal("it did not end within 1.5 s and was stopped", failed.Message);
        Assert.True(_printed.ToString().Length < 100_000, "what it prints has an end");
        Eventually.True(() => !Processes().Any(), "nothing of it is left", () => string.Join('\n', Processes()));
    }

    [Fact]
    public void Its_time_is_the_one_that_the_readme_names() =>
        Assert.Equal(TimeSpan.FromSeconds(15), new NodeEvaluation(ReadContext.OfThisProcess(), new Screen(TextWriter.Null, _printed), []).TimeLimit);

    [Fact]
    public async Task Interrupted_it_is_gone_too()
    {
        using var interruption = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Evaluation().RunAsync(Write("for (;;);"), null, interruption.Token));
        Eventually.True(() => !Processes().Any(), "nothing of it is left", () => string.Join('\n', Processes()));
    }

    [Fact]
    public async Task What_is_too_large_is_refused() =>
        Assert.Equal("what it exports is too large", (await Failure("module.exports = { apps: [{ script: 'x'.repeat(64 << 20) }] }")).Message);

    [Fact]
    public async Task Without_node_it_says_what_is_needed_and_where_it_looked()
    {
        var failed = Assert.IsType<EvaluatedFile.Failed>(await Evaluation(variables: new() { ["PATH"] = "/nowhere:/else" })
            .RunAsync(Write(""), null, TestContext.Current.CancellationToken));
        Assert.Equal("a .js file needs node 18 or newer, and there is no node on PATH", failed.Message);
        Assert.Equal("install it, or write the same keys into ecosystem.yaml; looked in /nowhere, /else", failed.Hint);
    }

    [Theory]
    [InlineData("[ \"$1\" = --version ] && echo v10.24.1 && exit; exit 9", "this file needs node 18 or newer; {node} is v10.24.1")]
    [InlineData("echo '{\"node\":\"v16.20.2\",\"tooOld\":true}' >&3", "this file needs node 18 or newer; {node} is v16.20.2")]
    [InlineData("exit 5", "{node} ended with exit code 5 and without an answer")]
    [InlineData("echo '{\"node\":' >&3", "{node} ended with exit code 0 and without an answer")]
    public async Task A_node_that_is_too_old_or_none_is_named_with_what_was_found(string script, string expected)
    {
        Directory.CreateDirectory(_folder["bin"]);
        var node = _folder["bin/node"];
        ProgramFile.Write(node, "#!/bin/sh\n" + script + "\n");
        var failed = Assert.IsType<EvaluatedFile.Failed>(await Evaluation(variables: new() { ["PATH"] = _folder["bin"] })
            .RunAsync(Write(""), null, TestContext.Current.CancellationToken));
        Assert.Equal(expected.Replace("{node}", node), failed.Message);
    }

    [Fact]
    public async Task TypeScript_runs_or_says_which_node_it_needs()
    {
        Node();
        var outcome = await Evaluation().RunAsync(Write("interface A { script: string }\nexport const apps: A[] = [{ script: 'a' }];", "ecosystem.config.ts"), null, TestContext.Current.CancellationToken);
        if (outcome is EvaluatedFile.Failed failed)
            Assert.StartsWith("TypeScript needs node 22.18 or newer; ", failed.Message);
        else
            Assert.Equal("""{"apps":[{"script":"a"}]}""", ((EvaluatedFile.Value)outcome).Json);
    }

    private async Task<EvaluatedFile.Value> ValueOf(string text, string name = "ecosystem.config.js") => Assert.IsType<EvaluatedFile.Value>(await Run(text, name));

    private async Task<EvaluatedFile.Failed> Failure(string text, string name = "ecosystem.config.js") => Assert.IsType<EvaluatedFile.Failed>(await Run(text, name));

    private Task<EvaluatedFile> Run(string text, string name)
    {
        Node();
        return Evaluation().RunAsync(Write(text, name), null, TestContext.Current.CancellationToken);
    }

    private Task<EvaluatedFile> Evaluate(string text)
    {
        Node();
        return Evaluation().RunAsync(_folder["ecosystem.json"], text, TestContext.Current.CancellationToken);
    }

    private static string Node()
    {
        var context = ReadContext.OfThisProcess();
        var node = new SearchPath(context.Environment, context.CurrentDirectory).Find("node");
        Assert.SkipWhen(node is null, "this machine has no node");
        return node!;
    }

    private NodeEvaluation Evaluation(string[]? words = null, Dictionary<string, string>? variables = null, TimeSpan? limit = null)
    {
        var context = ReadContext.OfThisProcess();
        var environment = new Dictionary<string, string>(context.Environment);
        foreach (var (name, value) in variables ?? [])
            environment[name] = value;
        return new NodeEvaluation(context with { CurrentDirectory = _folder.Path, Environment = environment }, new Screen(TextWriter.Null, _printed), words ?? [])
        {
            TimeLimit = limit ?? TimeSpan.FromSeconds(60),
        };
    }

    private string Write(string text, string name = "ecosystem.config.js")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }

    /// <summary>Whatever still runs with this test's folder as its own.</summary>
    private IEnumerable<string> Processes()
    {
        foreach (var process in Process.GetProcesses())
        {
            string? folder = null;
            try
            {
                folder = Directory.ResolveLinkTarget($"/proc/{process.Id}/cwd", returnFinalTarget: false)?.FullName;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has just ended, or is none of ours.
            }

            if (folder == _folder.Path)
                yield return $"{process.Id} {process.ProcessName}";
        }
    }
}
