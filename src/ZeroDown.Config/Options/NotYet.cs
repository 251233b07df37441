using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>
/// pm2's options that this version knows but does not carry out. A pm2 user's file must start, so each is one warning;
/// what is switched off, or says what happens anyway, is silent.
/// </summary>
internal static class NotYet
{
    public static ImmutableArray<AppOption> Options { get; } =
    [
        Row("post_update", [], "commands after a git pull"),
    ];

    private static AppOption Row(string name, ImmutableArray<string> aliases, string meaning, bool silent = false, string[]? off = null) =>
        new(name, aliases, "any", null, meaning, (node, _, reader) =>
        {
            if (!silent && !Silence.IsOff(node, off ?? ["false", "0", "null", ""]))
                reader.Problems.Warning(node.Place, $"{name} is not supported yet; ignored");
        }, isSupported: false);
}
