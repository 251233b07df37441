using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>
/// A value with its place, from a file or from a flag. Trees are finite and cannot hold cycles; an alias is the very node
/// of its anchor, so <see cref="Size"/> and <see cref="Depth"/> say what the tree would be when written out in full.
/// </summary>
internal abstract record ConfigNode(Place Place)
{
    /// <summary>Number of nodes, aliases written out.</summary>
    public abstract long Size { get; }

    /// <summary>1 for a scalar; of a collection, one more than its deepest child.</summary>
    public abstract int Depth { get; }

    /// <summary>What a message calls it: <c>a list</c>, <c>text "x"</c>.</summary>
    public abstract string Kind { get; }
}

/// <param name="Place">Where it is.</param>
/// <param name="Value">The text, YAML's quoting and escapes undone, variables not yet expanded.</param>
/// <param name="IsPlain">Written without quotes, so <c>null</c> and <c>~</c> mean "nothing".</param>
/// <param name="IsLiteral">It has been through a shell already; a <c>$</c> in it is a dollar sign.</param>
internal sealed record ScalarNode(Place Place, string Value, bool IsPlain, bool IsLiteral = false) : ConfigNode(Place)
{
    public bool IsNull => IsPlain && Value is "" or "~" or "null" or "Null" or "NULL";

    public override long Size => 1;

    public override int Depth => 1;

    public override string Kind => IsNull && Value.Length == 0 ? "nothing" : $"'{Printable.Short(Value)}'";
}

internal sealed record SequenceNode(Place Place, ImmutableArray<ConfigNode> Items) : ConfigNode(Place)
{
    public override long Size { get; } = 1 + Items.Sum(i => i.Size);

    public override int Depth { get; } = 1 + Items.Select(i => i.Depth).DefaultIfEmpty().Max();

    public override string Kind => "a list";
}

internal sealed record MappingNode(Place Place, ImmutableArray<MappingEntry> Entries) : ConfigNode(Place)
{
    public override long Size { get; } = 1 + Entries.Sum(e => 1 + e.Value.Size);

    public override int Depth { get; } = 1 + Entries.Select(e => e.Value.Depth).DefaultIfEmpty().Max();

    public override string Kind => "a mapping";

    public ConfigNode? Find(string key) => Entries.FirstOrDefault(e => e.Key.Value == key)?.Value;
}

/// <param name="Key">The key with its place.</param>
/// <param name="Value">The value.</param>
/// <param name="IsMerged">It came in through <c>&lt;&lt;</c> and gives way to a key of the mapping's own.</param>
internal sealed record MappingEntry(ScalarNode Key, ConfigNode Value, bool IsMerged = false);
