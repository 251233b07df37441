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
        Row("uid", ["user"], "run as this user"),
        Row("gid", [], "run as this group"),
        Row("kill_retry_time", [], "how often pm2 looks whether a worker is gone; not needed here", silent: true),
        Row("username", [], "shown only", silent: true),
        Row("filter_env", [], "variables of the shell that the worker does not get"),
        Row("name_prefix", [], "stands before the name"),
        Row("append_env_to_name", [], "the environment's name stands behind the name"),
        Row("shutdown_with_message", [], "a message instead of a signal"),
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
