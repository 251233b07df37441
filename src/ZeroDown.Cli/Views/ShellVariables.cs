using ZeroDown.Protocol;

namespace ZeroDown.Cli.Views;

/// <summary>
/// Variables of the shell that an app was started from, which go along to its workers as with pm2. To workers of another user they may tell what is not meant for him: a root shell has
/// tokens in it. Only names are ever shown.
/// </summary>
internal static class ShellVariables
{
    private const int MostNamed = 4;

    /// <summary>Every shell has them, and what is in them is no secret.</summary>
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "PWD", "OLDPWD", "TERM", "TZ", "MAIL", "SHLVL", "HOSTNAME", "_", "COLORTERM", "DISPLAY", "EDITOR", "PAGER", "LS_COLORS",
    };

    private static readonly string[] Telling = ["TOKEN", "SECRET", "PASS", "KEY", "CREDENTIAL", "AUTH", "DSN", "DATABASE_URL"];

    /// <summary>A sentence about an app of another user that got some; null for every other.</summary>
    /// <param name="app">The app.</param>
    /// <param name="user">As whom the daemon runs.</param>
    public static string? Said(AppDefinition app, string user)
    {
        if (app.RunAs is not { } other || other.Name == user)
            return null;
        var names = app.Environment.Keys.Where(name => !app.DeclaredVariables.Contains(name) && !Harmless.Contains(name) && !name.StartsWith("LC_", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ToList();
        if (names.Count == 0)
            return null;
        // Those that look like secrets first.
        string[] first = [.. names.OrderByDescending(name => Telling.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase))).Take(MostNamed)];
        return $"{names.Count} of the shell that started it, which {other.Name} can read: {string.Join(", ", first)}{(names.Count > first.Length ? ", …" : "")}. 'filter_env: true' keeps them out, 'filter_env: [PART]' those whose name contains it";
    }
}
