using System.Globalization;
using System.Text;
using System.Text.Json;
using ZeroDown.Daemon.Output;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Terminal;

/// <summary>Prints lines of workers and of the daemon as they arrive, in pm2's format.</summary>
/// <param name="screen">Where to.</param>
/// <param name="look">How.</param>
internal sealed class LogPrinter(Screen screen, LogLook look) : IClientNotices
{
    private int _widestName = 3;

    /// <summary>A note of a file's last lines was printed, and more of them come.</summary>
    private bool _inFile;

    public void Progress(ProgressNote note)
    {
        // Logs have no steps.
    }

    public void Log(LogNote note)
    {
        var text = new StringBuilder();
        if (note.Dropped > 0)
            Dropped(text, note);
        if (note.File is { } file && look.Style == LogStyle.Prefixed)
            text.Append(CultureInfo.InvariantCulture, $"{Screen.Safe(file)} last {note.Count ?? note.Lines.Length} lines:\n");
        if (note is { Cut: true, File: { } cut })
            Say(text, note, $"older lines are not shown: they are too far back in {Screen.Safe(cut)}; read the file itself");
        foreach (var line in note.Lines)
            Append(text, note, line);
        if ((note.File is not null || _inFile) && !note.More && look.Style == LogStyle.Prefixed)
            text.Append('\n');
        _inFile = note.More;
        screen.Out.Write(text);
        screen.Out.Flush();
    }

    private void Dropped(StringBuilder text, LogNote note) => Say(text, note, $"{note.Dropped} lines are not shown: {look.Missing}");

    private void Say(StringBuilder text, LogNote note, string sentence)
    {
        if (look.Style == LogStyle.Json)
            Json(text, note, "zd", sentence);
        else
            text.Append(CultureInfo.InvariantCulture, $"ZD | {sentence}\n");
    }

    private void Append(StringBuilder text, LogNote note, string line)
    {
        switch (look.Style)
        {
            case LogStyle.Json:
                Json(text, note, note.Stream == "daemon" ? "ZD" : note.Stream, line);
                break;
            case LogStyle.Pairs:
                Pairs(text, note, line);
                break;
            case LogStyle.Raw:
                text.Append(screen.OutIsTerminal ? WorkerText.Safe(line) : line).Append('\n');
                break;
            default:
                if (look.Timestamp is { } pattern && note.AtMs is { } at)
                    text.Append(Screen.Safe(DatePattern.Write(pattern, Local(at)))).Append(": ");
                text.Append(Prefix(note)).Append(Highlighted(WorkerText.Safe(line))).Append('\n');
                break;
        }
    }

    private void Pairs(StringBuilder text, LogNote note, string line)
    {
        var at = TimeOf(note, line) is { } known ? DatePattern.Write(look.Timestamp ?? LogLook.StandardTimestamp, known.ToLocalTime()) : "unknown";
        text.Append(CultureInfo.InvariantCulture, $"timestamp={at} ");
        if (note.App is { } app)
            text.Append(CultureInfo.InvariantCulture, $"app={Screen.Safe(app)} id={note.PmId} type={(note.Stream == "err" ? "error" : note.Stream)} ");
        else
            text.Append("app=ZD type=daemon ");
        text.Append("message=").Append(WorkerText.Safe(line)).Append('\n');
    }

    private string Highlighted(string line) =>
        look.Highlight is { Length: > 0 } words && screen is { Color: true, OutIsTerminal: true }
            ? line.Replace(words, $"{Ansi.Inverse}{words}{Ansi.Reset}", StringComparison.Ordinal)
            : line;

    /// <summary>A line from before has the time that it says itself, or none.</summary>
    private static DateTimeOffset? TimeOf(LogNote note, string line) => note.AtMs is { } at ? Local(at) : LineTime.Of(line);

    private static DateTimeOffset Local(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs).ToLocalTime();

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
            if (TimeOf(note, line) is { } at)
                json.WriteString("timestamp", at.LocalDateTime);
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
