using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// How a worker's lines stand in its files when they do not stand there as they came: with a date in front (<c>date: line</c>), or as
/// pm2's JSON objects. The bytes of a line are not touched, valid UTF-8 or not, except in JSON, which has only text.
/// </summary>
internal sealed class LineForm(OutputCourse course, bool error)
{
    private readonly DatePattern? _date = course.DateFormat is { } pattern ? new DatePattern(pattern) : null;

    /// <summary>Lines stand as they came.</summary>
    public bool IsPlain => _date is null && !course.Json;

    /// <summary>The beginning of a line can stand in a file before its end has come; an object of JSON cannot.</summary>
    public bool HasParts => !course.Json;

    /// <summary>Writes part of a line.</summary>
    /// <param name="part">As it came.</param>
    /// <param name="begins">It is the line's beginning.</param>
    /// <param name="at">When it was read: local time.</param>
    /// <param name="into">Gets the result.</param>
    public void WritePart(ReadOnlySpan<byte> part, bool begins, DateTimeOffset at, ArrayBufferWriter<byte> into)
    {
        if (begins && _date is not null)
            into.Write(Encoding.UTF8.GetBytes($"{_date.Write(at)}: "));
        into.Write(part);
    }

    /// <summary>Rewrites whole lines; one that does not end gets its end.</summary>
    /// <param name="lines">As they came.</param>
    /// <param name="at">When they were read: local time.</param>
    /// <param name="into">Gets the result.</param>
    public void Write(ReadOnlySpan<byte> lines, DateTimeOffset at, ArrayBufferWriter<byte> into)
    {
        if (IsPlain)
        {
            into.Write(lines);
            if (lines is not [.., (byte)'\n'])
                into.Write("\n"u8);
            return;
        }

        var stamp = _date?.Write(at);
        var prefix = stamp is null ? [] : Encoding.UTF8.GetBytes($"{stamp}: ");
        while (!lines.IsEmpty)
        {
            var end = lines.IndexOf((byte)'\n');
            var line = end < 0 ? lines : lines[..end];
            lines = end < 0 ? [] : lines[(end + 1)..];
            if (course.Json)
            {
                WriteJson(line, stamp ?? at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture), into);
            }
            else
            {
                into.Write(prefix);
                into.Write(line);
            }

            into.Write("\n"u8);
        }
    }

    private void WriteJson(ReadOnlySpan<byte> line, string stamp, ArrayBufferWriter<byte> into)
    {
        using var json = new Utf8JsonWriter(into, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("message", Encoding.UTF8.GetString(line is [.. var text, (byte)'\r'] ? text : line));
        json.WriteString("timestamp", stamp);
        json.WriteString("type", error ? "err" : "out");
        json.WriteNumber("process_id", course.PmId);
        json.WriteString("app_name", course.App);
        json.WriteEndObject();
    }
}
