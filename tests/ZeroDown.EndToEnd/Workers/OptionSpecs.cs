using System.Text.Json;
using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Node;

namespace ZeroDown.EndToEnd.Workers;

/// <summary>
/// Issue 3, claim 5: pm2's options, all in one file, and what a worker sees of each in its command line, its process and its environment.
/// What becomes of them on the way there, and what <c>jlist</c> shows, stands in <c>tests/ZeroDown.Tests/Config/options.md</c>.
/// </summary>
[Collection(nameof(HeavyLoad))]
public sealed class OptionSpecs : EndToEndTest
{
    /// <summary>Writes down what it sees, whole or not at all, and stays.</summary>
    private const string Worker = """
        const fs = require('fs'), path = require('path');
        const { env, execArgv, argv0 } = process;
        const seen = {
          argv: process.argv.slice(2), execArgv, argv0, cwd: path.relative(__dirname, process.cwd()), uid: process.getuid(), gid: process.getgid(),
          mode: require('cluster').isWorker ? 'cluster' : 'fork', channel: typeof process.send, env,
        };
        const file = path.join(__dirname, 'seen', `${env.name}.${env.ZD_SLOT}`);
        fs.writeFileSync(file + '.new', JSON.stringify(seen));
        fs.renameSync(file + '.new', file + '.json');
        setInterval(() => {}, 1000);
        """;

    /// <summary>App by app: what the file says beside its name and script, in JSON, and what is seen: null for a variable that is not there.</summary>
    private static readonly Row[] Table =
    [
        new("plain", "",
            ("argv", "[]"), ("execArgv", "[]"), ("cwd", ""), ("mode", "fork"), ("channel", "function"), ("name", "plain"), ("NODE_APP_INSTANCE", "0"),
            ("FROM_THE_SHELL", "yes"), ("FROM_DEPLOY", "deploy"), ("NODE_CHANNEL_FD", null), ("NODE_UNIQUE_ID", null), ("LISTEN_FDS", null)),
        new("args-text", """ "args": "--port 80 'two words'" """, ("argv", """["--port","80","two words"]""")),
        new("args-list", """ "args": ["--port", 80, "two words"] """, ("argv", """["--port","80","two words"]""")),
        new("node-args", """ "node_args": "--no-warnings --stack-trace-limit=5", "args": "x" """, ("execArgv", """["--no-warnings","--stack-trace-limit=5"]"""), ("argv", """["x"]""")),
        new("interpreter-args", """ "interpreterArgs": ["--no-warnings"] """, ("execArgv", """["--no-warnings"]""")),
        new("interpreter", """ "exec_interpreter": "{here}/bin/node" """, ("argv0", "{here}/bin/node"), ("channel", "function")),
        new("command-line", """ "script": "node see.js --from 'a line'" """, ("argv", """["--from","a line"]"""), ("mode", "fork")),
        new("cwd", """ "cwd": "srv" """, ("cwd", "srv")),
        new("env", """ "env": {"LEVEL": 3, "ON": true, "NOTHING": null, "LIMITS": {"cpu": 2}, "FROM_THE_SHELL": "no", "FROM_DEPLOY": "env"} """,
            ("LEVEL", "3"), ("ON", "true"), ("NOTHING", ""), ("LIMITS", """{"cpu":2}"""), ("FROM_THE_SHELL", "no"), ("FROM_DEPLOY", "env")),
        new("env-named", """ "env": {"A": "env", "B": "env"}, "env_production": {"B": "production"}, "env_staging": {"A": "staging"} """, ("A", "env"), ("B", "production")),
        new("port", """ "port": 4711 """, ("PORT", "4711")),
        new("filter-all", """ "filter_env": true, "env": {"DECLARED": "here"} """,
            ("FROM_THE_SHELL", null), ("HOME", null), ("DECLARED", "here"), ("FROM_DEPLOY", "deploy"), ("name", "filter-all"), ("NODE_APP_INSTANCE", "0")),
        new("filter-name", """ "filter_env": "FROM_THE_SHELL" """, ("FROM_THE_SHELL", null), ("FROM_THE_SHELL_TOO", "yes")),
        new("filter-list", """ "filterEnv": ["THE_SHELL"] """, ("FROM_THE_SHELL", null), ("FROM_THE_SHELL_TOO", null)),
        new("instance-var", """ "instance_var": "NUMBER" """, ("NUMBER", "0"), ("NODE_APP_INSTANCE", null)),
        new("forked", """ "exec_mode": "fork", "instances": 2, "increment_var": "PORT", "env": {"PORT": 3000} """, ("mode", "fork"), ("PORT", "3000"), ("NODE_APP_INSTANCE", "0")) { Second = [("PORT", "3001"), ("NODE_APP_INSTANCE", "1")] },
        new("clustered", """ "instances": 2, "increment_var": "PORT", "env": {"PORT": 3000} """, ("mode", "cluster"), ("PORT", "3000"), ("NODE_UNIQUE_ID", null)) { Second = [("mode", "cluster"), ("PORT", "3001"), ("NODE_APP_INSTANCE", "1")] },
        new("one-instance", """ "instances": 1 """, ("mode", "cluster")),
        new("execute-command", """ "exec_mode": "cluster", "execute_command": true """, ("mode", "fork")),
        new("source-maps", """ "source_map_support": true """, ("execArgv", """["--enable-source-maps"]""")),
        new("no-source-maps", """ "source_map_support": true, "disable_source_map_support": true """, ("execArgv", """["--no-enable-source-maps"]""")),
        new("false-source-maps", """ "source_map_support": false, "script": "node see.js" """, ("execArgv", """["--no-enable-source-maps"]""")),
        new("prefixed", """ "name_prefix": "blue" """, ("name", "blue:prefixed")) { Listed = "blue:prefixed" },
        new("appended", """ "append_env_to_name": true """, ("name", "appended-production")) { Listed = "appended-production" },
        new("logged", """ "merge_logs": true, "time": true, "log_date_format": "HH:mm", "log_type": "json", "out_file": "NULL", "pid_file": "logged.pid", "namespace": "group" """, ("argv", "[]"), ("execArgv", "[]")),
        new("upkept", """ "max_memory_restart": "1G", "cron_restart": "0 0 1 1 *", "autorestart": false, "min_uptime": "60s", "max_restarts": 3, "kill_timeout": 3000 """, ("argv", "[]"), ("execArgv", "[]")),
        new("user", """ "uid": "nobody" """, ("uid", "65534"), ("gid", "65534"), ("USER", "nobody"), ("FROM_THE_SHELL", "yes")) { OnlyForRoot = true },
        new("group", """ "user": 65534, "gid": 1 """, ("uid", "65534"), ("gid", "1")) { OnlyForRoot = true },
    ];

    [Fact]
    public async Task Each_option_arrives_in_the_worker_as_pm2_documents_it()
    {
        NodeApps.Plain("http.cjs");
        Row[] apps = [.. Table.Where(app => !app.OnlyForRoot || Environment.UserName == "root")];
        Prepare(apps);
        (Zd.Environment["FROM_THE_SHELL"], Zd.Environment["FROM_THE_SHELL_TOO"]) = ("yes", "yes");
        (await Zd.Run("start", "eco.json", "--env", "production")).Succeeded();

        var wrong = new List<string>();
        foreach (var app in apps)
        {
            wrong.AddRange(await Differences(app, 0, app.Sees));
            if (app.Second.Length > 0)
                wrong.AddRange(await Differences(app, 1, app.Second));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task The_id_that_a_worker_finds_in_its_environment_is_the_one_in_the_list()
    {
        NodeApps.Plain("http.cjs");
        Prepare([new("one", """ "instances": 2, "exec_mode": "fork" """), new("two", "")]);
        (await Zd.Run("start", "eco.json")).Succeeded();
        foreach (var (name, slot, id) in new[] { ("one", 0, "0"), ("one", 1, "1"), ("two", 0, "2") })
            Assert.Equal(id, (await Seen(name, slot)).GetProperty("env").GetProperty("pm_id").GetString());
        Assert.Equal([("one", 0), ("one", 1), ("two", 2)], (await Zd.List()).Select(row => (row.Name, row.PmId)));
    }

    private void Prepare(Row[] apps)
    {
        Zd.Write("see.js", Worker);
        Directory.CreateDirectory(Path.Combine(Zd.Folder, "srv"));
        Directory.CreateDirectory(Path.Combine(Zd.Folder, "bin"));
        Directory.CreateDirectory(Path.Combine(Zd.Folder, "seen"));
        var node = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "node")).First(File.Exists);
        File.CreateSymbolicLink(Path.Combine(Zd.Folder, "bin", "node"), node);
        // Other users read the program and write beside it.
        File.SetUnixFileMode(Zd.Folder, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(Path.Combine(Zd.Folder, "seen"), (UnixFileMode)0b111_111_111);
        var deploy = """ "deploy": { "production": { "user": "node", "host": "server.example", "env": { "FROM_DEPLOY": "deploy" } } } """;
        Zd.Write("eco.json", $"{{ {deploy}, \"apps\": [\n{string.Join(",\n", apps.Select(app => app.Json.Replace("{here}", Zd.Folder, StringComparison.Ordinal)))}\n] }}");
    }

    private async Task<IEnumerable<string>> Differences(Row app, int slot, (string What, string? Value)[] expected)
    {
        var seen = await Seen(app.Listed ?? app.Name, slot);
        return from one in expected
               let actual = seen.TryGetProperty(one.What, out var own) || seen.GetProperty("env").TryGetProperty(one.What, out own) ? own.ToString() : null
               where actual != one.Value?.Replace("{here}", Zd.Folder, StringComparison.Ordinal)
               select $"{app.Name}, slot {slot}: the file says {app.Says.Trim()}, and the worker sees {one.What} as {actual ?? "nothing"} instead of {one.Value ?? "nothing"}";
    }

    private async Task<JsonElement> Seen(string name, int slot)
    {
        var path = Path.Combine(Zd.Folder, "seen", $"{name}.{slot}.json");
        await Eventually.Holds(() => Task.FromResult(File.Exists(path)), $"{name} has written in slot {slot} what it sees", Zd.Evidence);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        return json.RootElement.Clone();
    }

    private sealed record Row(string Name, string Says, params (string What, string? Value)[] Sees)
    {
        /// <summary>What a second instance sees.</summary>
        public (string What, string? Value)[] Second { get; init; } = [];

        /// <summary>Its name at last, where options change it.</summary>
        public string? Listed { get; init; }

        public bool OnlyForRoot { get; init; }

        public string Json => $"{{ \"name\": \"{Name}\"{(Says.Contains("\"script\"", StringComparison.Ordinal) ? "" : ", \"script\": \"see.js\"")}{(Says.Trim().Length > 0 ? "," : "")}{Says}}}";
    }
}
