using Xunit;

namespace ZeroDown.Tests.Config;

public sealed class ScriptTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("a.js", "node", "{here}/a.js")]
    [InlineData("a.mjs", "node", "{here}/a.mjs")]
    [InlineData("a.ts", "node", "{here}/a.ts")]
    [InlineData("a.py", "python3", "{here}/a.py")]
    [InlineData("a.sh", "bash", "{here}/a.sh")]
    [InlineData("a.jar", "java", "-jar {here}/a.jar")]
    [InlineData("a.dll", "dotnet", "{here}/a.dll")]
    public void The_ending_chooses_the_interpreter(string file, string interpreter, string arguments)
    {
        _workspace.File(file);
        var launch = _workspace.App($"script: {file}").Launch;

        Assert.Equal(_workspace["bin/" + interpreter], launch.Program);
        Assert.Equal(interpreter, launch.Interpreter);
        Assert.Equal(arguments.Replace("{here}", _workspace.Path), string.Join(' ', launch.Arguments));
        Assert.Equal(_workspace[file], launch.Script);
    }

    [Fact]
    public void Interpreter_arguments_stand_before_the_script_and_its_own_behind()
    {
        _workspace.File("a.jar");
        var launch = _workspace.App("script: a.jar", "interpreter_args: -Xmx1g -ea", "args: [serve, a b]").Launch;
        Assert.Equal(["-Xmx1g", "-ea", "-jar", _workspace["a.jar"], "serve", "a b"], launch.Arguments);
        Assert.Equal(["-Xmx1g", "-ea"], launch.InterpreterArguments);
    }

    [Fact]
    public void A_program_is_executed_itself_and_asked_to_stop_with_SIGTERM()
    {
        _workspace.Executable("tools/serve");
        var app = _workspace.App("script: ./tools/serve", "args: -v");
        Assert.Equal((_workspace["tools/serve"], "none", "-v"), (app.Launch.Program, app.Launch.Interpreter, string.Join(' ', app.Launch.Arguments)));
        Assert.Equal("SIGTERM", app.Stop.Signal);
    }

    [Fact]
    public void A_bare_name_is_looked_for_here_and_then_on_PATH()
    {
        Assert.Equal(_workspace["bin/redis-server"], _workspace.App("script: redis-server").Launch.Program);
        _workspace.Executable("redis-server");
        Assert.Equal(_workspace["redis-server"], _workspace.App("script: redis-server").Launch.Program);
    }

    [Fact]
    public void A_script_is_looked_for_in_the_cwd_and_then_beside_the_file()
    {
        Directory.CreateDirectory(_workspace["srv"]);
        Assert.Equal(_workspace["server.js"], _workspace.App("cwd: srv").Launch.Script);
        _workspace.File("srv/server.js");
        Assert.Equal(_workspace["srv/server.js"], _workspace.App("cwd: srv").Launch.Script);
    }

    [Fact]
    public void Paths_start_at_the_files_folder_and_not_where_one_stands()
    {
        _workspace.File("deep/app.js");
        var launch = _workspace.Specs("apps: [{script: app.js}]", "deep/ecosystem.yaml")[0].Launch;
        Assert.Equal((_workspace["deep/app.js"], _workspace["deep"]), (launch.Script, launch.WorkingDirectory));
    }

    [Fact]
    public void A_command_line_that_needs_no_shell_gets_none()
    {
        var app = _workspace.App("script: node server.js --name 'two words'");
        Assert.Equal(_workspace["bin/node"], app.Launch.Program);
        Assert.Equal(["server.js", "--name", "two words"], app.Launch.Arguments);
        Assert.Equal("node server", app.Name.Value);
        Assert.Equal("SIGINT", app.Stop.Signal);
    }

    [Fact]
    public void A_command_line_that_needs_a_shell_is_executed_in_its_place()
    {
        var launch = _workspace.App("script: cd /srv && node server.js > log", "args: [x]").Launch;
        Assert.Equal(_workspace["bin/bash"], launch.Program);
        Assert.Equal(["-c", "cd /srv && exec node server.js > log", "bash", "x"], launch.Arguments);
    }

    [Fact]
    public void A_file_with_a_blank_in_its_name_is_a_file()
    {
        _workspace.File("my server.js");
        Assert.Equal([_workspace["my server.js"]], _workspace.App("script: my server.js").Launch.Arguments);
    }

    [Fact]
    public void A_project_is_to_be_built_first()
    {
        _workspace.File("src/Web.csproj");
        var app = Assert.Single(_workspace.Parse("apps: [{script: src/Web.csproj, args: [a]}]").Apps);
        Assert.Equal(_workspace["src/Web.csproj"], app.Project);
        Assert.Equal("Web", app.Spec.Name.Value);

        var built = app.Built("/b/Web", [], "/b").Launch;
        Assert.Equal(("/b/Web", "none", "a"), (built.Program, built.Interpreter, string.Join(' ', built.Arguments)));
        Assert.Equal("/b", built.Environment.Single(v => v.Name == "DOTNET_CONTENTROOT").Value);
    }

    [Theory]
    [InlineData("script: sevrer.js", "script not found: {here}/sevrer.js", "did you mean 'server.js'?")]
    [InlineData("script: server.py", "script not found: {here}/server.py", "did you mean 'server.js'?")]
    [InlineData("script: ./gone/a.js", "script not found: {here}/gone/a.js", "the folder {here}/gone does not exist")]
    [InlineData("script: redis-srver", "'redis-srver' is neither a file here nor a program on PATH", "looked in {here} and in {here}/bin")]
    [InlineData("script: notes.txt", "{here}/notes.txt is not executable, and its ending names no interpreter", "chmod +x {here}/notes.txt, or set 'interpreter'")]
    [InlineData("script: a.rb", "a.rb needs ruby, which is not on PATH", "install it, or name it: interpreter: /path/to/ruby; looked in {here}/bin")]
    [InlineData("script: ./Web", "the script {here}/Web is a folder", "name the project: ./Web/Web.csproj")]
    [InlineData("script: bin", "the script {here}/bin is a folder", "node runs a folder that has an index.js, or a package.json with 'main'; or name the file in it that is to run")]
    [InlineData("script: nodee server.js", "'nodee' is neither a file nor a program on PATH", null)]
    public void What_cannot_be_started_is_said_before_anything_is_touched(string line, string message, string? hint)
    {
        _workspace.File("notes.txt");
        _workspace.File("a.rb");
        _workspace.File("Web/Web.csproj");
        Expect(message, hint, line);
    }

    [Theory]
    [InlineData("bun", "the interpreter 'bun' is not on PATH", "looked in {here}/bin")]
    [InlineData("./bin/nod", "the interpreter {here}/bin/nod does not exist", "did you mean 'node'?")]
    [InlineData("./server.js", "the interpreter {here}/server.js is not executable", "chmod +x {here}/server.js")]
    [InlineData("node@18", "nvm has no node 18 in {here}/.nvm/versions/node", "name the path of that version's node")]
    public void An_interpreter_that_is_missing_is_named(string interpreter, string message, string hint) =>
        Expect(message, hint, "script: server.js", $"interpreter: {interpreter}");

    [Theory]
    [InlineData("node@18", "18.20.8")]
    [InlineData("node@v18.9", "18.9.1")]
    [InlineData("node@20.1.0", "20.1.0")]
    public void A_version_of_node_is_taken_from_nvm_the_newest_that_fits(string interpreter, string version)
    {
        foreach (var installed in new[] { "18.9.1", "18.20.8", "20.1.0" })
            _workspace.Executable($".nvm/versions/node/v{installed}/bin/node");
        var launch = _workspace.App($"interpreter: {interpreter}").Launch;
        Assert.Equal(_workspace[$".nvm/versions/node/v{version}/bin/node"], launch.Program);
        Assert.Equal("node", launch.Interpreter);
    }

    [Fact]
    public void A_version_that_nvm_has_not_names_those_it_has()
    {
        _workspace.Executable("nvm/versions/node/v18.9.1/bin/node");
        _workspace.Executable("nvm/versions/node/v9.0.0/bin/node");
        _workspace.Shell("NVM_DIR", _workspace["nvm"]);
        Expect("nvm has no node 1 in {here}/nvm/versions/node", "it has 9.0.0, 18.9.1; nvm install 1 adds it", "script: server.js", "interpreter: node@1");
    }

    [Fact]
    public void Cluster_mode_without_a_socket_is_for_node_only()
    {
        _workspace.File("a.py");
        Assert.Equal(ZeroDown.Core.Apps.ExecMode.Cluster, _workspace.App("exec_mode: cluster").ExecMode);
        Assert.Equal(ZeroDown.Core.Apps.ExecMode.Fork, _workspace.App("script: a.py", "exec_mode: cluster").ExecMode);
        Assert.Contains("cluster mode needs 'listen'", _workspace.Said("script: a.py", "exec_mode: cluster"), StringComparison.Ordinal);
    }

    private void Expect(string message, string? hint, params string[] lines)
    {
        var text = "apps:\n  - " + string.Join("\n    ", lines);
        var diagnostic = Assert.Single(_workspace.Parse(text).Diagnostics);
        Assert.Equal(message.Replace("{here}", _workspace.Path), diagnostic.Message);
        Assert.Equal(hint?.Replace("{here}", _workspace.Path), diagnostic.Hint);
    }

    [Theory]
    [InlineData("node jobs.js --all", "node jobs")]
    [InlineData("node /srv/jobs.js", "jobs")]
    [InlineData("bash -c date", "bash -c date")]
    [InlineData("python3 -m http.server 8000", "python3 -m http")]
    [InlineData("node .hidden/", "node")]
    [InlineData("node jobs.js/ -x", "node")]
    [InlineData("redis-server 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'", "redis-server")]
    public void A_command_line_is_called_as_pm2_calls_it_and_after_its_program_where_that_is_no_name(string line, string name) =>
        Assert.Equal(name, _workspace.App($"script: \"{line}\"").Name.Value);
}
