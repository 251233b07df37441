using System.CommandLine;

namespace ZeroDown.Cli.Terminal;

/// <summary>How <c>zd logs</c> shows a line.</summary>
internal enum LogStyle
{
    /// <summary><c>0|app  | text</c></summary>
    Prefixed,

    /// <summary>The text alone.</summary>
    Raw,

    /// <summary>pm2's object per line: message, timestamp, type, process_id, app_name.</summary>
    Json,

    /// <summary>pm2's <c>timestamp=… app=… id=… type=… message=…</c></summary>
    Pairs,
}

/// <summary>What the user asked for with the flags of <c>zd logs</c>.</summary>
internal sealed record LogLook
{
    /// <summary>pm2's default of <c>--timestamp</c>.</summary>
    public const string StandardTimestamp = "YYYY-MM-DDTHH:mm:ss";

    public LogStyle Style { get; init; }

    /// <summary>The time before each new line, in day.js's letters; null for none.</summary>
    public string? Timestamp { get; init; }

    /// <summary>Why lines are missing, when some are.</summary>
    public string Missing { get; init; } = "this terminal did not keep up; they are in the log files";

    /// <summary>What the flags --json, --raw, --format and --timestamp say.</summary>
    public static LogLook Of(ParseResult parsed) => new()
    {
        Style = parsed.GetValue<bool>("--json") ? LogStyle.Json
            : parsed.GetValue<bool>("--format") ? LogStyle.Pairs
            : parsed.GetValue<bool>("--raw") ? LogStyle.Raw
            : LogStyle.Prefixed,
        Timestamp = parsed.GetResult("--timestamp") is null ? null : parsed.GetValue<string?>("--timestamp") ?? StandardTimestamp,
    };

    /// <summary>Words to make stand out on a terminal.</summary>
    public string? Highlight { get; init; }
}
