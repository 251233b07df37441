using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>The rows of the option table about what a worker prints, beyond where it goes.</summary>
internal static class LogOptions
{
    public static ImmutableArray<AppOption> All { get; } =
    [
        new("log_file", ["log"], "file | true", null, "one more file with stdout and stderr together; true: with a default name", LogFile),
        AppOptions.Text("log_date_format", [], null, "a date before every line, in moment's letters: YYYY-MM-DD HH:mm:ss.SSS Z", (d, v) => d.LogDateFormat = v),
        AppOptions.Flag("time", [], "false", "a date before every line: YYYY-MM-DDTHH:mm:ss", (d, v) => d.Time = v),
        new("log_type", [], "json", null, "json: every line becomes {message, timestamp, type, process_id, app_name}", LogType),
        AppOptions.Flag("disable_logs", [], "false", "nothing is written, and nobody can read along", (d, v) => d.DisableLogs = v),
        AppOptions.Word("pid_file", ["pid"], null, "where the worker's pid is written, with its id before the ending", (d, v) => d.PidFile = v),
    ];

    private static void LogFile(ConfigNode node, AppDraft draft, ValueReader reader)
    {
        if (!reader.Text(node, out var text))
            return;
        draft.LogFile = text.ToLowerInvariant() switch
        {
            "" or "false" => null,
            "true" => new(null, node.Place),
            _ => new(text, node.Place),
        };
    }

    private static void LogType(ConfigNode node, AppDraft draft, ValueReader reader)
    {
        if (!reader.Text(node, out var text))
            return;
        if (text is "json" or "JSON")
            draft.JsonLogs = new(true, node.Place);
        else if (text is not ("" or "null" or "raw"))
            reader.Fail(node, $"expected json, got '{Printable.Short(text)}'", Nearest.Hint(text, ["json"]) ?? "leave it out for plain text");
    }
}
