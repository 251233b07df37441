namespace ZeroDown.Cli.Settings;

/// <summary>pm2's keys: <c>app:NAME</c> or <c>app.NAME</c> is a variable of an app; <c>pm2:…</c>, and those of its modules, are for programs that are not here.</summary>
internal static class SettingKey
{
    public static (string Owner, string Name)? Split(string key)
    {
        var at = key.IndexOf(':') is >= 0 and var colon ? colon : key.IndexOf('.');
        return at > 0 && at + 1 < key.Length ? (key[..at], key[(at + 1)..]) : null;
    }

    /// <summary>pm2 itself, or one of its modules.</summary>
    public static bool IsForeign(string owner) => owner == "pm2" || owner.StartsWith("pm2-", StringComparison.Ordinal);

    /// <summary>What is wrong with it; null: nothing.</summary>
    public static string? Problem(string key)
    {
        if (key.Length == 0 || key.Any(char.IsControl) || key.Any(char.IsWhiteSpace))
            return "a key is a word: app:NAME is a variable of an app";
        return Split(key) is var (owner, name) && !IsForeign(owner) && name.Contains('=')
            ? $"'{name}' is no name of a variable"
            : null;
    }
}
