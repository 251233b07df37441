using Xunit;
using ZeroDown.Config;
using ZeroDown.Core.Apps;

namespace ZeroDown.Tests.Config;

public sealed class EcosystemFileTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void The_file_of_the_documentation_becomes_a_spec()
    {
        _workspace.File("samples/web.js");
        var web = Assert.Single(_workspace.Specs("""
            apps:
              - name: web
                script: samples/web.js
                args: --verbose 'two words'
                instances: 2
                listen: 127.0.0.1:4000
                wait_ready: true
                listen_timeout: 20s
                drain_timeout: 1m
                kill_timeout: 1500
                env: { NODE_ENV: production, LEVEL: 3 }
                env_staging: { FEATURE_X: "1" }
            """));

        Assert.Equal("web", web.Name.Value);
        Assert.Equal(2, web.Instances);
        Assert.Equal(_workspace["bin/node"], web.Launch.Program);
        Assert.Equal([_workspace["samples/web.js"], "--verbose", "two words"], web.Launch.Arguments);
        Assert.Equal("node", web.Launch.Interpreter);
        Assert.Equal(_workspace.Path, web.Launch.WorkingDirectory);
        Assert.Equal(["127.0.0.1:4000 web-0"], web.Listen.Select(l => $"{l.Address} {l.Name}"));
        Assert.Equal(ExecMode.Cluster, web.ExecMode);
        Assert.Equal(new ReadyRule { Sign = ReadySign.Spoken, ListenTimeout = TimeSpan.FromSeconds(20) }, web.Ready);
        Assert.Equal(new StopRule { Signal = "SIGINT", DrainTimeout = TimeSpan.FromMinutes(1), KillTimeout = TimeSpan.FromMilliseconds(1500) }, web.Stop);
        Assert.Equal(["LEVEL", "NODE_ENV"], web.Launch.DeclaredVariables);
        Assert.Contains(new EnvironmentVariable("USER", "ada"), web.Launch.Environment);
        Assert.Contains(new EnvironmentVariable("LEVEL", "3"), web.Launch.Environment);
    }

    [Fact]
    public void Reading_a_file_twice_gives_equal_specs()
    {
        const string text = "apps: [{script: server.js, listen: [':4000', 'unix:web.sock'], args: [a, b], stop_exit_codes: [0, 3]}]";
        Assert.Equal(_workspace.Specs(text)[0], _workspace.Specs(text)[0]);
    }

    [Fact]
    public void What_is_not_said_has_the_documented_default()
    {
        var app = _workspace.App();

        Assert.Equal("server", app.Name.Value);
        Assert.Equal("default", app.Namespace);
        Assert.Equal(1, app.Instances);
        Assert.Equal(ExecMode.Fork, app.ExecMode);
        Assert.Equal(new ReadyRule(), app.Ready);
        Assert.Equal(new RestartRule(), app.Restart);
        Assert.Equal(new StopRule { Signal = "SIGINT" }, app.Stop);
        Assert.True(app.Autostart);
        Assert.True(app.Inject);
    }

    [Theory]
    [InlineData("exec_mode: cluster", "execMode: cluster")]
    [InlineData("kill_timeout: 3000", "killTimeout: '3000'")]
    [InlineData("interpreter_args: --inspect", "nodeArgs: [--inspect]")]
    [InlineData("error_file: e.log", "err: e.log")]
    [InlineData("merge_logs: true", "combineLogs: true")]
    [InlineData("interpreter: node", "execInterpreter: node")]
    [InlineData("reload: {surge: 1}", "surge: 1")]
    public void Aliases_and_camel_case_say_the_same(string one, string other) =>
        Assert.Equal(_workspace.App(one), _workspace.App(other));

    [Theory]
    [InlineData("instances: 3", 3)]
    [InlineData("instances: max", 4)]
    [InlineData("instances: 0", 4)]
    [InlineData("instances: -1", 3)]
    [InlineData("instances: '-100'", 1)]
    public void Instances_count_from_the_cpus_as_in_pm2(string line, int expected) =>
        Assert.Equal(expected, _workspace.App(line).Instances);

    [Fact]
    public void The_environment_goes_from_shell_to_env_to_port_to_the_named_one()
    {
        _workspace.Context = _workspace.Context with { EnvironmentName = "staging" };
        var launch = _workspace.App("env: {USER: bob, PORT: 1, A: a}", "port: 4000", "env_staging: {A: b}", "env_other: {B: '${NOT_SET}'}").Launch;

        Assert.Equal(["A=b", "PORT=4000", "USER=bob"], launch.DeclaredVariables.Select(n => $"{n}={launch.Environment.Single(v => v.Name == n).Value}"));
    }

    [Fact]
    public void An_environment_that_no_app_has_is_said()
    {
        _workspace.Context = _workspace.Context with { EnvironmentName = "staging" };
        Assert.Equal("warning: --env: no app has an env_staging", _workspace.Said());
    }

    [Fact]
    public void Variables_of_the_shell_are_put_in()
    {
        var launch = _workspace.App("args: ['${USER}', '${NAME:-none}', '${USER:?who}', '$$5', '$HOME', 'x-${NAME:-b${USER}}-y']").Launch;
        Assert.Equal(["ada", "none", "ada", "$5", "$HOME", "x-bada-y"], launch.ScriptArguments);
    }

    [Fact]
    public void Anchors_and_merge_keys_work_and_own_keys_win()
    {
        var apps = _workspace.Specs("""
            x-common: &common
              script: server.js
              instances: 2
              kill_timeout: 1s
            apps:
              - <<: *common
                name: a
              - name: b
                <<: [{instances: 3}, *common]
                kill_timeout: 2s
            """);
        Assert.Equal(["a 2 1", "b 3 2"], apps.Select(a => $"{a.Name} {a.Instances} {a.Stop.KillTimeout.TotalSeconds}"));
    }

    [Theory]
    [InlineData("[{script: server.js}]")]
    [InlineData("script: server.js")]
    [InlineData("pm2: [{script: server.js}]")]
    [InlineData("apps: {script: server.js}")]
    public void All_of_pm2s_shapes_are_read(string text) => Assert.Equal("server", _workspace.Specs(text)[0].Name.Value);

    [Fact]
    public void Json_may_have_comments_tabs_and_trailing_commas()
    {
        var app = Assert.Single(_workspace.Specs("""
            // the app
            {
            	"apps": [{ /* one // of
            	   many */ "name": "a", "script": "server.js", // tail
            	   "args": ["http://x", "a/*b*/c", "\u00e9\/"],
            	}],
            }
            """, "ecosystem.json"));
        Assert.Equal(["http://x", "a/*b*/c", "é/"], app.Launch.ScriptArguments);
    }

    [Fact]
    public void Keys_of_the_users_own_are_left_alone() => Assert.Equal("server", _workspace.App("x-note: {any: [thing]}").Name.Value);

    [Fact]
    public void Only_selects_apps_and_does_not_look_for_the_scripts_of_others()
    {
        _workspace.Context = _workspace.Context with { Only = ["a"] };
        Assert.Equal(["a"], _workspace.Specs("apps: [{name: a, script: server.js}, {name: b, script: gone.js}]").Select(a => a.Name.Value));
    }

    [Fact]
    public void The_scenarios_own_file_is_read_without_a_word()
    {
        const string text = """
            {
              apps: [{
                name: 'app', script: 'server.js', args: 'null', instances: 2, exec_mode: 'cluster',
                autorestart: false, min_uptime: "60s", max_restarts: 3, watch: false,
                log: './logs/app.log', max_memory_restart: '1G', kill_timeout: 3000,
                env: { NODE_ENV: 'development' }, env_production: { NODE_ENV: 'production' },
              }],
              deploy: { production: { user: 'node', host: 'example.org', 'post-deploy': 'zd reload x --env production' } },
            }
            """;
        var result = _workspace.Parse(text, "ecosystem.yaml");

        Assert.Empty(result.Diagnostics);
        var app = Assert.Single(result.Specs);
        Assert.Equal(["null"], app.Launch.ScriptArguments);
        Assert.Equal(ExecMode.Cluster, app.ExecMode);
        Assert.Equal(new RestartRule { Autorestart = false, MinUptime = TimeSpan.FromMinutes(1), MaxRestarts = 3 }, app.Restart);
        Assert.Equal(_workspace["logs/app.log"], app.Log.CombinedFile);
        Assert.Equal(1L << 30, app.Upkeep.MaxMemoryBytes);
    }

    [Fact]
    public void Log_files_lie_in_the_working_directory_and_NULL_is_nowhere()
    {
        Directory.CreateDirectory(_workspace["srv"]);
        var log = _workspace.App("cwd: srv", "out_file: logs/o.log", "error_file: NULL").Log;
        Assert.Equal(new LogSpec { OutFile = _workspace["srv/logs/o.log"], ErrorFile = "/dev/null", Merge = true }, log);
    }

    /// <summary>It is recorded: whoever reads the files of an app that grows later finds them where they were.</summary>
    [Fact]
    public void A_single_worker_in_fork_mode_has_files_without_a_number()
    {
        Assert.True(_workspace.App().Log.Merge);
        Assert.False(_workspace.App("instances: 1").Log.Merge);
        Assert.False(_workspace.App("exec_mode: fork", "instances: 2").Log.Merge);
    }

    [Fact]
    public void A_file_is_read_from_disk_in_utf8_and_utf16()
    {
        File.WriteAllText(_workspace["a.yaml"], "apps: [{script: server.js, name: é}]");
        File.WriteAllText(_workspace["b.yaml"], "apps: [{script: server.js, name: é}]", System.Text.Encoding.Unicode);
        Assert.Equal("é", EcosystemFile.Read(_workspace["a.yaml"], _workspace.Context).Specs.Single().Name.Value);
        Assert.Equal("é", EcosystemFile.Read("b.yaml", _workspace.Context).Specs.Single().Name.Value);
    }
}
