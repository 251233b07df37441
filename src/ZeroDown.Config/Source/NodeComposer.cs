using System.Buffers;
using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ZeroDown.Config;

/// <summary>
/// YAML to one tree of nodes with places. It walks the parser's events and not YamlDotNet's own tree, because that one
/// recurses without a limit (a megabyte of <c>[</c> ends the process) and says nothing about where a duplicate key was first.
/// Limits are checked while reading, so a hostile file costs no more than its first bad line.
/// </summary>
internal sealed class NodeComposer
{
    public const int MaxCharacters = 1 << 20;
    public const int MaxDepth = 32;
    public const int MaxNodes = 100_000;

    private static readonly SearchValues<char> ControlCharacters =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Append(0x7f).Select(c => (char)c).Except("\t\n\r")]);

    private const string TabIndents = "a tab cannot indent YAML; use blanks";

    private static readonly (string Theirs, string Ours)[] Words =
    [
        ("tab character", TabIndents),
        ("expected node content", "a value is missing here, or a bracket above is not closed"),
        ("expected ',' or ']'", "a ',' or ']' is missing here"),
        ("expected ',' or '}'", "a ',' or '}' is missing here"),
        ("could not find expected ':'", "a ':' is missing here, or a quote above is not closed"),
        ("unexpected end of stream", "the file ends inside of a quoted text"),
        ("mapping values are not allowed", "a ':' cannot stand here; is the indentation right, or does the value need quotes?"),
        ("invalid mapping", "a ':' cannot stand here; is the indentation right, or does the value need quotes?"),
        ("unknown escape", "this text holds an unknown escape; in double quotes a backslash is written \\\\"),
        ("cannot start any token", "a value cannot start with this character; put it in quotes"),
        ("not allowed in this context", "this cannot stand here; does it belong on a line of its own?"),
        ("expected <document", "this fits nowhere; is the indentation right?"),
        ("invalid tab", TabIndents),
        ("expected key", "this fits nowhere; is the indentation right?"),
        ("expected '-' indicator", "this fits nowhere; is the indentation right, or is a '-' missing?"),
    ];

    private readonly SourceText _source;
    private readonly Problems _problems;
    private readonly Parser _parser;
    private readonly Dictionary<string, ConfigNode> _anchors = [];
    private readonly HashSet<string> _open = [];
    private readonly Stack<Place> _brackets = new();
    private Mark _last;
    private long _nodes;

    private NodeComposer(SourceText source, Problems problems)
    {
        _source = source;
        _problems = problems;
        _parser = new Parser(new Scanner(new StringReader(source.Text), skipComments: true));
    }

    /// <summary>The document's root; null when it is empty or broken (then a problem says so).</summary>
    public static ConfigNode? Compose(SourceText source, Problems problems)
    {
        if (source.Text.Length > MaxCharacters)
        {
            problems.Error(Place.OfFile(source), $"the file is too large ({source.Text.Length:N0} characters; the limit is {MaxCharacters:N0})");
            return null;
        }

        // YAML forbids them, and the parser takes NUL for the end of the file, so the rest would be lost without a word.
        var control = source.Text.AsSpan().IndexOfAny(ControlCharacters);
        if (control >= 0)
        {
            problems.Error(new Place(source, control, 1, null), $"a control character (U+{(int)source.Text[control]:X4}) cannot stand in a config file", "is this a text file?");
            return null;
        }

        var composer = new NodeComposer(source, problems);
        try
        {
            return composer.Document();
        }
        catch (Refused)
        {
            return null;
        }
        catch (YamlException e)
        {
            var said = Colloquial(e.Message);
            var place = composer.At(e.Start, e.End);
            problems.Error(said == TabIndents ? composer.IndentingTab(place) : place, said);
            return null;
        }
        catch (ArgumentException)
        {
            // Neither of the parser's own: two escapes of first halves in a row.
            problems.Error(composer.At(composer._last, composer._last), "the text that follows here holds half a character: a \\uD83D without the \\uDE00 that completes it");
            return null;
        }
        catch (InvalidOperationException)
        {
            // Not only its own exception: this one comes when a block ends inside of a bracket, or when text follows "...".
            if (composer._brackets.TryPeek(out var bracket))
                problems.Error(bracket, "this bracket is not closed");
            else
                problems.Error(composer.At(composer._last, composer._last), "what follows here cannot be read as YAML");
            return null;
        }
    }

    private ConfigNode? Document()
    {
        Next<StreamStart>();
        if (Peek() is StreamEnd)
            return null;
        Next<DocumentStart>();
        var root = Node(1);
        Next<DocumentEnd>();
        if (Peek() is not StreamEnd)
            throw Refuse(At(_parser.Current!), "a second document starts here; one file is one document", "remove the '---', and put all apps in one list");
        return root;
    }

    private ConfigNode Node(int depth)
    {
        var here = Peek();
        if (depth > MaxDepth)
            throw Refuse(At(here), $"nested too deeply (more than {MaxDepth} levels)");
        if (here is AnchorAlias alias)
        {
            Next<AnchorAlias>();
            return Resolve(alias, depth);
        }

        if (here is not NodeEvent start)
            throw Refuse(At(here), "expected a value here");
        if (!start.Tag.IsEmpty && !start.Tag.Value.StartsWith("tag:yaml.org,2002:", StringComparison.Ordinal))
            _problems.Error(At(start), $"the tag '{start.Tag.Value}' means nothing here", "remove it");
        Count(At(start), 1);

        var anchor = start.Anchor.IsEmpty ? null : start.Anchor.Value;
        if (anchor is not null)
            _open.Add(anchor);
        ConfigNode node = start switch
        {
            Scalar => OfScalar(Next<Scalar>()),
            SequenceStart => Sequence(depth),
            _ => Mapping(depth),
        };
        if (anchor is not null)
        {
            _open.Remove(anchor);
            _anchors[anchor] = node;
        }

        return node;
    }

    private ScalarNode OfScalar(Scalar scalar) => new(At(scalar), scalar.Value, scalar.Style == ScalarStyle.Plain);

    private SequenceNode Sequence(int depth)
    {
        var start = Next<SequenceStart>();
        var place = Open(At(start), start.Style == SequenceStyle.Flow);
        var items = ImmutableArray.CreateBuilder<ConfigNode>();
        while (Peek() is not SequenceEnd)
            items.Add(Node(depth + 1));
        Next<SequenceEnd>();
        Close(start.Style == SequenceStyle.Flow);
        return new SequenceNode(place, items.ToImmutable());
    }

    private MappingNode Mapping(int depth)
    {
        var start = Next<MappingStart>();
        var place = Open(At(start), start.Style == MappingStyle.Flow);
        var own = new Dictionary<string, MappingEntry>(StringComparer.Ordinal);
        var order = new List<MappingEntry>();
        var merged = new List<MappingEntry>();
        while (Peek() is not MappingEnd)
        {
            var keyNode = Node(depth + 1);
            var value = Node(depth + 1);
            if (keyNode is not ScalarNode key)
            {
                _problems.Error(keyNode.Place, $"a key must be text, not {keyNode.Kind}");
                continue;
            }

            if (key is { IsPlain: true, Value: "<<" })
            {
                Merge(value, merged);
                continue;
            }

            var entry = new MappingEntry(key, value);
            if (own.TryGetValue(key.Value, out var first))
            {
                _problems.Error(key.Place, $"the key '{key.Value}' is here twice; the first one is in {first.Key.Place}", "keep one of them");
                continue;
            }

            own.Add(key.Value, entry);
            order.Add(entry);
        }

        Next<MappingEnd>();
        Close(start.Style == MappingStyle.Flow);
        foreach (var entry in merged)
        {
            // YAML's rule: what the mapping says itself wins, and of several merged ones the earlier.
            if (own.TryAdd(entry.Key.Value, entry))
                order.Add(entry);
        }

        return new MappingNode(place, [.. order]);
    }

    private Place Open(Place place, bool isFlow)
    {
        if (isFlow)
            _brackets.Push(place);
        return place;
    }

    private void Close(bool isFlow)
    {
        if (isFlow)
            _brackets.Pop();
    }

    private void Merge(ConfigNode value, List<MappingEntry> into)
    {
        switch (value)
        {
            case MappingNode mapping:
                into.AddRange(mapping.Entries.Select(e => e with { IsMerged = true }));
                break;
            case SequenceNode { Items: var items } when items.All(i => i is MappingNode):
                foreach (var item in items)
                    Merge(item, into);
                break;
            default:
                _problems.Error(value.Place, $"'<<' merges a mapping or a list of mappings, not {value.Kind}");
                break;
        }
    }

    private ConfigNode Resolve(AnchorAlias alias, int depth)
    {
        var name = alias.Value.Value;
        if (_open.Contains(name))
            throw Refuse(At(alias), $"'*{name}' stands inside of what it stands for");
        if (!_anchors.TryGetValue(name, out var node))
            throw Refuse(At(alias), $"there is no anchor '&{name}' above", Nearest.Hint(name, _anchors.Keys));
        Count(At(alias), node.Size);
        if (depth + node.Depth - 1 > MaxDepth)
            throw Refuse(At(alias), $"nested too deeply (more than {MaxDepth} levels)");
        return node;
    }

    private void Count(Place place, long nodes)
    {
        _nodes += nodes;
        if (_nodes > MaxNodes)
            throw Refuse(place, $"the file holds more than {MaxNodes:N0} values when its aliases are written out");
    }

    private ParsingEvent Peek()
    {
        if (_parser.Current is null && !_parser.MoveNext())
            throw Refuse(new Place(_source, _source.Text.Length, 0, null), "the file ends too early");
        return _parser.Current!;
    }

    private T Next<T>()
        where T : ParsingEvent
    {
        if (Peek() is not T expected)
            throw Refuse(At(_parser.Current!), "cannot be read as YAML");
        _last = expected.End;
        if (expected is not StreamEnd)
            _parser.MoveNext();
        return expected;
    }

    private Place At(ParsingEvent e) => At(e.Start, e.End);

    private Place At(Mark start, Mark end)
    {
        var from = (int)Math.Clamp(start.Index, 0, _source.Text.Length);
        var to = (int)Math.Clamp(end.Index, from, _source.Text.Length);
        return new Place(_source, from, to - from, null);
    }

    /// <summary>The parser stops at what stands before the tab, often a line above.</summary>
    private Place IndentingTab(Place before)
    {
        var text = _source.Text;
        for (var i = before.Start; i < text.Length; i++)
        {
            if (text[i] == '\t' && text.AsSpan(0, i).TrimEnd(" \t") is [] or [.., '\n'])
                return new Place(_source, i, 1, null);
        }

        return before;
    }

    private Refused Refuse(Place place, string message, string? hint = null)
    {
        _problems.Error(place, message, hint);
        return new Refused();
    }

    /// <summary>The parser speaks of its own work; the person who reads has made a mistake in a file.</summary>
    private static string Colloquial(string message)
    {
        foreach (var (theirs, ours) in Words)
        {
            if (message.Contains(theirs, StringComparison.OrdinalIgnoreCase))
                return ours;
        }

        var what = message.StartsWith("While ", StringComparison.OrdinalIgnoreCase) ? message[(message.IndexOf(", ", StringComparison.Ordinal) + 1)..] : message;
        return $"cannot be read as YAML: {what.Trim(' ', '.')}";
    }

    /// <summary>The tree cannot be finished; the problem is already noted.</summary>
    private sealed class Refused : Exception;
}
