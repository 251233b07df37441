using Xunit;
using ZeroDown.Config;
using ZeroDown.Core.Apps;

namespace ZeroDown.Tests.Config;

/// <summary>Scripts that are no file with a telling ending: folders, files without ending, links, and first lines that name no interpreter.</summary>
public sealed class ScriptKindTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("dist", "dist")]
    [InlineData("./dist", "dist")]
    [InlineData("./dist/", "dist")]
    [InlineData("dist/.", "dist")]
    [InlineData("dist/deep/..", "dist")]
    public void A_folder_with_an_index_is_nodes_and_gives_its_name(string script, string name)
    {
        _workspace.File("dist/index.js");
        Directory.CreateDirectory(_workspace["dist/deep"]);
        var spec = Assert.Single(EcosystemFile.FromCommandLine(script, [], [], _workspace.Context).Specs);
        Assert.Equal((name, "node", Runtime.Node), (spec.Name.Value, spec.Launch.Interpreter, spec.Launch.Runtime));
        Assert.Equal([_workspace["dist"]], spec.Launch.Arguments);
        Assert.Equal(_workspace["dist"], spec.Launch.Script);
    }

    [Fact]
    public void The_folder_that_one_stands_in_is_started_by_a_dot()
    {
        _workspace.File("shop/package.json", """{"main": "lib/start"}""");
        _workspace.File("shop/lib/start.js");
        var spec = Assert.Single(EcosystemFile.FromCommandLine(".", [], [], _workspace.Context with { CurrentDirectory = _workspace["shop"] }).Specs);
        Assert.Equal(("shop", _workspace["shop"]), (spec.Name.Value, spec.Launch.Script));
        var fromFile = Assert.Single(_workspace.Specs("[{script: ., cwd: shop}]"));
        Assert.Equal(("shop", _workspace["shop"]), (fromFile.Name.Value, fromFile.Launch.Script));
    }

    [Theory]
    [InlineData("{\"main\": \"lib\"}", "lib/index.js", true)]
    [InlineData("{\"main\": \"lib/a.cjs\"}", "lib/a.cjs", true)]
    [InlineData("{\"main\": \"gone.js\"}", "index.js", true)]
    [InlineData("{\"exports\": \"./a.js\"}", "a.js", false)]
    [InlineData("{\"main\": 3}", "index.js", true)]
    [InlineData("{\"type\": \"module\"}", "index.mjs", false)]
    [InlineData("not json", "index.js", true)]
    [InlineData("{\"main\": \"a.js\"}", "b.js", false)]
    public void What_node_resolves_decides(string package, string file, bool runs)
    {
        _workspace.File("app/package.json", package);
        _workspace.File("app/" + file);
        var result = EcosystemFile.FromCommandLine("./app", [], [], _workspace.Context);
        Assert.Equal(runs, !result.HasErrors);
        if (!runs)
            Assert.Equal($"the script {_workspace["app"]} is a folder", Assert.Single(result.Diagnostics).Message);
    }

    [Fact]
    public void Another_interpreter_is_given_the_folder_as_it_is()
    {
        Directory.CreateDirectory(_workspace["tool"]);
        Assert.Equal([_workspace["tool"]], _workspace.App("script: ./tool", "interpreter: python3").Launch.Arguments);
    }

    [Theory]
    [InlineData("console.log(1)\n", "node")]
    [InlineData("", "node")]
    [InlineData("#!/usr/bin/env node\nconsole.log(1)\n", "node")]
    [InlineData("#!/usr/bin/env node\r\nconsole.log(1)\r\n", "node")]
    [InlineData("#!/bin/sh\nexit\n", "none")]
    [InlineData("\u007fELF\u0002\u0001", "none")]
    [InlineData("MZ\0\0", "none")]
    public void A_file_without_ending_is_nodes_when_it_is_a_text_without_another_first_line(string text, string interpreter)
    {
        _workspace.Executable("www");
        File.WriteAllText(_workspace["www"], text);
        Assert.Equal(interpreter, Assert.Single(_workspace.Specs("[{script: www}]")).Launch.Interpreter);
    }

    [Theory]
    [InlineData("#!/bin/sh\r\nexit\r\n", "the first line of {here}/www ends with a Windows line break, so the kernel does not find its interpreter", "sed -i 's/\\r$//' {here}/www")]
    [InlineData("#!/opt/gone/python\n", "the first line of {here}/www names the interpreter '/opt/gone/python', which does not exist", "install it, mend the line, or set 'interpreter'")]
    [InlineData("#! /usr/bin -x\n", "the first line of {here}/www names the interpreter '/usr/bin', which is a folder", "install it, mend the line, or set 'interpreter'")]
    public void A_first_line_that_the_kernel_cannot_use_is_said_before_anything_is_started(string text, string message, string hint)
    {
        _workspace.Executable("www");
        File.WriteAllText(_workspace["www"], text);
        foreach (var interpreter in new[] { "", ", interpreter: none" })
        {
            var diagnostic = Assert.Single(_workspace.Parse($"[{{script: www{interpreter}}}]").Diagnostics);
            Assert.Equal((message.Replace("{here}", _workspace.Path), hint.Replace("{here}", _workspace.Path)), (diagnostic.Message, diagnostic.Hint));
        }
    }

    [Fact]
    public void A_link_is_followed_and_a_broken_one_is_said()
    {
        File.CreateSymbolicLink(_workspace["current.js"], _workspace["server.js"]);
        Assert.Equal(_workspace["current.js"], Assert.Single(_workspace.Specs("[{script: current.js}]")).Launch.Script);
        File.CreateSymbolicLink(_workspace["broken.js"], _workspace["gone.js"]);
        Assert.Equal($"the script {_workspace["broken.js"]} is a link to {_workspace["gone.js"]}, which leads to no file", Assert.Single(_workspace.Parse("[{script: broken.js}]").Diagnostics).Message);
    }

    [Fact]
    public void A_folder_is_no_interpreter() =>
        Assert.Equal($"the interpreter {_workspace["bin"]} is a folder", Assert.Single(_workspace.Parse("[{script: server.js, interpreter: ./bin}]").Diagnostics).Message);
}
