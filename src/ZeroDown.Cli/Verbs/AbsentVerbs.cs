namespace ZeroDown.Cli.Verbs;

/// <summary>pm2's verbs that zd does not have: what to say to those who type them.</summary>
internal static class AbsentVerbs
{
    private const string Hosted = "belongs to pm2's hosted service, which zd does not have";
    private const string Actions = "calls an action that a program registers with the library of pm2's hosted service, which zd does not have; a signal or a line reaches it: zd send-signal, zd send";
    private const string Modules = "belongs to pm2's modules, which zd does not have; what they did is an option of the ecosystem file, a program of its own, or (pm2-logrotate) zd logrotate";

    private static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        ["create"] = "is not part of zd; `zd init` writes an ecosystem file",
        ["trigger"] = Actions,
        ["link"] = Hosted,
        ["unlink"] = Hosted,
        ["monitor"] = Hosted,
        ["unmonitor"] = Hosted,
        ["open"] = Hosted,
        ["plus"] = Hosted,
        ["register"] = Hosted,
        ["login"] = Hosted,
        ["logout"] = Hosted,
        ["install"] = Modules,
        ["module:install"] = Modules,
        ["uninstall"] = Modules,
        ["module:uninstall"] = Modules,
        ["module:update"] = Modules,
        ["module:generate"] = Modules,
        ["package"] = Modules,
        ["publish"] = Modules,
        ["module:publish"] = Modules,
        ["autoinstall"] = Modules,
        ["install-otel"] = Modules,
        ["uninstall-otel"] = Modules,
        ["profile:mem"] = "profiles pm2's own daemon, a Node program; zd is none",
        ["profile:cpu"] = "profiles pm2's own daemon, a Node program; zd is none",
    };

    public static IEnumerable<string> Words => Reasons.Keys;

    /// <summary>Null for a word that pm2 does not know either.</summary>
    public static string? Say(string word) => Reasons.TryGetValue(word, out var reason) ? $"'{word}' {reason}" : null;
}
