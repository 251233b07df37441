namespace ZeroDown.Tests.Config;

/// <summary>One thing that a file may say with an option, in JSON, which every format reads.</summary>
/// <param name="Option">The option's name.</param>
/// <param name="Says">The value as JSON.</param>
internal sealed record OptionExample(string Option, string Says)
{
    /// <summary>Further members of the app, where the option alone would have nothing to work on.</summary>
    public (string Key, string Json)[] With { get; init; } = [];

    /// <summary><c>--env</c>.</summary>
    public string? Environment { get; init; }

    /// <summary>The examples, in the order of the option table. An option without one fails <see cref="OptionTableTests"/>.</summary>
    public static OptionExample[] All { get; } =
    [
        new("name", "\"web\""),
        new("name", "42"),
        new("name_prefix", "\"blue\""),
        new("append_env_to_name", "true") { Environment = "staging", With = [("env_staging", "{\"A\": 1}")] },
        new("namespace", "\"shop\""),
        new("script", "\"worker.js\""),
        new("script", "\"tool.py\""),
        new("script", "\"redis-server --port 7000\""),
        new("args", "\"--port 80 'two words'\""),
        new("args", "[\"--port\", 80, \"two words\"]"),
        new("cwd", "\"srv\""),
        new("interpreter", "\"python3\""),
        new("interpreter", "\"none\"") { With = [("script", "\"bin/run.sh\"")] },
        new("interpreter_args", "\"--inspect --no-warnings\""),
        new("interpreter_args", "[\"--inspect\"]"),
        new("instances", "3"),
        new("instances", "\"max\""),
        new("instances", "0"),
        new("instances", "-1"),
        new("exec_mode", "\"cluster\""),
        new("exec_mode", "\"fork_mode\""),
        new("execute_command", "true") { With = [("exec_mode", "\"cluster\"")] },
        new("source_map_support", "true"),
        new("disable_source_map_support", "true") { With = [("source_map_support", "true")] },
        new("listen", "\"127.0.0.1:4000\""),
        new("listen", "[\":4000\", {\"name\": \"admin\", \"address\": \"unix:admin.sock\"}]"),
        new("env", "{\"NODE_ENV\": \"production\", \"LEVEL\": 3, \"ON\": true, \"LIMITS\": {\"cpu\": 2, \"tags\": [\"a\", null]}}"),
        new("filter_env", "true"),
        new("filter_env", "\"USER\""),
        new("filter_env", "[\"US\", \"OM\"]"),
        new("port", "4000"),
        new("instance_var", "\"SLOT\""),
        new("increment_var", "\"PORT\"") { With = [("env", "{\"PORT\": 3000}")] },
        new("wait_ready", "true"),
        new("wait_ready", "\"strict\""),
        new("listen_timeout", "5000"),
        new("min_ready", "\"2s\""),
        new("drain_timeout", "\"2m\""),
        new("kill_timeout", "3000"),
        new("kill_signal", "\"SIGTERM\""),
        new("autorestart", "false"),
        new("autostart", "false"),
        new("min_uptime", "\"60s\""),
        new("max_restarts", "3"),
        new("restart_delay", "4000"),
        new("exp_backoff_restart_delay", "100"),
        new("stop_exit_codes", "0"),
        new("stop_exit_codes", "[0, 3]"),
        new("reload", "{\"surge\": 1}"),
        new("surge", "1"),
        new("reload", "{\"overlap\": false}"),
        new("overlap", "true"),
        new("overlap", "\"auto\""),
        new("inject", "false"),
        new("out_file", "\"logs/out.log\""),
        new("out_file", "\"NULL\""),
        new("error_file", "\"/dev/null\""),
        new("merge_logs", "true"),
        new("post_update", "[\"npm ci\", \"npm run build\"]"),

        new("log_file", "\"logs/all.log\""),
        new("log_file", "true"),
        new("log_date_format", "\"YYYY-MM-DD HH:mm Z\""),
        new("time", "true"),
        new("log_type", "\"json\""),
        new("disable_logs", "true"),
        new("pid_file", "\"app.pid\""),
        new("max_memory_restart", "\"1G\""),
        new("max_memory_restart", "1048576"),
        new("cron_restart", "\"0 4 * * *\""),
        new("watch", "true"),
        new("watch", "[\"src\", \"lib\"]"),
        new("ignore_watch", "[\"node_modules\"]") { With = [("watch", "true")] },
        new("watch_delay", "1000") { With = [("watch", "true")] },
        new("watch_options", "{\"followSymlinks\": true}") { With = [("watch", "true")] },
        new("treekill", "false"),
        new("kill_retry_time", "100"),
        new("shutdown_with_message", "true"),
        new("uid", "0"),
        new("gid", "0"),

        new("pmx", "false"),
        new("automation", "false"),
        new("trace", "true"),
        new("disable_trace", "true"),
        new("v8", "true"),
        new("event_loop_inspector", "true"),
        new("deep_monitoring", "true"),
        new("io", "{\"conf\": 1}"),
        new("axm_options", "{\"metrics\": false}"),
        new("username", "\"ada\""),
        new("force", "true"),
        new("vizion", "true"),
        new("windows_hide", "true"),
        new("write", "true"),
        new("install_url", "\"x\""),
    ];

    /// <summary>An app that says this, spelled in one way, and in one way to write the value.</summary>
    public string App(string spelling, string? says = null) => Members([.. Others, (spelling, says ?? Says)]);

    /// <summary>The same app, where this is not said.</summary>
    public string Without => Members([.. With, .. With.Any(w => w.Key == "script") ? [] : Default]);

    private IEnumerable<(string Key, string Json)> Others => [.. With, .. Option == "script" || With.Any(w => w.Key == "script") ? [] : Default];

    private static (string Key, string Json)[] Default { get; } = [("script", "\"server.js\"")];

    private static string Members(IEnumerable<(string Key, string Json)> members) =>
        $"{{{string.Join(", ", members.Select(m => $"\"{m.Key}\": {m.Json}"))}}}";
}
