using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZeroDown.Cli.Views;

/// <summary>
/// JSON as Node's <c>util.inspect(value, { depth: null })</c> writes it, which is what pm2's prettylist prints and scripts search: keys without quotes, single quotes,
/// lines of at most 80 characters where that is possible. Nothing is left out, however long. A test compares it with Node.
/// </summary>
internal sealed class JavaScriptText
{
    private const int BreakLength = 80;

    /// <summary>An object with no more inner levels than this may stand on one line.</summary>
    private const int Compact = 3;

    /// <summary>Entries of a longer array stand in columns.</summary>
    private const int MostEntriesInOneList = 6;

    private int _indentation;

    /// <summary>Of the object or array that was begun last.</summary>
    private int _lastDepth;

    public static string Of(JsonNode? value) => new JavaScriptText().Write(value, 0);

    private string Write(JsonNode? value, int depth) => value switch
    {
        null => "null",
        JsonObject { Count: 0 } => "{}",
        JsonArray { Count: 0 } => "[]",
        JsonObject members => Members(members, depth + 1),
        JsonArray entries => Entries(entries, depth + 1),
        _ => value.GetValueKind() == JsonValueKind.String ? Text(value.GetValue<string>()) : value.ToJsonString(),
    };

    private string Members(JsonObject members, int depth)
    {
        _lastDepth = depth;
        List<string> lines = [.. members.Select(member => $"{Key(member.Key)}: {Inner(member.Value, depth)}")];
        return Braced(lines, "{", "}", depth, mayJoin: true);
    }

    private string Entries(JsonArray entries, int depth)
    {
        _lastDepth = depth;
        List<string> lines = [.. entries.Select(entry => Inner(entry, depth))];
        var columns = lines.Count > MostEntriesInOneList ? InColumns(lines, entries.All(entry => entry?.GetValueKind() == JsonValueKind.Number)) : lines;
        return Braced(columns, "[", "]", depth, mayJoin: columns.Count == lines.Count);
    }

    private string Inner(JsonNode? value, int depth)
    {
        _indentation += 2;
        var text = Write(value, depth);
        _indentation -= 2;
        return text;
    }

    private string Braced(List<string> lines, string open, string close, int depth, bool mayJoin)
    {
        if (mayJoin && _lastDepth - depth < Compact)
        {
            var length = lines.Sum(line => line.Length) + lines.Count + lines.Count + _indentation + open.Length + 10;
            if (length <= BreakLength && !lines.Exists(line => line.Contains('\n')))
                return $"{open} {string.Join(", ", lines)} {close}";
        }

        var newLine = "\n" + new string(' ', _indentation);
        return $"{open}{newLine}  {string.Join($",{newLine}  ", lines)}{newLine}{close}";
    }

    /// <summary>Node's own rule for how many columns look good.</summary>
    private List<string> InColumns(List<string> entries, bool areNumbers)
    {
        const int separator = 2;
        var longest = entries.Max(entry => entry.Length);
        var total = entries.Sum(entry => entry.Length + separator);
        var widest = longest + separator;
        if (widest * 3 + _indentation >= BreakLength || ((double)total / widest <= 5 && longest > 6))
            return entries;
        var biased = Math.Max(widest - 3 - Math.Sqrt(widest - (double)total / entries.Count), 1);
        var columns = new[]
        {
            (int)Math.Floor(Math.Sqrt(2.5 * biased * entries.Count) / biased + 0.5),
            (BreakLength - _indentation) / widest,
            Compact * 4,
            15,
        }.Min();
        if (columns <= 1)
            return entries;
        var widths = Enumerable.Range(0, columns).Select(column => entries.Where((_, index) => index % columns == column).Max(entry => entry.Length) + separator).ToArray();
        return [.. entries.Chunk(columns).Select(row => Row(row, widths, areNumbers))];
    }

    private static string Row(string[] entries, int[] widths, bool areNumbers)
    {
        var row = new StringBuilder();
        for (var column = 0; column < entries.Length; column++)
        {
            var isLast = column == entries.Length - 1;
            var entry = isLast ? entries[column] : entries[column] + ", ";
            if (areNumbers)
                row.Append(entry.PadLeft(widths[column] - (isLast ? 2 : 0)));
            else
                row.Append(isLast ? entry : entry.PadRight(widths[column]));
        }

        return row.ToString();
    }

    private static string Key(string key) =>
        key.Length > 0 && !char.IsAsciiDigit(key[0]) && key.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? key : Quoted(key);

    /// <summary>A long text is cut behind its line ends.</summary>
    private string Text(string text)
    {
        if (text.Length <= 16 || text.Length <= BreakLength - _indentation - 4)
            return Quoted(text);
        var lines = text.Split('\n');
        var pieces = lines.Select((line, index) => index < lines.Length - 1 ? line + "\n" : line).Where((line, index) => line.Length > 0 || index == 0);
        return string.Join($" +\n{new string(' ', _indentation + 2)}", pieces.Select(Quoted));
    }

    private static string Quoted(string text)
    {
        var quote = !text.Contains('\'') ? '\''
            : !text.Contains('"') ? '"'
            : !text.Contains('`') && !text.Contains("${", StringComparison.Ordinal) ? '`'
            : '\'';
        var quoted = new StringBuilder().Append(quote);
        foreach (var c in text)
            quoted.Append(Escaped(c, quote));
        return quoted.Append(quote).ToString();
    }

    private static string Escaped(char c, char quote) => c switch
    {
        '\b' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\f' => "\\f",
        '\r' => "\\r",
        '\\' => "\\\\",
        '\'' when quote == '\'' => "\\'",
        < ' ' or (>= '\u007f' and <= '\u009f') => string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}"),
        _ => c.ToString(),
    };
}
