using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>
/// pm2's options that this version knows but does not carry out. A pm2 user's file must start, so each is one warning;
/// what is switched off, or says what happens anyway, is silent.
/// </summary>
internal static class NotYet
{
    public static ImmutableArray<AppOption> Options { get; } =
    [
        Row("watch", [], "restart when files change"),
        Row("ignore_watch", [], "paths that 'watch' does not look at", silent: true),
        Row("watch_delay", [], "pause before 'watch' restarts", silent: true),
        Row("watch_options", [], "options for 'watch'", silent: true),
        Row("cron_restart", ["cron"], "restart at set times"),
        Row("max_memory_restart", [], "restart above this much memory"),
        Row("log_file", ["log"], "one more file with stdout and stderr together"),
        Row("log_date_format", [], "a date before every line"),
        Row("time", [], "a date before every line"),
        Row("log_type", [], "log lines as JSON"),
        Row("disable_logs", [], "no log files"),
        Row("pid_file", ["pid"], "a file with the worker's pid"),
        Row("uid", ["user"], "run as this user"),
        Row("gid", [], "run as this group"),
        Row("username", [], "shown only", silent: true),
        Row("filter_env", [], "variables of the shell that the worker does not get"),
        Row("name_prefix", [], "stands before the name"),
        Row("append_env_to_name", [], "the environment's name stands behind the name"),
        Row("treekill", [], "signal the worker's children too; SIGKILL goes to all of them in any case", off: ["true", "false"]),
        Row("kill_retry_time", [], "how often pm2 looks whether a worker is gone; not needed here", silent: true),
        Row("execute_command", [], "the same as exec_mode: fork", silent: true),
        Row("force", [], "a script may be started twice; it always may here", silent: true),
        Row("source_map_support", [], "source maps for Node"),
        Row("disable_source_map_support", [], "no source maps for Node", silent: true),
        Row("post_update", [], "commands after a git pull"),
        Row("vizion", [], "git metadata", off: ["true", "false"]),
        Row("pmx", [], "pm2's hosted service", off: ["true", "false"]),
        Row("automation", [], "pm2's hosted service", off: ["true", "false"]),
        Row("trace", [], "pm2's hosted service"),
        Row("disable_trace", [], "pm2's hosted service", silent: true),
        Row("v8", [], "pm2's hosted service"),
        Row("event_loop_inspector", [], "pm2's hosted service"),
        Row("deep_monitoring", [], "pm2's hosted service"),
        Row("io", [], "pm2's hosted service"),
        Row("windows_hide", [], "Windows only", silent: true),
        Row("write", [], "pm2's own bookkeeping", silent: true),
        Row("install_url", [], "pm2's own bookkeeping", silent: true),
    ];

    private static AppOption Row(string name, ImmutableArray<string> aliases, string meaning, bool silent = false, string[]? off = null) =>
        new(name, aliases, "any", null, meaning, (node, _, reader) =>
        {
            if (!silent && !IsOff(node, off ?? ["false", "0", "null", ""]))
                reader.Problems.Warning(node.Place, $"{name} is not supported yet; ignored");
        }, isSupported: false);

    private static bool IsOff(ConfigNode node, string[] off) =>
        (node is ScalarNode scalar && (scalar.IsNull || off.Contains(scalar.Value.ToLowerInvariant())))
        || node is SequenceNode { Items.Length: 0 } or MappingNode { Entries.Length: 0 };
}
