namespace ZeroDown.Cli.Verbs;

/// <summary>pm2's verbs that zd does not have: what to say to those who type them.</summary>
internal static class AbsentVerbs
{
    private const string NotYet = "is not there yet in this version of zd";
    private const string Hosted = "belongs to pm2's hosted service, which zd does not have";
    private const string Modules = "belongs to pm2's modules, which zd does not have; what they did is an option of the ecosystem file, or a program of its own";

    private static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        ["update"] = NotYet + "; end the old daemon with `zd kill` (its apps stop), then `zd start <file>`",
        ["updatePM2"] = NotYet + "; end the old daemon with `zd kill` (its apps stop), then `zd start <file>`",
        ["deepUpdate"] = NotYet,
        ["deploy"] = NotYet + "; run the steps over ssh, and `zd reload <file>` as the last one",
        ["serve"] = NotYet + "; start a static server as an app, for example: zd start \"python3 -m http.server 8080\"",
        ["expose"] = NotYet + "; start a static server as an app, for example: zd start \"python3 -m http.server 8080\"",
        ["inspect"] = NotYet + "; start Node's inspector with a signal: zd send-signal SIGUSR1 <app>",
        ["logrotate"] = "is not needed: a rule for logrotate needs only `zd reload-logs` as its postrotate line",
        ["create"] = "is not part of zd; `zd init` writes an ecosystem file",
        ["pull"] = "is not part of zd: run git, then `zd reload <app>`",
        ["forward"] = "is not part of zd: run git, then `zd reload <app>`",
        ["backward"] = "is not part of zd: run git, then `zd reload <app>`",
        ["trigger"] = Hosted,
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
        ["set"] = Modules,
        ["multiset"] = Modules,
        ["get"] = Modules,
        ["conf"] = Modules,
        ["config"] = Modules,
        ["unset"] = Modules,
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
