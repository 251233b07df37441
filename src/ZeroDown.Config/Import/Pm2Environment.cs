using System.Collections.Frozen;
using System.Text.Json;

namespace ZeroDown.Config;

/// <summary>
/// Which variables of a pm2 process its app has declared. pm2 stores the whole shell of whoever started it in with them, and
/// nothing says which is which. What the shell of today has with the same value will be there again; what belongs to a session,
/// or to pm2, is nobody's declaration; the rest is kept, because an app may need it.
/// </summary>
internal static class Pm2Environment
{
    private static readonly FrozenSet<string> OfSessions = FrozenSet.Create(
        "_", "SHLVL", "PWD", "OLDPWD", "INIT_CWD", "HOME", "USER", "LOGNAME", "USERNAME", "SHELL", "MAIL", "HOSTNAME", "TERM", "COLORTERM", "COLUMNS", "LINES",
        "LS_COLORS", "LESSOPEN", "LESSCLOSE", "PS1", "PROMPT_COMMAND", "HISTSIZE", "HISTCONTROL", "HISTFILE", "DISPLAY", "WAYLAND_DISPLAY", "WINDOWID", "SESSION_MANAGER",
        "DESKTOP_SESSION", "MOTD_SHOWN", "INVOCATION_ID", "JOURNAL_STREAM", "MANAGERPID", "SYSTEMD_EXEC_PID", "TMUX", "TMUX_PANE", "STY", "WINDOW", "PATH",
        "unique_id", "pm_id", "io");

    private static readonly string[] PrefixesOfSessions = ["PM2_", "SSH_", "XDG_", "DBUS_", "SUDO_", "TERM_", "VTE_", "GNOME_", "KDE_", "VSCODE_", "npm_", "LC_"];

    private static readonly string[] SecretParts = ["PASS", "SECRET", "TOKEN", "APIKEY", "API_KEY", "ACCESS_KEY", "PRIVATE", "CREDENTIAL", "AUTH"];

    public static IEnumerable<(string Name, JsonElement Value)> Declared(Pm2Process process, IReadOnlyDictionary<string, string> shell)
    {
        if (process["env"] is not { ValueKind: JsonValueKind.Object } environment)
            return [];
        var instance = process.Text("instance_var") ?? "NODE_APP_INSTANCE";
        return environment.EnumerateObject()
            .Where(v => v.Name.Length > 0 && !v.Name.Contains('=') && v.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
            .Where(v => StaticSite.IsVariable(v.Name) || !IsOfSession(v.Name, instance))
            // pm2 adds a variable that is called like the app.
            .Where(v => v.Name != process.Name || Pm2Process.TextOf(v.Value) != "{}")
            .Where(v => v.Name == process.Text("increment_var") || shell.GetValueOrDefault(v.Name) != Pm2Process.TextOf(v.Value))
            .Select(v => (v.Name, v.Value));
    }

    private static bool IsOfSession(string name, string instance) =>
        name == instance || OfSessions.Contains(name) || Array.Exists(PrefixesOfSessions, p => name.StartsWith(p, StringComparison.Ordinal));

    /// <summary>By its name, or because it is a URL with a password in it.</summary>
    public static bool LooksSecret(string name, JsonElement value) =>
        Array.Exists(SecretParts, p => name.Contains(p, StringComparison.OrdinalIgnoreCase))
        || (Uri.TryCreate(Pm2Process.TextOf(value), UriKind.Absolute, out var url) && url.UserInfo.Contains(':'));
}
