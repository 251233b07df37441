using System.Collections.Immutable;
using System.Text.Json;

namespace ZeroDown.Config;

/// <summary>
/// What pm2 keeps of one process: an element of <c>dump.pm2</c>, or the <c>pm2_env</c> of one of <c>pm2 jlist</c>. Both are the
/// same record; a dump has one per instance.
/// </summary>
public sealed class Pm2Process
{
    private readonly JsonElement _record;

    private Pm2Process(JsonElement record, string name) => (_record, Name) = (record, name);

    public string Name { get; }

    /// <summary>All processes of a dump or a list; null when the text is neither.</summary>
    /// <param name="json">A JSON array, behind whatever pm2 prints before it.</param>
    public static ImmutableArray<Pm2Process>? ReadAll(string json)
    {
        // pm2's banners come first on the same stream; none of their lines begins with a bracket that a list could follow.
        for (var start = json.IndexOf('['); start >= 0; start = json.IndexOf('[', start + 1))
        {
            if (start > 0 && json[start - 1] != '\n')
                continue;
            try
            {
                using var document = JsonDocument.Parse(json.AsMemory(start), new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 128 });
                return [.. document.RootElement.EnumerateArray().Select(One).OfType<Pm2Process>()];
            }
            catch (JsonException)
            {
                // A line of a banner: [PM2] …
            }
        }

        return null;
    }

    /// <summary>What is said; null for what is not, and for what says nothing (null, "", an empty list).</summary>
    internal JsonElement? this[string key] =>
        _record.TryGetProperty(key, out var value) && !IsNothing(value) ? value : null;

    internal string? Text(string key) => this[key] is { } value ? TextOf(value) : null;

    internal bool Is(string key) => this[key] is { ValueKind: JsonValueKind.True };

    internal IEnumerable<(string Name, JsonElement Value)> Members => _record.EnumerateObject().Select(m => (m.Name, m.Value));

    /// <summary>A scalar as the text that a variable would hold; anything else as JSON.</summary>
    internal static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    internal ImmutableArray<string> Words(string key) => this[key] switch
    {
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(TextOf)],
        { } one => ShellLine.TrySplit(TextOf(one), out var words) ? words : [TextOf(one)],
        null => [],
    };

    private static Pm2Process? One(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            return null;
        var record = element.TryGetProperty("pm2_env", out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : element;
        return record.TryGetProperty("name", out var name) && TextOf(name) is { Length: > 0 } text ? new(record.Clone(), text) : null;
    }

    private static bool IsNothing(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => true,
        JsonValueKind.String => value.GetString()!.Length == 0,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => false,
    };
}
