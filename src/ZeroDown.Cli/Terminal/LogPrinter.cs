using System.Globalization;
using System.Text;
using System.Text.Json;
using ZeroDown.Protocol;

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
}

/// <summary>Prints lines of workers and of the daemon as they arrive, in pm2's format.</summary>
/// <param name="screen">Where to.</param>
/// <param name="style">How.</param>
/// <param name="timestamps">The time before each new line.</param>
/// <param name="onReaderGone">Called when nobody reads our output any more (<c>zd logs | head</c>).</param>
internal sealed class LogPrinter(Screen screen, LogStyle style, bool timestamps, Action onReaderGone) : IClientNotices
{
    private int _widestName = 3;

    public void Progress(ProgressNote note)
    {
        // Logs have no steps.
    }

    public void Log(LogNote note)
    {
        var text = new StringBuilder();
        if (note.Dropped > 0)
            Dropped(text, note);
        if (note.File is { } file && style == LogStyle.Prefixed)
            text.Append(CultureInfo.InvariantCulture, $"{Screen.Safe(file)} last {note.Lines.Length} lines:\n");
        foreach (var line in note.Lines)
            Append(text, note, line);
        if (note.File is not null && style == LogStyle.Prefixed)
            text.Append('\n');
        try
        {
            screen.Out.Write(text);
            screen.Out.Flush();
        }
        catch (IOException)
        {
            onReaderGone();
        }
    }

    private void Dropped(StringBuilder text, LogNote note)
    {
        if (style == LogStyle.Json)
            Json(text, note, "zd", $"{note.Dropped} lines are not shown: this terminal did not keep up");
        else
            text.Append(CultureInfo.InvariantCulture, $"ZD | {note.Dropped} lines are not shown: this terminal did not keep up; they are in the log files\n");
    }

    private void Append(StringBuilder text, LogNote note, string line)
    {
        switch (style)
        {
            case LogStyle.Json:
                Json(text, note, note.Stream == "daemon" ? "ZD" : note.Stream, line);
                break;
            case LogStyle.Raw:
                text.Append(screen.OutIsTerminal ? WorkerText.Safe(line) : line).Append('\n');
                break;
            default:
                if (timestamps && note.AtMs is { } at)
                    text.Append(CultureInfo.InvariantCulture, $"{DateTimeOffset.FromUnixTimeMilliseconds(at).LocalDateTime:yyyy-MM-ddTHH:mm:ss}: ");
                text.Append(Prefix(note)).Append(WorkerText.Safe(line)).Append('\n');
                break;
        }
    }

    private string Prefix(LogNote note)
    {
        if (note.App is not { } app)
            return screen.Paint("ZD | ", Ansi.Blue, screen.OutIsTerminal);
        var name = Screen.Safe(app);
        _widestName = Math.Max(_widestName, name.Length);
        var prefix = $"{note.PmId}|{name.PadRight(_widestName)} | ";
        return screen.Paint(prefix, note.Stream == "err" ? Ansi.Red : Ansi.Green, screen.OutIsTerminal);
    }

    private static void Json(StringBuilder text, LogNote note, string type, string line)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("message", line);
            if (note.AtMs is { } at)
                json.WriteString("timestamp", DateTimeOffset.FromUnixTimeMilliseconds(at).LocalDateTime);
            else
                json.WriteNull("timestamp");
            json.WriteString("type", type);
            if (note.PmId is { } id)
                json.WriteNumber("process_id", id);
            json.WriteString("app_name", note.App ?? "ZD");
            json.WriteEndObject();
        }

        text.Append(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length))).Append('\n');
    }
}
