using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Serialization;

namespace ZeroDown.Config;

/// <summary>What pm2 runs and what it has saved, as an ecosystem file.</summary>
/// <param name="Yaml">The file's text.</param>
/// <param name="Apps">Number of entries in it.</param>
/// <param name="Notes">What the person who asked should know, one sentence each; safe for a terminal.</param>
public sealed record Pm2Import(string Yaml, int Apps, ImmutableArray<string> Notes)
{

    /// <param name="running">What a daemon of pm2 has now; empty when none runs.</param>
    /// <param name="saved">What <c>pm2 save</c> has written.</param>
    /// <param name="pm2Home">Absolute; logs and pid files below it are pm2's defaults.</param>
    /// <param name="context">The user's shell: what it has need not be declared.</param>
    public static Pm2Import Of(ImmutableArray<Pm2Process> running, ImmutableArray<Pm2Process> saved, string pm2Home, ReadContext context)
    {
        var text = new StringBuilder("# What pm2 had, written by `zd import pm2`. Paths are absolute, so the file may lie anywhere.\napps:\n");
        var notes = ImmutableArray.CreateBuilder<string>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var known = running.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var apps = 0;
        foreach (var (group, isRunning) in Groups(running).Select(g => (g, true)).Concat(Groups([.. saved.Where(p => !known.Contains(p.Name))]).Select(g => (g, false))))
        {
            var first = group[0];
            if (Left(first) is { } why)
            {
                text.Append("  ").Append(YamlText.Comment($"left out: {first.Name}, {why}")).Append('\n');
                notes.Add($"{Printable.Short(first.Name)} is left out: {why}");
                continue;
            }

            var comments = new List<string>();
            if (!isRunning && !running.IsEmpty)
                comments.Add("only in dump.pm2; pm2 does not run it now");
            var name = Name(first.Name, names, comments);
            var app = new Pm2App(group, name, pm2Home, context);
            Append(text, app.Write(comments));
            if (app.Secrets is [var secret])
                notes.Add(Printable.Escape($"{name}: {secret} looks like a secret; it stands in the file in clear text, as it does in pm2's"));
            else if (app.Secrets.Count > 1)
                notes.Add(Printable.Escape($"{name}: {string.Join(", ", app.Secrets)} look like secrets; they stand in the file in clear text, as they do in pm2's"));
            apps++;
        }

        return new Pm2Import(apps > 0 ? text.ToString() : text.Append("  []\n").ToString(), apps, notes.ToImmutable());
    }

    /// <summary>One list per app, in the order of pm2. Two apps may have one name there, when they were started with -f.</summary>
    private static IEnumerable<List<Pm2Process>> Groups(ImmutableArray<Pm2Process> processes) =>
        processes.GroupBy(p => (p.Name, p.Text("pm_exec_path"), string.Join('\0', p.Words("args")))).Select(g => g.ToList());

    private static string? Left(Pm2Process process) => process switch
    {
        _ when process.Is("pmx_module") => "a module of pm2",
        _ when process.Text("pm_exec_path") is not { } path => "it has no script",
        _ => null,
    };

    private static string Name(string wanted, HashSet<string> taken, List<string> comments)
    {
        var name = string.Concat(wanted.Select(c => c == '/' || char.IsControl(c) ? '-' : c)).TrimStart('-');
        if (name is "" or "all" or "." or "..")
            name = $"app-{name.Trim('.')}".TrimEnd('-');
        var free = name;
        for (var number = 2; !taken.Add(free); number++)
            free = $"{name}-{number}";
        if (free != wanted)
            comments.Add($"pm2 called it {wanted}");
        return free;
    }

    private static void Append(StringBuilder text, IEnumerable<string> lines)
    {
        var dash = "  - ";
        foreach (var line in lines)
        {
            // A comment above the first key stands above the dash.
            if (dash == "  - " && line.StartsWith('#'))
            {
                text.Append("  ").Append(line).Append('\n');
                continue;
            }

            text.Append(dash).Append(line).Append('\n');
            dash = "    ";
        }
    }
}

/// <summary>Makes a text a JSON string without reflection.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class ImportJson : JsonSerializerContext;
