using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace ZeroDown.Config;

/// <summary>
/// What a program made of its file becomes the same tree that a text becomes. There are no lines in it, so each node knows the
/// way to itself, and which app it belongs to. The texts of a JavaScript file are final: it had a whole language for what
/// <c>${VAR}</c> is for, and a password with a dollar sign must arrive as it is. A <c>.json</c> that node has read is still a .json.
/// </summary>
internal sealed class ValueComposer
{
    private readonly SourceText _source;
    private readonly Problems _problems;
    private readonly bool _isLiteral;
    private int _nodes;

    private ValueComposer(SourceText source, Problems problems, bool isLiteral) => (_source, _problems, _isLiteral) = (source, problems, isLiteral);

    /// <summary>Null after a problem was noted.</summary>
    public static ConfigNode? Compose(SourceText source, string json, bool isLiteral, Problems problems)
    {
        var composer = new ValueComposer(source, problems, isLiteral);
        try
        {
            // One level more than is allowed, so that it is we who say that it is too deep.
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = NodeComposer.MaxDepth + 1 });
            var root = composer.Node(document.RootElement, "", null, 1);
            return problems.HasErrors ? null : root;
        }
        catch (JsonException)
        {
            problems.Error(Place.OfFile(source), $"what it exports is nested too deeply (more than {NodeComposer.MaxDepth} levels)");
            return null;
        }
    }

    private ConfigNode Node(JsonElement element, string path, string? app, int depth)
    {
        var place = At(path, app);
        if (++_nodes == NodeComposer.MaxNodes)
            _problems.Error(Place.OfFile(_source), $"what it exports holds more than {NodeComposer.MaxNodes:N0} values");
        else if (depth > NodeComposer.MaxDepth)
            _problems.Error(place, $"nested too deeply (more than {NodeComposer.MaxDepth} levels)");
        if (_problems.HasErrors)
            return Scalar(place, "null", isPlain: true);
        return element.ValueKind switch
        {
            JsonValueKind.Object => Mapping(element, path, app ?? NameOf(element), depth),
            JsonValueKind.Array => new SequenceNode(place, [.. element.EnumerateArray().Select((item, i) => Node(item, Invariant($"{path}[{i}]"), app, depth + 1))]),
            JsonValueKind.String => Scalar(place, element.GetString()!, isPlain: false),
            _ => Scalar(place, element.GetRawText(), isPlain: true),
        };
    }

    private MappingNode Mapping(JsonElement element, string path, string? app, int depth)
    {
        var here = At(path, app);
        var entries = ImmutableArray.CreateBuilder<MappingEntry>();
        foreach (var member in element.EnumerateObject())
        {
            var way = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            entries.Add(new(Scalar(here, member.Name, isPlain: false), Node(member.Value, way, app, depth + 1)));
        }

        return new MappingNode(here, entries.ToImmutable());
    }

    /// <summary>What a reader calls an app; null for a mapping that is none.</summary>
    private static string? NameOf(JsonElement element)
    {
        string? name = null;
        var isApp = false;
        foreach (var member in element.EnumerateObject())
        {
            if (member.Name == "name" && member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
                name = member.Value.ToString();
            else
                isApp |= AppOptions.Find(member.Name)?.Name == "script";
        }

        return isApp ? name : null;
    }

    private Place At(string path, string? app) => Place.OfValue(_source, app is null ? path : $"{path} ({Printable.Short(app, 40)})".TrimStart());

    private ScalarNode Scalar(Place place, string text, bool isPlain) => new(place, text, isPlain, _isLiteral);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
