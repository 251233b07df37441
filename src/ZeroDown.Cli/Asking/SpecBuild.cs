using ZeroDown.Cli.Build;
using ZeroDown.Cli.Evaluation;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;
using ZeroDown.Daemon.Rpc;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

/// <summary>The last step on the user's side: projects are built, and specs become what travels.</summary>
internal static class SpecBuild
{
    /// <param name="apps">In file order.</param>
    /// <param name="fleet">What runs now: builds that it uses are kept. Null when there is no daemon.</param>
    /// <param name="context">The user's shell.</param>
    /// <param name="shell">Home folder and screen.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    /// <exception cref="CommandException">Exit 1: a build failed, nothing was touched. Exit 130: it was interrupted.</exception>
    public static async Task<AppDefinition[]> RunAsync(
        IReadOnlyList<ConfiguredApp> apps, FleetSnapshot? fleet, ReadContext context, UserShell shell, CancellationToken cancellation)
    {
        if (apps.All(app => app.Project is null))
            return Look(await ScriptVersions.FillInAsync([.. apps.Select(app => AppDefinitions.FromSpec(app.Spec))], cancellation), shell.Screen);

        shell.Home.Prepare();
        string[] inUse = [.. (fleet?.Apps ?? []).SelectMany(app => (string[])[app.Definition.Program, .. app.Definition.Arguments])];
        try
        {
            return await new ProjectBuild(shell.Home.Path, context, shell.Screen.Say).RunAsync(apps, inUse, cancellation) switch
            {
                BuildOutcome.Built built => Look(await ScriptVersions.FillInAsync([.. built.Specs.Select(AppDefinitions.FromSpec)], cancellation), shell.Screen),
                BuildOutcome.Failed failed => throw new CommandException(ExitCode.Failed, failed.ToString()),
                var other => throw new InvalidOperationException($"a build ended as {other.GetType().Name}"),
            };
        }
        catch (OperationCanceledException)
        {
            throw new CommandException(ExitCode.Interrupted, "interrupted while building; nothing was touched");
        }
    }

    /// <summary>An old Node may do all the same, so it is said and not refused.</summary>
    private static AppDefinition[] Look(AppDefinition[] apps, Screen screen)
    {
        foreach (var app in apps)
        {
            if (Version.TryParse(app.NodeVersion, out var node) && node.Major < 18)
                screen.Warn($"{Screen.Safe(app.Name)} is run by node {node} ({Screen.Safe(app.Program)}), and {NodeEvaluation.NodeNeeded} is needed for cluster mode and for a reload without a loss");
        }

        return apps;
    }
}
