using System.Collections.Immutable;
using System.Text.Json;
using CsCheck;
using Xunit;
using ZeroDown.Config;
using ZeroDown.Core.Apps;

namespace ZeroDown.Tests.Config;

/// <summary>From pm2's records to a file. Every result is read back by our own reader.</summary>
public sealed class Pm2ImportTests : IDisposable
{
    private const string Home = "/home/ada/.pm2";

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Instances_fold_into_one_entry_of_what_differs_from_a_default()
    {
        var import = Import(saved: $$"""
            [{{Api(0)}}, {{Api(1)}},
             {"name": "tool", "pm_exec_path": "{{_workspace["bin/python3"]}}", "pm_cwd": "{{_workspace.Path}}", "exec_interpreter": "none", "exec_mode": "fork_mode", "namespace": "batch",
              "autorestart": false, "merge_logs": true, "pm_out_log_path": "{{Home}}/logs/tool-out.log", "pm_err_log_path": "/dev/null", "pm_pid_path": "/run/tool-0.pid", "args": "-m 'my app'", "status": "stopped", "env": {} }]
            """);

        Assert.Equal($$"""
            # What pm2 had, written by `zd import pm2`. Paths are absolute, so the file may lie anywhere.
            apps:
              - name: api
                script: server.js
                interpreter_args: ["--no-warnings"]
                args: ["--x", "y z"]
                cwd: {{_workspace.Path}}
                instances: 2
                exec_mode: cluster
                max_restarts: 5
                kill_timeout: 3000
                cron_restart: "0 4 * * *"
                post_update: ["npm install"]
                increment_var: PORT
                max_memory_restart: 300M
                out_file: {{_workspace.Path}}/logs/out.log
                log_date_format: "YYYY-MM-DD HH:mm Z"
                env:
                  API_TOKEN: "s3$$cr$$$$et"
                  NODE_ENV: production
                  LIMITS: "{\"cpu\":2}"
                  PORT: 3000
                  # SHARD is not the same in all instances; this is that of the first
                  SHARD: 0
                env_staging: { NODE_ENV: staging }
                # its PATH had folders that this shell's has not: /opt/node/bin
              - name: tool
                script: bin/python3
                args: ["-m", "my app"]
                cwd: {{_workspace.Path}}
                namespace: batch
                autorestart: false
                error_file: /dev/null
                pid_file: /run/tool.pid
                # it was stopped
                autostart: false

            """, import.Yaml);
        Assert.Equal(["api: API_TOKEN looks like a secret; it stands in the file in clear text, as it does in pm2's"], import.Notes);

        var api = ReadBack(import)[0];
        Assert.Equal(2, api.Instances);
        Assert.Equal(ExecMode.Cluster, api.ExecMode);
        Assert.Equal([_workspace["server.js"], "--x", "y z"], api.Launch.Arguments.Skip(1));
        Assert.Contains(new("API_TOKEN", "s3$cr$$et"), api.Launch.Environment);
        Assert.Contains(new("LIMITS", "{\"cpu\":2}"), api.Launch.Environment);
        Assert.Equal(["API_TOKEN", "LIMITS", "NODE_ENV", "PORT", "SHARD"], api.Launch.DeclaredVariables);
    }

    [Fact]
    public void A_command_line_that_pm2_gave_to_bash_is_one_again()
    {
        var import = Import(saved: """[{"name": "sleep 1000", "pm_exec_path": "/usr/bin/bash", "pm_cwd": "/", "exec_interpreter": "none", "args": ["-c", "python3 -c 'a; b' && ${X}"]}]""");
        Assert.Contains("""  script: "python3 -c 'a; b' && $${X}" """.TrimEnd(), import.Yaml, StringComparison.Ordinal);
        Assert.Equal("sleep 1000", ReadBack(import)[0].Name.Value);
    }

    [Fact]
    public void The_running_list_comes_first_and_the_dump_adds_what_is_only_there()
    {
        var import = Import(
            running: $$"""
                >>>> In-memory PM2 is out-of-date, do:
                [PM2] Spawning PM2 daemon
                [{"pid": 1, "name": "api", "pm_id": 0, "monit": {"cpu": 0}, "pm2_env": {"name": "api", "pm_exec_path": "{{_workspace["server.js"]}}", "pm_cwd": "{{_workspace.Path}}", "exec_interpreter": "node", "kill_timeout": 5000} }]
                """,
            saved: $$"""[{{Api(0)}}, {"name": "old", "pm_exec_path": "{{_workspace["server.js"]}}", "pm_cwd": "{{_workspace.Path}}", "exec_interpreter": "node"}]""");
        Assert.Equal(["api 5", "old 10"], ReadBack(import).Select(a => $"{a.Name} {a.Stop.KillTimeout.TotalSeconds}"));
        Assert.Contains("  # only in dump.pm2; pm2 does not run it now\n  - name: old\n", import.Yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_carried_over_is_left_out_with_a_word()
    {
        var import = Import(saved: """
            [{"name": "pm2-logrotate", "pmx_module": true, "pm_exec_path": "/x"},
             {"name": "none"}]
            """);
        Assert.Equal(0, import.Apps);
        Assert.Equal(2, import.Notes.Length);
        Assert.Contains("# left out: pm2-logrotate, a module of pm2", import.Yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_pm2_serves_is_served_here()
    {
        _workspace.Context = _workspace.Context with { FileServer = ["/usr/bin/zd", "serve-files"] };
        var import = Import(saved: $$"""
            [{"name": "static-page-server-81", "pm_exec_path": "/usr/lib/node_modules/pm2/lib/API/Serve.js", "pm_cwd": "{{_workspace.Path}}", "exec_interpreter": "node",
              "env": {"PM2_SERVE_PATH": "{{_workspace["bin"]}}", "PM2_SERVE_PORT": 81, "PM2_SERVE_SPA": true} }]
            """);
        var app = Assert.Single(ReadBack(import));
        Assert.Equal(("/usr/bin/zd", $"serve-files {_workspace["bin"]}", "0.0.0.0:81"), (app.Launch.Program, string.Join(' ', app.Launch.Arguments), app.Listen.Single().Address.ToString()));
    }

    [Fact]
    public void Names_that_zd_cannot_have_and_names_that_come_twice_become_others()
    {
        var server = JsonSerializer.Serialize(_workspace["server.js"]);
        var import = Import(saved: $$"""
            [{"name": "all", "pm_exec_path": {{server}}}, {"name": "a/b", "pm_exec_path": {{server}}}, {"name": "--x", "pm_exec_path": {{server}}},
             {"name": "twice", "pm_exec_path": {{server}}, "args": ["1"] }, {"name": "twice", "pm_exec_path": {{server}}, "args": ["2"]}]
            """);
        Assert.Equal(["app-all", "a-b", "x", "twice", "twice-2"], ReadBack(import).Select(a => a.Name.Value));
        Assert.Contains("  # pm2 called it a/b\n", import.Yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server.js", "node", null)]
    [InlineData("server.js", "bun", "bun")]
    [InlineData("server.js", "node@18", "\"node@18\"")]
    [InlineData("tool.py", "python3", null)]
    [InlineData("tool.py", "/opt/venv/bin/python", "/opt/venv/bin/python")]
    [InlineData("bin/node", "none", null)]
    [InlineData("server.js", "none", "none")]
    public void An_interpreter_is_written_where_the_ending_does_not_say_it(string script, string interpreter, string? written)
    {
        var yaml = Import(saved: $$"""[{"name": "a", "pm_exec_path": "{{_workspace[script]}}", "pm_cwd": "{{_workspace.Path}}", "exec_interpreter": "{{interpreter}}"}]""").Yaml;
        Assert.Equal(written is null ? [] : [$"    interpreter: {written}"], yaml.Split('\n').Where(line => line.Contains("interpreter", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("NODE_ENV", "production", true)]
    [InlineData("USER", "ada", false)]
    [InlineData("HOME", "/elsewhere", false)]
    [InlineData("PM2_HOME", "/x", false)]
    [InlineData("SSH_CLIENT", "1.2.3.4", false)]
    [InlineData("NODE_APP_INSTANCE", "1", false)]
    [InlineData("unique_id", "1", false)]
    [InlineData("app", "{}", false)]
    [InlineData("LANG", "de_DE", true)]
    public void Of_the_environment_only_what_the_app_may_have_declared_is_kept(string name, string value, bool kept)
    {
        var import = Import(saved: $$"""[{"name": "app", "pm_exec_path": {{JsonSerializer.Serialize(_workspace["server.js"])}}, "env": { "{{name}}": "{{value}}" } }]""");
        Assert.Equal(kept ? [name] : [], ReadBack(import)[0].Launch.DeclaredVariables);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("[PM2] Spawning\n[oops")]
    [InlineData("[{\"name\": \"a\"")]
    public void What_is_no_list_is_none(string text) => Assert.Null(Pm2Process.ReadAll(text));

    [Fact]
    public void Any_text_comes_back_unchanged()
    {
        char[] special = ['$', '{', '}', '"', '\'', '\\', '#', ':', '\n', '\t', '-', 'é', '\u2028', '\u0085', '\u200b'];
        var text = Gen.OneOf(Gen.Char[' ', '~'], Gen.OneOf(special)).Array[0, 12].Select(characters => new string(characters));
        Gen.Select(text, text, text).Sample((argument, value, format) =>
        {
            var record = JsonSerializer.Serialize(new object[]
            {
                new Dictionary<string, object>
                {
                    ["name"] = "app", ["pm_exec_path"] = _workspace["server.js"], ["pm_cwd"] = _workspace.Path, ["exec_interpreter"] = "node",
                    ["args"] = new[] { argument, "end" }, ["env"] = new Dictionary<string, string> { ["VALUE"] = value }, ["env_x"] = new Dictionary<string, string> { ["VALUE"] = value },
                    ["namespace"] = "n" + format,
                },
            });
            var app = ReadBack(Import(saved: record))[0];
            Assert.Equal([argument, "end"], app.Launch.ScriptArguments);
            Assert.Equal(value, app.Launch.Environment.Single(v => v.Name == "VALUE").Value);
            Assert.Equal("n" + format, app.Namespace);
        }, iter: 1000);
    }

    private string Api(int instance) => $$$"""
        {"name": "api", "pm_exec_path": "{{{_workspace["server.js"]}}}", "pm_cwd": "{{{_workspace.Path}}}", "exec_interpreter": "node", "exec_mode": "cluster_mode",
         "args": ["--x", "y z"], "node_args": ["--no-warnings"], "namespace": "default", "autorestart": true, "watch": false, "treekill": true, "max_restarts": 5, "kill_timeout": 3000,
         "max_memory_restart": 314572800, "cron_restart": "0 4 * * *", "increment_var": "PORT", "instance_var": "NODE_APP_INSTANCE", "log_date_format": "YYYY-MM-DD HH:mm Z", "min_uptime": 1000,
         "pm_out_log_path": "{{{_workspace.Path}}}/logs/out-{{{instance}}}.log", "pm_err_log_path": "{{{Home}}}/logs/api-error-{{{instance}}}.log", "pm_pid_path": "{{{Home}}}/pids/api-{{{instance}}}.pid",
         "status": "online", "post_update": ["npm install"], "vizion": true, "pmx": true, "username": "ada", "env_staging": {"NODE_ENV": "staging"},
         "env": {"USER": "ada", "PATH": "{{{_workspace["bin"]}}}:/opt/node/bin", "SHLVL": "1", "PM2_HOME": "{{{Home}}}", "API_TOKEN": "s3$cr$$et", "NODE_ENV": "production", "LIMITS": {"cpu":2},
                 "PORT": {{{3000 + instance}}}, "SHARD": {{{instance}}}, "unique_id": "x", "api": "{}", "NODE_APP_INSTANCE": {{{instance}}}}}
        """;

    private Pm2Import Import(string running = "[]", string saved = "[]") =>
        Pm2Import.Of(Processes(running), Processes(saved), Home, _workspace.Context);

    private static ImmutableArray<Pm2Process> Processes(string json) => Pm2Process.ReadAll(json) ?? throw new InvalidOperationException($"no list: {json}");

    private ImmutableArray<AppSpec> ReadBack(Pm2Import import)
    {
        var specs = _workspace.Specs(import.Yaml);
        Assert.Equal(import.Apps, specs.Length);
        return specs;
    }
}
