using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ZeroDown.Config;

/// <summary>Values as a person would write them in YAML, and so that our own reading gives them back unchanged.</summary>
internal static class YamlText
{
    private static readonly SearchValues<char> PlainCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-");

    public static string Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Of(value.GetString()!),
        JsonValueKind.Array => List(value.EnumerateArray().Select(Of)),
        JsonValueKind.Object => $"{{ {string.Join(", ", value.EnumerateObject().Select(m => $"{Key(m.Name)}: {Of(m.Value)}"))} }}",
        _ => value.GetRawText(),
    };

    public static string Of(IEnumerable<string> words) => List(words.Select(Of));

    /// <summary>A text; its dollar signs are doubled where <c>${VAR}</c> would be read otherwise.</summary>
    public static string Of(string text) =>
        Key(text.Contains("$$", StringComparison.Ordinal) || text.Contains("${", StringComparison.Ordinal) ? text.Replace("$", "$$", StringComparison.Ordinal) : text);

    /// <summary>The same for a key, where nothing is expanded.</summary>
    public static string Key(string text) => IsPlain(text) ? text : Quoted(text);

    /// <summary>One line that no text of a stranger can break out of.</summary>
    public static string Comment(string text) => "# " + Printable.Escape(text);

    private static string List(IEnumerable<string> items) => $"[{string.Join(", ", items)}]";

    /// <summary>Begins like a word or a path, and is no word that means something else.</summary>
    private static bool IsPlain(string text) =>
        text.Length > 0 && (char.IsAsciiLetter(text[0]) || text[0] == '/' || text.StartsWith("./", StringComparison.Ordinal) || text.StartsWith("../", StringComparison.Ordinal))
        && !text.AsSpan().ContainsAnyExcept(PlainCharacters)
        && text.ToLowerInvariant() is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");

    /// <summary>A JSON string is a double-quoted YAML scalar. What a terminal could act on is escaped too.</summary>
    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is (>= 0x7f and < 0xa0) or 0x2028 or 0x2029 or 0xfeff)
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else
                quoted.Append(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(rune.ToString()));
        }

        return quoted.Append('"').ToString();
    }
}
