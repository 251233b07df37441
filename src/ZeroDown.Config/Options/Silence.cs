namespace ZeroDown.Config;

/// <summary>When a value of an option that is not carried out asks for nothing, so that nothing need be said.</summary>
internal static class Silence
{
    public static bool IsOff(ConfigNode node, string[] off) =>
        (node is ScalarNode scalar && (scalar.IsNull || off.Contains(scalar.Value.ToLowerInvariant())))
        || node is SequenceNode { Items.Length: 0 } or MappingNode { Entries.Length: 0 };
}
