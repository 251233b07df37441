using System.Text;

namespace ZeroDown.Cli.Rotation;

/// <summary>
/// A rule for the system's logrotate. The file is renamed and the daemon opens the next one, so no line is copied and none is lost; the renamed file is
/// compressed a turn later, because lines are still written to it until the daemon has heard.
/// </summary>
internal sealed record LogrotateRule(string Home, string Program, IReadOnlyList<string> Files)
{
    /// <summary>Null: root's files, and nobody else may write to their folder.</summary>
    public (string User, string Group)? Owner { get; init; }

    public override string ToString()
    {
        var text = new StringBuilder("# Written by `zd logrotate`.\n");
        foreach (var file in Files)
            text.Append(Quoted(file)).Append('\n');
        text.Append("{\n    weekly\n    rotate 12\n    missingok\n    notifempty\n    nocreate\n    compress\n    delaycompress\n    sharedscripts\n");
        if (Owner is var (user, group))
            text.Append($"    su {user} {group}\n");
        return text.Append($"    postrotate\n        ZD_HOME={InShell(Home)} {Program} reload-logs --silent || true\n    endscript\n}}\n").ToString();
    }

    /// <summary>A name with a quotation mark cannot be said there.</summary>
    private static string Quoted(string file) => $"\"{file}\"";

    public static string InShell(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
