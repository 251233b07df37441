using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ZeroDown.Cli.Terminal;

/// <summary>
/// The time that a line of a log file says itself: a date in front of it (<c>log_date_format</c>, or the program's own), or the timestamp of a JSON object. A file keeps no
/// other time of its lines, so without one the time is not known.
/// </summary>
internal static partial class LineTime
{
    public static DateTimeOffset? Of(string line) => line.StartsWith('{') ? OfObject(line) : OfPrefix(line);

    private static DateTimeOffset? OfPrefix(string line) => Prefix().Match(line) is { Success: true } match ? Parse(match.Value.TrimEnd(':')) : null;

    private static DateTimeOffset? OfObject(string line)
    {
        try
        {
            var json = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(line));
            using var parsed = JsonDocument.ParseValue(ref json);
            foreach (var name in Names)
            {
                if (parsed.RootElement.TryGetProperty(name, out var value))
                    return value.ValueKind == JsonValueKind.String && Whole().IsMatch(value.GetString()!) ? Parse(value.GetString()!) : null;
            }

            return null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A time without an offset is local, as <c>log_date_format</c> writes it.</summary>
    private static DateTimeOffset? Parse(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var at) ? at : null;

    private static readonly string[] Names = ["timestamp", "time", "@timestamp"];

    /// <summary>Without an offset only in our own form, <c>date: text</c>: in a program's own line it may be UTC.</summary>
    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d([.,]\d{1,7})?(:(?= )| ?(Z|[+-]\d\d:?\d\d)(?!\w))")]
    private static partial Regex Prefix();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d([.,]\d{1,7})? ?(Z|[+-]\d\d:?\d\d)?$")]
    private static partial Regex Whole();
}
