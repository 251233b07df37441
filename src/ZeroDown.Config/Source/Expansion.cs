using System.Buffers;
using System.Text;

namespace ZeroDown.Config;

/// <summary>
/// <c>${VAR}</c>, <c>${VAR:-default}</c>, <c>${VAR:?message}</c> and <c>$$</c> in values, from the environment of the
/// person who types the command. A variable that is not set is an error and never an empty string: half a path is
/// how <c>rm -rf $X/</c> became famous. A lone <c>$</c> stays, pm2's files have it in passwords.
/// </summary>
internal sealed class Expansion(IReadOnlyDictionary<string, string> environment, Problems problems)
{
    /// <summary>Of all values of a file together; a small file with large variables must stay small.</summary>
    private const int MaxCharacters = 4 << 20;

    /// <summary>MAX_ARG_STRLEN, 32 pages with the final zero.</summary>
    private const int MaxBytes = (32 * 4096) - 1;

    private const int MaxNesting = 8;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    private long _characters;

    private bool _isStrict;

    /// <summary>The node's text with variables replaced; false when a problem was noted.</summary>
    /// <param name="node">The value.</param>
    /// <param name="isStrict">False: what cannot be replaced stays, with a warning, and <c>$$</c> means something before a brace only. pm2 replaces nothing.</param>
    /// <param name="text">The result.</param>
    public bool TryExpand(ScalarNode node, bool isStrict, out string text)
    {
        _isStrict = isStrict;
        text = node.Value;
        if (_characters > MaxCharacters)
            return false;
        if (text.Contains('\0'))
            return Problem(node, text, "a NUL character cannot stand in a value");
        if (!node.IsLiteral && text.Contains('$'))
        {
            var result = new StringBuilder();
            if (!Expand(node, text, result, 0))
                return false;
            text = result.ToString();
        }

        _characters += text.Length;
        if (_characters > MaxCharacters)
            return Problem(node, text, "the variables make the file too large");
        return Encoding.UTF8.GetByteCount(text) <= MaxBytes
            || Problem(node, text, $"this value is too long; the kernel takes at most {MaxBytes:N0} bytes for one argument or variable");
    }

    private bool Expand(ScalarNode node, string text, StringBuilder into, int nesting)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length || text[i + 1] is not ('$' or '{'))
            {
                into.Append(text[i]);
            }
            else if (text[i + 1] == '$')
            {
                into.Append(_isStrict || text.AsSpan(i + 2).StartsWith("{") ? "$" : "$$");
                i++;
                if (!_isStrict && text.AsSpan(i + 1).StartsWith("{"))
                {
                    into.Append('{');
                    i++;
                }
            }
            else
            {
                var end = ClosingBrace(text, i + 2);
                if (end < 0)
                    return Left(node, text[i..], into, "'${' without its '}'", "write '$$' for a dollar sign");
                if (nesting == MaxNesting)
                    return Problem(node, text[i..], "variables nested too deeply");
                if (!One(node, text[i..(end + 1)], text[(i + 2)..end], into, nesting))
                    return false;
                if (into.Length > MaxCharacters)
                    return Problem(node, text[i..], "the variables make the file too large");
                i = end;
            }
        }

        return true;
    }

    private bool One(ScalarNode node, string whole, string inner, StringBuilder into, int nesting)
    {
        var nameLength = inner.AsSpan().IndexOfAnyExcept(NameCharacters);
        var name = nameLength < 0 ? inner : inner[..nameLength];
        var rest = inner[name.Length..];
        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
            return Left(node, whole, into, $"'{Printable.Short(whole)}' does not name a variable", "write '$$' for a dollar sign");

        // As in the shell, the colon forms take an empty variable for an unset one.
        var isSet = environment.TryGetValue(name, out var value);
        if (rest.Length == 0)
        {
            if (!isSet)
                return Left(node, whole, into, $"the variable {name} is not set", Nearest.Hint(name, environment.Keys) ?? $"set it, or give a default: ${{{name}:-…}}");
            into.Append(value);
            return true;
        }

        if (rest.StartsWith(":-", StringComparison.Ordinal))
        {
            if (string.IsNullOrEmpty(value))
                return Expand(node, rest[2..], into, nesting + 1);
            into.Append(value);
            return true;
        }

        if (rest.StartsWith(":?", StringComparison.Ordinal))
        {
            if (string.IsNullOrEmpty(value))
                return Problem(node, whole, $"the variable {name} is not set{(rest.Length > 2 ? ": " + rest[2..] : "")}");
            into.Append(value);
            return true;
        }

        return Left(node, whole, into, $"'{Printable.Short(whole)}' cannot be read", "the forms are ${VAR}, ${VAR:-default} and ${VAR:?message}");
    }

    /// <summary>What cannot be replaced: a mistake, or text like any other.</summary>
    private bool Left(ScalarNode node, string whole, StringBuilder into, string message, string? hint)
    {
        if (_isStrict)
            return Problem(node, whole, message, hint);
        into.Append(whole);
        problems.Warning(At(node, whole), message + "; it stays as it is", hint);
        return true;
    }

    private static int ClosingBrace(string text, int from)
    {
        var open = 1;
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] == '{' && text[i - 1] == '$')
                open++;
            else if (text[i] == '}' && --open == 0)
                return i;
        }

        return -1;
    }

    private bool Problem(ScalarNode node, string variable, string message, string? hint = null)
    {
        problems.Error(At(node, variable), message, hint);
        return false;
    }

    /// <summary>At the variable itself where the source shows it (escapes and folding can hide it), else at the value.</summary>
    private static Place At(ScalarNode node, string variable)
    {
        var place = node.Place;
        if (place.Source is not { } source || place.Start < 0)
            return place;
        var at = source.Text.AsSpan(place.Start, place.Length).IndexOf(variable);
        return at < 0 ? place : place with { Start = place.Start + at, Length = variable.Length };
    }
}
