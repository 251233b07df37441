using System.Collections.Immutable;
using System.Globalization;

namespace ZeroDown.Config;

/// <summary>
/// Reads one typed value from a node. Every method answers false after it has noted what is wrong and where, so callers
/// only go on with the next option.
/// </summary>
internal sealed class ValueReader(Problems problems, ReadContext context)
{
    private readonly Expansion _expansion = new(context.Environment, problems);

    public Problems Problems => problems;

    public ReadContext Context => context;

    /// <summary>What the file says to pm2's hosted service; one warning for all of it.</summary>
    public List<(AppOption Option, Place Place)> ServiceOptions { get; } = [];

    /// <summary>JavaScript or JSON: the file is of a kind that pm2's users have, and what pm2 starts with is no reason to refuse it.</summary>
    public bool IsPm2File { get; init; }

    /// <summary>What becomes of a value that cannot be read.</summary>
    public Firmness Firmness { get; private set; }

    /// <summary>Such keys, one warning for all of them.</summary>
    public List<(string Key, Place Place)> ForeignKeys { get; } = [];

    public bool Text(ConfigNode node, out string text) => Scalar(node, "text", out text);

    /// <summary>Text that is not empty.</summary>
    public bool Word(ConfigNode node, out string text)
    {
        if (!Scalar(node, "text", out text))
            return false;
        if (text.Trim().Length > 0)
            return true;
        return Fail(node, "expected text, got nothing");
    }

    public bool Flag(ConfigNode node, out bool flag)
    {
        flag = false;
        if (!Scalar(node, "true or false", out var text))
            return false;
        switch (text.ToLowerInvariant())
        {
            case "true":
                flag = true;
                return true;
            case "false":
                return true;
            default:
                var meant = text.ToLowerInvariant() switch { "yes" or "on" or "1" => "true", "no" or "off" or "0" => "false", _ => null };
                return Wrong(node, "true or false", meant is null ? null : $"did you mean '{meant}'?");
        }
    }

    /// <summary>A whole number in a range.</summary>
    public bool Number(ConfigNode node, int min, int max, out int number)
    {
        number = 0;
        if (!Scalar(node, "a number", out var text))
            return false;
        if (Firmness == Firmness.Warning && max == int.MaxValue && text == "Infinity")
            return Clamped(node, max, max.ToString(CultureInfo.InvariantCulture), out number);
        if (!IsInteger(text, out var tooLarge))
            return Wrong(node, "a number");
        if (tooLarge || !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number) || number > max)
            return Firmness == Firmness.Warning && max == int.MaxValue && !text.StartsWith('-') ? Clamped(node, max, max.ToString(CultureInfo.InvariantCulture), out number) : text.StartsWith('-') ? Below(node, text, min) : Fail(node, $"{Printable.Short(text, 20)} is too large; at most {max}");
        return number >= min || Below(node, text, min);
    }

    /// <summary>A duration: bare numbers are milliseconds, as in pm2.</summary>
    public bool Duration(ConfigNode node, TimeSpan min, out TimeSpan duration)
    {
        duration = default;
        if (!Scalar(node, "a duration", out var text))
            return false;
        switch (Durations.Parse(text, out duration))
        {
            case UnitResult.Ok when duration >= min:
                return true;
            case UnitResult.Ok:
                return Fail(node, $"{text} is too short; at least {Durations.Format(min)}");
            case UnitResult.Negative:
                return Fail(node, $"a duration cannot be negative: {Printable.Short(text, 20)}");
            case UnitResult.TooLarge when Firmness == Firmness.Warning:
                return Clamped(node, Durations.Max, Durations.Format(Durations.Max), out duration);
            case UnitResult.TooLarge:
                return Fail(node, $"{Printable.Short(text, 20)} is too long; at most {Durations.Format(Durations.Max)}");
            default:
                return Wrong(node, "a duration", "write 500ms, 10s, 5m, 1h, or a bare number of milliseconds");
        }
    }

    /// <summary>A size in bytes: K, M and G are 1024-based.</summary>
    public bool Size(ConfigNode node, out long bytes)
    {
        bytes = 0;
        if (!Scalar(node, "a size", out var text))
            return false;
        return Sizes.Parse(text, out bytes) switch
        {
            UnitResult.Ok => true,
            UnitResult.Negative => Fail(node, $"a size cannot be negative: {Printable.Short(text, 20)}"),
            UnitResult.TooLarge => Fail(node, $"{Printable.Short(text, 20)} is too large"),
            _ => Wrong(node, "a size", "write 300M, 1G, 512K, or a bare number of bytes"),
        };
    }

    /// <summary>A list of texts, or one text that is split into words as a shell does it.</summary>
    public bool Words(ConfigNode node, out ImmutableArray<string> words)
    {
        words = [];
        switch (node)
        {
            case SequenceNode sequence:
                var result = ImmutableArray.CreateBuilder<string>();
                var ok = true;
                foreach (var item in sequence.Items)
                {
                    ok &= Scalar(item, "text", out var word);
                    result.Add(word);
                }

                words = result.ToImmutable();
                return ok;
            case ScalarNode:
                if (!Text(node, out var line))
                    return false;
                if (ShellLine.TrySplit(line, out words))
                    return true;
                if (Firmness == Firmness.Warning)
                {
                    words = [.. line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)];
                    problems.Warning(node.Place, "a quote is opened and not closed; the text is split at its blanks");
                    return true;
                }

                return Fail(node, "a quote is opened and not closed");
            default:
                return Wrong(node, "text or a list of texts");
        }
    }

    /// <summary>A list, or one value that stands for a list of one.</summary>
    public static ImmutableArray<ConfigNode> OneOrMany(ConfigNode node) => node is SequenceNode sequence ? sequence.Items : [node];

    /// <summary><c>expected a number, got a list</c>.</summary>
    public bool Wrong(ConfigNode node, string expected, string? hint = null) => Fail(node, $"expected {expected}, got {node.Kind}", hint);

    /// <summary>As firm as <see cref="Firmness"/> says.</summary>
    public bool Fail(ConfigNode node, string message, string? hint = null)
    {
        if (Firmness == Firmness.Error)
            problems.Error(node.Place, message, hint);
        else if (Firmness == Firmness.Warning)
            problems.Warning(node.Place, message + "; ignored", hint);
        return false;
    }

    /// <summary>Reads with another firmness.</summary>
    public void With(Firmness firmness, Action read)
    {
        var before = Firmness;
        Firmness = firmness;
        read();
        Firmness = before;
    }

    private bool Clamped<T>(ConfigNode node, T most, string shown, out T value)
    {
        value = most;
        problems.Warning(node.Place, $"{node.Kind} is too much; taken as {shown}");
        return true;
    }

    private bool Scalar(ConfigNode node, string expected, out string text)
    {
        text = "";
        if (node is not ScalarNode scalar)
            return Wrong(node, expected);
        return _expansion.TryExpand(scalar, isStrict: !IsPm2File, out text);
    }

    private bool Below(ConfigNode node, string text, int min) =>
        Fail(node, min >= 0 && text.StartsWith('-')
            ? $"a number cannot be negative here: {Printable.Short(text, 20)}"
            : $"{Printable.Short(text, 20)} is too small; at least {min}");

    private static bool IsInteger(string text, out bool tooLarge)
    {
        var digits = text.AsSpan().TrimStart('-');
        tooLarge = digits.Length > 10;
        return digits.Length > 0 && text.Length - digits.Length <= 1 && !digits.ContainsAnyExceptInRange('0', '9');
    }
}
