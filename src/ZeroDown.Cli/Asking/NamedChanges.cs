using System.Collections.Immutable;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;
using ZeroDown.Daemon.Rpc;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

/// <summary>What flags make of apps that are named: <c>zd restart api --kill-timeout 5s --name api2 -- --verbose</c>.</summary>
/// <param name="Changes">The apps as they are to be.</param>
/// <param name="Rename">The new name of the one that is targeted.</param>
internal sealed record NamedChanges(AppDefinition[] Changes, string? Rename)
{
    public static readonly NamedChanges None = new([], null);

    /// <param name="daemon">Knows what the apps are now, and what the words mean.</param>
    /// <param name="words">The targets that are no files.</param>
    /// <param name="flags">As typed.</param>
    /// <param name="call">Arguments behind <c>--</c>, and the user's shell.</param>
    /// <param name="context">The user's shell, read.</param>
    /// <exception cref="CommandException">Exit 1: an unknown target. Exit 2: a flag that cannot be meant. Exit 5: a wrong value.</exception>
    public static async Task<NamedChanges> ReadAsync(
        IDaemonService daemon, string[] words, ImmutableArray<GivenOption> flags, Verbs.Invocation call, ReadContext context)
    {
        if (words.Length == 0 || (flags.IsEmpty && call.ForeignArguments.Count == 0))
            return None;
        RefuseWhatIsFixed(flags);
        var rename = flags.LastOrDefault(flag => flag.Option == "name")?.Values[^1];
        // Flags without effect are taken, and make no new generation.
        var rest = flags.RemoveAll(flag => !SpecChange.Knows(flag.Option));
        if (rest.IsEmpty && call.ForeignArguments.Count == 0)
            return new NamedChanges([], rename);

        var fleet = await daemon.ListAsync(new ListCommand { Targets = words }, call.Cancellation);
        if (fleet.Errors.Length > 0)
            throw new CommandException(ExitCode.Failed, Screen.Safe(string.Join("; ", fleet.Errors)));
        if (rest.FirstOrDefault(flag => flag.Option == "instances") is { } count && Array.Find(fleet.Apps, app => !app.ScaledToZero && app.Slots.Length != app.Definition.Instances) is { } part)
            throw new CommandException(ExitCode.WrongUsage, $"{count.Flag} is about a whole app; name it: {Screen.Safe(part.Definition.Name)}");
        var results = fleet.Apps.Select(app => SpecChange.Apply(AppDefinitions.ToSpec(app.Definition), rest, call.ForeignArguments, context)).ToArray();
        // The same flags at each app: what is wrong with them is said once.
        if (Array.Find(results, result => result.HasErrors) is { } wrong)
            Targets.ThrowIfInvalid(Targets.Report(wrong, call.Shell.Screen));
        return new NamedChanges([.. results.SelectMany(result => result.Specs).Select(AppDefinitions.FromSpec)], rename);
    }

    /// <summary>What flags make of one app.</summary>
    /// <exception cref="CommandException">Exit 2: a flag that cannot be meant.</exception>
    public static ConfigResult Apply(AppDefinition app, ImmutableArray<GivenOption> flags, Verbs.Invocation call, ReadContext context)
    {
        RefuseWhatIsFixed(flags);
        return SpecChange.Apply(AppDefinitions.ToSpec(app), flags.RemoveAll(flag => !SpecChange.Knows(flag.Option)), call.ForeignArguments, context);
    }

    private static void RefuseWhatIsFixed(ImmutableArray<GivenOption> flags)
    {
        if (flags.FirstOrDefault(flag => flag.Option != "name" && AppOptions.Find(flag.Option) is { IsSupported: true } && !SpecChange.Knows(flag.Option)) is { } fixedOnce)
            throw new CommandException(ExitCode.WrongUsage, $"{fixedOnce.Flag} cannot be changed while an app is known; delete it and start it anew");
    }
}
