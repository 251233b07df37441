using Xunit;
using ZeroDown.Config;
using ZeroDown.Core.Apps;

namespace ZeroDown.Tests.Config;

/// <summary>tsx and ts-node are run as node with their loader; what starts node as a process of its own is in fork mode.</summary>
public sealed class NodeWrapperTests : IDisposable
{
    private const string Tsx = "--import file://{here}/node_modules/tsx/dist/loader.mjs";
    private const string TsNode = "-r {here}/node_modules/ts-node/register/index.js";

    private readonly Workspace _workspace = new();

    public NodeWrapperTests()
    {
        _workspace.File("app.ts");
        _workspace.File("src/main.ts");
        _workspace.Executable("bin/npx");
        Package("tsx", """{ "name": "tsx", "exports": { "./package.json": "./package.json", ".": "./dist/loader.mjs" } }""", "dist/cli.mjs", "dist/loader.mjs");
        Package("ts-node", """{ "name": "ts-node" }""", "dist/bin.js", "register/index.js", "register/transpile-only.js", "register/files.js", "esm.mjs");
        Package("nodemon", """{ "name": "nodemon" }""", "bin/nodemon.js");
        Package("next", """{ "name": "next" }""", "dist/bin/next");
    }

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("script: tsx", "args: app.ts --port 1", Tsx + " app.ts --port 1", "app.ts --port 1")]
    [InlineData("script: tsx app.ts", "args: x", Tsx + " app.ts x", "x")]
    [InlineData("script: node_modules/.bin/tsx app.ts", "args: x", Tsx + " app.ts x", "x")]
    [InlineData("script: node_modules/.bin/tsx", "args: src/main.ts", Tsx + " src/main.ts", "src/main.ts")]
    [InlineData("script: node_modules/tsx/dist/cli.mjs", "args: app.ts", Tsx + " app.ts", "app.ts")]
    [InlineData("script: app.ts", "interpreter: tsx", Tsx + " {here}/app.ts", "")]
    [InlineData("script: app.ts", "interpreter: node_modules/.bin/tsx\nargs: x", Tsx + " {here}/app.ts x", "x")]
    [InlineData("script: app.ts", "interpreter: tsx\ninterpreter_args: --inspect", "--inspect " + Tsx + " {here}/app.ts", "")]
    [InlineData("script: npx tsx app.ts", "args: x", Tsx + " app.ts x", "x")]
    [InlineData("script: npx", "args: --yes tsx app.ts x", Tsx + " app.ts x", "app.ts x")]
    [InlineData("script: tsx", "args: --env-file .env -r ./hook.js --no-warnings app.ts", Tsx + " --env-file .env -r ./hook.js --no-warnings app.ts", "--env-file .env -r ./hook.js --no-warnings app.ts")]
    [InlineData("script: ts-node", "args: app.ts x", TsNode + " app.ts x", "app.ts x")]
    [InlineData("script: ts-node -T -r tsconfig-paths/register app.ts", "args: x", "-r {here}/node_modules/ts-node/register/transpile-only.js -r tsconfig-paths/register app.ts x", "x")]
    [InlineData("script: ts-node", "args: --files app.ts", "-r {here}/node_modules/ts-node/register/files.js app.ts", "app.ts")]
    [InlineData("script: ts-node", "args: --esm app.ts", "--loader file://{here}/node_modules/ts-node/esm.mjs app.ts", "app.ts")]
    [InlineData("script: app.ts", "interpreter: ts-node\ninterpreter_args: -r dotenv/config", "-r dotenv/config " + TsNode + " {here}/app.ts", "")]
    public void A_typescript_runner_is_node_with_its_loader(string script, string options, string arguments, string own)
    {
        var spec = _workspace.App([script, .. options.Split('\n'), "instances: 2"]);
        Assert.Equal((_workspace["bin/node"], Runtime.Node, ExecMode.Cluster), (spec.Launch.Program, spec.Launch.Runtime, spec.ExecMode));
        Assert.Equal(arguments.Replace("{here}", _workspace.Path, StringComparison.Ordinal), string.Join(' ', spec.Launch.Arguments));
        Assert.Equal(own, string.Join(' ', spec.Launch.ScriptArguments));

        // Read anew for a flag, it is the same program.
        var changed = Assert.Single(SpecChange.Apply(spec, [new("instances", "-i", "3")], [], _workspace.Context).Specs);
        Assert.Equal((spec.Launch, ExecMode.Cluster, 3), (changed.Launch, changed.ExecMode, changed.Instances));
    }

    [Theory]
    [InlineData("script: tsx", "args: watch app.ts")]
    [InlineData("script: tsx watch app.ts", "x-a: 1")]
    [InlineData("script: node_modules/.bin/tsx", "args: watch app.ts")]
    [InlineData("script: npx tsx watch app.ts", "x-a: 1")]
    [InlineData("script: tsx", "args: --tsconfig other.json app.ts")]
    [InlineData("script: tsx", "args: [-e, '1']")]
    [InlineData("script: tsx", "args: gone.ts")]
    [InlineData("script: tsx", "x-a: 1")]
    [InlineData("script: app.ts", "interpreter: tsx\ninterpreter_args: watch")]
    [InlineData("script: ts-node", "args: -P other.json app.ts")]
    [InlineData("script: ts-node", "args: [-e, '1']")]
    [InlineData("script: npx", "args: serve")]
    public void Their_other_commands_are_ordinary_programs_in_fork_mode(string script, string options)
    {
        var spec = _workspace.App([script, .. options.Split('\n'), "instances: 2"]);
        Assert.Equal((Runtime.Other, ExecMode.Fork, 2), (spec.Launch.Runtime, spec.ExecMode, spec.Instances));
        Assert.DoesNotContain("--import", spec.Launch.Arguments.Items);
    }

    [Fact]
    public void A_runner_whose_package_is_not_found_is_an_ordinary_program_and_that_is_said()
    {
        Directory.Delete(_workspace["node_modules/tsx"], recursive: true);
        _workspace.Executable("bin/tsx");
        var result = _workspace.Parse("apps: [{script: tsx, args: app.ts}]");
        Assert.Contains("the package tsx was not found", Assert.Single(result.Diagnostics).Message, StringComparison.Ordinal);
        Assert.Equal((Runtime.Other, _workspace["bin/tsx"]), (result.Specs.Single().Launch.Runtime, result.Specs.Single().Launch.Program));
    }

    [Fact]
    public void A_tsconfig_that_the_loader_would_not_find_keeps_ts_node_as_it_is()
    {
        _workspace.File("src/tsconfig.json", "{}");
        Assert.Equal(Runtime.Other, _workspace.App("script: ts-node src/main.ts").Launch.Runtime);
        Assert.Equal(Runtime.Node, _workspace.App("script: ts-node app.ts").Launch.Runtime);
        _workspace.File("tsconfig.json", "{ \"ts-node\": { \"esm\": true } }");
        Assert.Equal("--loader", _workspace.App("script: ts-node app.ts").Launch.Arguments.Items[0]);
    }

    [Fact]
    public void Other_wrappers_are_node_in_fork_mode_and_programs_are_not_taken_for_one()
    {
        var result = _workspace.Parse("apps: [{script: node_modules/.bin/nodemon, args: app.js, exec_mode: cluster, instances: 2}]");
        Assert.Contains("fork mode", Assert.Single(result.Diagnostics).Message, StringComparison.Ordinal);
        Assert.Equal((Runtime.Node, ExecMode.Fork), (result.Specs.Single().Launch.Runtime, result.Specs.Single().ExecMode));

        Assert.Equal(ExecMode.Cluster, _workspace.App("script: node_modules/.bin/next", "instances: 2").ExecMode);
        // A project of the user's that has the name of a package.
        _workspace.File("package.json", """{ "name": "concurrently" }""");
        Assert.Equal(ExecMode.Cluster, _workspace.App("instances: 2").ExecMode);
    }

    [Fact]
    public void The_path_of_the_loader_is_an_address_that_node_can_read()
    {
        _workspace.File("a b#%/app.ts");
        _workspace.File("a b#%/node_modules/tsx/package.json", """{ "name": "tsx", "exports": "./l.mjs" }""");
        _workspace.File("a b#%/node_modules/tsx/l.mjs");
        _workspace.Executable("a b#%/node_modules/.bin/tsx");
        var launch = _workspace.App("script: app.ts", "interpreter: tsx", "cwd: 'a b#%'").Launch;
        Assert.Equal($"file://{_workspace.Path}/a%20b%23%25/node_modules/tsx/l.mjs", launch.Arguments.Items[1]);
    }

    private void Package(string name, string package, params string[] files)
    {
        _workspace.File($"node_modules/{name}/package.json", package);
        _workspace.Executable($"node_modules/{name}/{files[0]}", "#!/usr/bin/env node\n");
        foreach (var file in files[1..])
            _workspace.File($"node_modules/{name}/{file}", "#!/usr/bin/env node\n");
        Directory.CreateDirectory(_workspace["node_modules/.bin"]);
        File.CreateSymbolicLink(_workspace[$"node_modules/.bin/{name}"], $"../{name}/{files[0]}");
    }
}
