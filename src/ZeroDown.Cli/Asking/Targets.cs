using System.Collections.Immutable;
using ZeroDown.Cli.Evaluation;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

/// <summary>
/// What a verb was pointed at: words that the daemon understands (names, namespaces, ids, <c>all</c>, <c>/regex/</c>), and
/// the apps of config files, which only the CLI reads.
/// </summary>
internal sealed record Targets(ImmutableArray<string> Words, ImmutableArray<ConfiguredApp> Apps)
{
    /// <summary>Reads every file among the arguments. All that is wrong in all of them is said before the command ends.</summary>
    /// <param name="arguments">As typed; <c>-</c> is a config on stdin.</param>
    /// <param name="context">The user's shell, with flags that win over the files.</param>
    /// <param name="shell">Where diagnostics go.</param>
    /// <param name="cancellation">Ctrl-C, while a file that is a program runs.</param>
    /// <exception cref="CommandException">Exit 5; exit 130 when it was interrupted.</exception>
    public static async Task<Targets> ReadAsync(IEnumerable<string> arguments, ReadContext context, UserShell shell, CancellationToken cancellation)
    {
        var node = new NodeEvaluation(context, shell.Screen, shell.Words);
        var words = ImmutableArray.CreateBuilder<string>();
        var apps = ImmutableArray.CreateBuilder<ConfiguredApp>();
        var invalid = new List<Diagnostic>();
        foreach (var argument in arguments)
        {
            if (!IsFile(argument))
            {
                words.Add(argument);
                continue;
            }

            var result = await FileAsync(argument, argument == "-" ? shell.In().ReadToEnd() : null, context, node, cancellation);
            invalid.AddRange(Report(result, shell.Screen));
            apps.AddRange(result.Apps);
        }

        ThrowIfInvalid(invalid);
        if (!context.Only.IsEmpty && apps.Count == 0 && words.Count == 0)
            throw new CommandException(ExitCode.Failed, $"the file has no app called {Screen.Safe(string.Join(" or ", context.Only))}");
        return new Targets(words.ToImmutable(), apps.ToImmutable());
    }

    private static async Task<ConfigResult> FileAsync(string path, string? text, ReadContext context, NodeEvaluation node, CancellationToken cancellation)
    {
        try
        {
            return text is null
                ? await EcosystemFile.ReadAsync(path, context, node.RunAsync, cancellation)
                : await EcosystemFile.ParseAsync(text, path, context, node.RunAsync, cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new CommandException(ExitCode.Interrupted, $"interrupted while {Screen.Safe(path)} was evaluated; nothing was touched");
        }
    }

    /// <summary>
    /// A script stands for the apps that run it. The daemon knows it by its absolute path, or by its file name alone, and does not stand
    /// where the user stands.
    /// </summary>
    public static string AsKnown(string word, UserShell shell) =>
        (word.Contains('/') || word is "." or "..") && word is not ['/', _, .., '/'] && Path.TrimEndingDirectorySeparator(Path.GetFullPath(word, shell.Context().CurrentDirectory)) is var path && Path.Exists(path) ? path : word;

    public static bool IsFile(string argument) => argument == "-" || EcosystemFile.IsOne(argument);

    /// <summary>Prints diagnostics and returns the errors among them.</summary>
    public static IReadOnlyList<Diagnostic> Report(ConfigResult result, Screen screen)
    {
        foreach (var diagnostic in result.Diagnostics)
        {
            if (diagnostic.Severity == Severity.Error)
                screen.Error.WriteLine(diagnostic.ToString() + "\n");
            else
                screen.Say(diagnostic.ToString() + "\n");
        }

        return [.. result.Diagnostics.Where(diagnostic => diagnostic.Severity == Severity.Error)];
    }

    /// <exception cref="CommandException">Exit 1 when all that is wrong is that what was typed is not there, as with any unknown target; else exit 5.</exception>
    public static void ThrowIfInvalid(IReadOnlyCollection<Diagnostic> errors)
    {
        if (errors.Count == 0)
            return;
        throw errors.All(error => error.IsUnknownTarget)
            ? new CommandException(ExitCode.Failed, "there is nothing of that name; nothing was touched")
            : new CommandException(ExitCode.ConfigInvalid, $"{(errors.Count == 1 ? "1 mistake" : $"{errors.Count} mistakes")} in the configuration; nothing was touched");
    }
}

/// <summary>Whether a word names something that the daemon knows; the grammar is the daemon's.</summary>
internal static class FleetWords
{
    public static bool Knows(this FleetSnapshot fleet, string word) =>
        word == "all"
        || word is ['/', _, .., '/']
        || fleet.Apps.Any(app => app.Definition.Name == word || app.Definition.Namespace == word
            || app.Slots.Any(slot => slot.PmId.ToString(System.Globalization.CultureInfo.InvariantCulture) == word));

    public static bool Runs(this FleetSnapshot fleet, ConfiguredApp app) =>
        fleet.Apps.Any(running => running.Definition.Name == app.Spec.Name.Value);
}
