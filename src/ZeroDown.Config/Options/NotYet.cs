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
        Row("log_file", ["log"], "one more file with stdout and stderr together"),
        Row("log_date_format", [], "a date before every line"),
        Row("time", [], "a date before every line"),
        Row("log_type", [], "log lines as JSON"),
        Row("disable_logs", [], "no log files"),
        Row("pid_file", ["pid"], "a file with the worker's pid"),
        Row("uid", ["user"], "run as this user"),
        Row("gid", [], "run as this group"),
        Row("shutdown_with_message", [], "a message instead of a signal"),
        Row("kill_retry_time", [], "how often pm2 looks whether a worker is gone; not needed here", silent: true),
        Row("post_update", [], "commands after a git pull"),
    ];

    private static AppOption Row(string name, ImmutableArray<string> aliases, string meaning, bool silent = false, string[]? off = null) =>
        new(name, aliases, "any", null, meaning, (node, _, reader) =>
        {
            if (!silent && !Silence.IsOff(node, off ?? ["false", "0", "null", ""]))
                reader.Problems.Warning(node.Place, $"{name} is not supported yet; ignored");
        }, isSupported: false);
}
