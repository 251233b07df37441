using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace ZeroDown.Config;

/// <summary>
/// A JSON text to a tree of nodes with places. Comments and trailing commas are read too: they mean the same to node. Whatever else
/// is no JSON is left to node, because pm2 evaluates its <c>.json</c> files as JavaScript; nothing is read by halves.
/// </summary>
internal ref struct JsonComposer
{
    private readonly SourceText _source;
    private readonly Problems _problems;
    private readonly ReadOnlySpan<byte> _bytes;
    private Utf8JsonReader _reader;
    private int _byte;
    private int _character;
    private int _nodes;

    private JsonComposer(SourceText source, byte[] bytes, Problems problems)
    {
        _bytes = bytes;
        (_source, _problems) = (source, problems);
        // Deeper than what is allowed, so that it is we who say that it is too deep.
        _reader = new Utf8JsonReader(bytes, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = NodeComposer.MaxDepth + 8 });
    }

    /// <summary>Null when it is empty, when a problem was noted, or when it is no JSON: then <paramref name="flaw"/> says where.</summary>
    public static ConfigNode? Compose(SourceText source, Problems problems, out Place? flaw)
    {
        flaw = null;
        if (source.Text.Length > NodeComposer.MaxCharacters)
        {
            problems.Error(Place.OfFile(source), $"the file is too large ({source.Text.Length:N0} characters; the limit is {NodeComposer.MaxCharacters:N0})");
            return null;
        }

        if (source.Text.AsSpan().Trim().IsEmpty)
            return null;
        var composer = new JsonComposer(source, Encoding.UTF8.GetBytes(source.Text), problems);
        try
        {
            composer._reader.Read();
            var root = composer.Node(1);
            composer._reader.Read(); // throws where something follows
            return problems.HasErrors ? null : root;
        }
        catch (JsonException e)
        {
            flaw = problems.HasErrors ? null : composer.PlaceOf(e);
            return null;
        }
        catch (InvalidOperationException)
        {
            // Half a character: \ud83d without the \ude00 that completes it.
            flaw = composer.Here();
            return null;
        }
    }

    private ConfigNode Node(int depth)
    {
        var place = Here();
        if (!_problems.HasErrors && ++_nodes > NodeComposer.MaxNodes)
            _problems.Error(place, $"the file holds more than {NodeComposer.MaxNodes:N0} values");
        else if (!_problems.HasErrors && depth > NodeComposer.MaxDepth)
            _problems.Error(place, $"nested too deeply (more than {NodeComposer.MaxDepth} levels)");
        if (depth > NodeComposer.MaxDepth)
        {
            _reader.Skip();
            return new ScalarNode(place, "null", IsPlain: true);
        }

        return _reader.TokenType switch
        {
            JsonTokenType.StartObject => Mapping(place, depth),
            JsonTokenType.StartArray => Sequence(place, depth),
            JsonTokenType.String => new ScalarNode(place, _reader.GetString()!, IsPlain: false),
            JsonTokenType.Number => new ScalarNode(place, JsNumber.Format(Encoding.UTF8.GetString(_reader.ValueSpan)), IsPlain: true),
            _ => new ScalarNode(place, Encoding.UTF8.GetString(_reader.ValueSpan), IsPlain: true),
        };
    }

    private SequenceNode Sequence(Place place, int depth)
    {
        var items = ImmutableArray.CreateBuilder<ConfigNode>();
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
            items.Add(Node(depth + 1));
        return new SequenceNode(place, items.ToImmutable());
    }

    /// <summary>Of a key that is there twice JavaScript takes the last one.</summary>
    private MappingNode Mapping(Place place, int depth)
    {
        var entries = ImmutableArray.CreateBuilder<MappingEntry>();
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            var key = new ScalarNode(Here(), _reader.GetString()!, IsPlain: false);
            _reader.Read();
            var entry = new MappingEntry(key, Node(depth + 1));
            if (positions.TryAdd(key.Value, entries.Count))
            {
                entries.Add(entry);
                continue;
            }

            var first = entries[positions[key.Value]].Key;
            _problems.Warning(key.Place, $"the key '{Printable.Short(key.Value)}' is here twice; the first one is in {first.Place}, and this one is taken");
            entries[positions[key.Value]] = entry;
        }

        return new MappingNode(place, entries.ToImmutable());
    }

    /// <summary>Of the token that was read last.</summary>
    private Place Here()
    {
        var quotes = _reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? 2 : 0;
        var bytes = (int)_reader.TokenStartIndex;
        var start = CharacterAt(bytes);
        return new Place(_source, start, CharacterAt(bytes + _reader.ValueSpan.Length + quotes) - start, null);
    }

    private Place PlaceOf(JsonException e)
    {
        var line = 0;
        for (var lines = e.LineNumber ?? 0; lines > 0; lines--)
            line += _bytes[line..].IndexOf((byte)'\n') + 1;
        (_byte, _character) = (0, 0);
        return new Place(_source, CharacterAt((int)Math.Min(line + (e.BytePositionInLine ?? 0), _bytes.Length)), 1, null);
    }

    /// <summary>The text's index of a byte. Asked in rising order, so that a file is walked once.</summary>
    private int CharacterAt(int index)
    {
        for (; _byte < index && _byte < _bytes.Length; _byte++)
            _character += (_bytes[_byte] & 0xc0) == 0x80 ? 0 : _bytes[_byte] >= 0xf0 ? 2 : 1;
        return _character;
    }
}
