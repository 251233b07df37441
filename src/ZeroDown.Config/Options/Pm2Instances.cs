namespace ZeroDown.Config;

/// <summary>
/// How pm2 counts instances: a text is a number as far as it begins with one, else one per CPU; a fraction (a division by the number
/// of CPUs) loses what follows the point, and none of them are as many as there are CPUs.
/// </summary>
internal static class Pm2Instances
{
    /// <summary>A whole number in the node's place; null: nothing is to be changed.</summary>
    public static ConfigNode? Of(ConfigNode node, ValueReader reader)
    {
        if (node is SequenceNode { Items: [ScalarNode { IsPlain: true } only] })
            node = only;
        if (node is not ScalarNode scalar || scalar.Value.Equals("max", StringComparison.OrdinalIgnoreCase) || scalar is { IsPlain: true, Value: "true" or "false" }
            || scalar.Value.Contains("${", StringComparison.Ordinal))
            return null;
        var text = scalar.Value.Trim();
        var digits = text.AsSpan(text.StartsWith('-') || text.StartsWith('+') ? 1 : 0);
        digits = digits[..(digits.IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : digits.Length)];
        var whole = digits.IsEmpty ? "0" : (text.StartsWith('-') && digits.ContainsAnyExcept('0') ? "-" : "") + digits.ToString();
        if (whole == text)
            return scalar with { Value = whole };
        reader.Problems.Warning(node.Place, $"instances: {scalar.Kind} is taken as {whole}{(whole.AsSpan().ContainsAnyExcept('0') ? "" : $", which is one per CPU: {reader.Context.ProcessorCount}")}");
        return scalar with { Value = whole };
    }
}
