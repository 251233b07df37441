using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>pm2's options that ask for what is so anyway, or for nothing that a worker could see. They are read and nothing is said.</summary>
internal static class WithoutEffect
{
    public static ImmutableArray<AppOption> Options { get; } =
    [
        Row("username", "shown only; it is always the daemon's user"),
        Row("force", "a script may be started twice; it always may here, under two names"),
        Row("kill_retry_time", "how often pm2 looks whether a worker is gone; here its end is told"),
        Row("vizion", "git metadata for pm2's list"),
        Row("windows_hide", "for Windows"),
        Row("write", "pm2's own bookkeeping"),
        Row("install_url", "pm2's own bookkeeping"),
    ];

    private static AppOption Row(string name, string meaning) => new(name, [], "any", null, meaning, (_, _, _) => { }, isSupported: false);
}
