using System.Collections.Immutable;
using System.Text;

namespace ZeroDown.Config;

/// <summary>
/// A row of the option table: one thing that can be said about an app, by a file or by a flag. Parsing, "did you mean",
/// help and documentation all read the same row.
/// </summary>
public sealed class AppOption
{
    internal AppOption(string name, ImmutableArray<string> aliases, string type, string? standard, string meaning, Apply apply, bool isSupported = true)
    {
        IsSupported = isSupported;
        (Name, Aliases, Type, Default, Meaning, Applier) = (name, aliases, type, standard, meaning, apply);
        Spellings = [.. new[] { name }.Concat(aliases).SelectMany(s => new[] { s, Camel(s) }).Distinct()];
    }

    /// <summary>Reads the value into the draft, or notes what is wrong with it.</summary>
    internal delegate void Apply(ConfigNode value, AppDraft draft, ValueReader reader);

    /// <summary>In snake case, as the documentation spells it.</summary>
    public string Name { get; }

    public ImmutableArray<string> Aliases { get; }

    /// <summary>What the value is: <c>duration</c>, <c>number</c>, <c>true | false | strict</c>.</summary>
    public string Type { get; }

    /// <summary>The value when nothing is said, as one would write it; null: none.</summary>
    public string? Default { get; }

    /// <summary>One line for help and documentation.</summary>
    public string Meaning { get; }

    /// <summary>False: known from pm2, read without an error, and not carried out by this version.</summary>
    public bool IsSupported { get; }

    /// <summary>Name and aliases, each also in camel case.</summary>
    public ImmutableArray<string> Spellings { get; }

    /// <summary><c>--kill-timeout</c>.</summary>
    public string Flag => "--" + Name.Replace('_', '-');

    internal Apply Applier { get; }

    private static string Camel(string snake)
    {
        var result = new StringBuilder(snake.Length);
        for (var i = 0; i < snake.Length; i++)
        {
            if (snake[i] == '_' && i + 1 < snake.Length)
                result.Append(char.ToUpperInvariant(snake[++i]));
            else
                result.Append(snake[i]);
        }

        return result.ToString();
    }
}
