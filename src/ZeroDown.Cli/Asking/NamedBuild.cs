using ZeroDown.Cli.Terminal;
using ZeroDown.Config;
using ZeroDown.Daemon.Rpc;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

/// <summary>Apps that are named, and were built from a project, are built again: a reload by name deploys what the source says, as one by file does.</summary>
internal static class NamedBuild
{
    /// <param name="daemon">Knows which apps the words mean.</param>
    /// <param name="words">The targets that are no files.</param>
    /// <param name="changes">What flags make of them.</param>
    /// <param name="fleet">All that runs: builds that it uses are kept.</param>
    /// <param name="context">The user's shell.</param>
    /// <param name="shell">Home folder and screen.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    /// <returns>The changes, with the new builds.</returns>
    /// <exception cref="CommandException">Exit 1: a build failed, or its project is gone; nothing was touched.</exception>
    public static async Task<AppDefinition[]> RunAsync(
        IDaemonService daemon, string[] words, AppDefinition[] changes, FleetSnapshot? fleet, ReadContext context, UserShell shell, CancellationToken cancellation)
    {
        if (words.Length == 0)
            return changes;
        var meant = await daemon.ListAsync(new ListCommand { Targets = words }, cancellation);
        if (meant.Errors.Length > 0)
            return changes; // the daemon refuses the whole command and says why
        AppDefinition[] apps = [.. meant.Apps
            .Select(app => Array.Find(changes, change => change.Name == app.Definition.Name) ?? app.Definition)
            .Where(app => IsBuilt(app, shell.Home))];
        if (apps.Length == 0)
            return changes;
        if (Array.Find(apps, app => !File.Exists(app.Script)) is { } lost)
        {
            throw new CommandException(
                ExitCode.Failed,
                $"{Screen.Safe(lost.Name)} is built from {Screen.Safe(lost.Script)}, which is not there any more; nothing was touched. Start it from where it is now, or use what was built last: --no-build");
        }

        var built = await SpecBuild.RunAsync([.. apps.Select(app => new ConfiguredApp { Spec = AppDefinitions.ToSpec(app), Project = app.Script })], fleet, context, shell, cancellation);
        return [.. changes.Where(change => Array.TrueForAll(built, app => app.Name != change.Name)), .. built];
    }

    /// <summary>What runs is a build of ours; a script with such an ending may as well have an interpreter.</summary>
    private static bool IsBuilt(AppDefinition app, HomeFolder home) =>
        Path.GetExtension(app.Script) is ".csproj" or ".cs"
        && app.Arguments.Prepend(app.Program).Any(path => path.StartsWith(home.Builds + "/", StringComparison.Ordinal));
}
