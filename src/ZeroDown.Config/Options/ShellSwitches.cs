using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>
/// pm2's own environment variables that stand for an option. pm2's daemon reads them once, when it is spawned; here the shell that
/// starts an app is asked, and what it says is recorded with the app. A file or a flag wins.
/// </summary>
internal static class ShellSwitches
{
    private static readonly ImmutableArray<(string Variable, string Option, string? Means)> Table =
    [
        ("PM2_KILL_TIMEOUT", "kill_timeout", null),
        ("PM2_KILL_SIGNAL", "kill_signal", null),
        ("PM2_GRACEFUL_LISTEN_TIMEOUT", "listen_timeout", null),
        ("PM2_KILL_USE_MESSAGE", "shutdown_with_message", "true"), // whatever it says, as in pm2
    ];

    public static void Apply(AppDraft draft, ValueReader reader)
    {
        foreach (var (variable, option, means) in Table)
        {
            if (reader.Context.Environment.TryGetValue(variable, out var value) && value.Length > 0)
                AppReader.Apply(new GivenOption(option, variable, means ?? value), draft, reader);
        }
    }
}
