using System.Collections.Immutable;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;
using ZeroDown.Core.Apps;
using ZeroDown.Platform;

namespace ZeroDown.Cli.Build;

/// <summary>
/// Builds what has to be built before anything running is touched. Every result lies in a folder that is named by its content and is
/// never written again, so a worker's files do not change under it, and an unchanged project gives an unchanged spec.
/// </summary>
/// <param name="home">The home folder; builds lie in <c>builds</c> below it.</param>
/// <param name="context">The user's shell: PATH for <c>dotnet</c>, the current directory for how paths are shown.</param>
/// <param name="say">Gets one line per step, for stderr.</param>
internal sealed class ProjectBuild(string home, ReadContext context, Action<string> say)
{
    /// <summary>Builds each project once, whatever number of apps use it, and completes the apps' specs.</summary>
    /// <param name="apps">All apps of a command; those without a project pass through.</param>
    /// <param name="inUse">Programs and arguments of running workers: a build that one of them lies in is kept.</param>
    /// <param name="cancellation">Ctrl-C: the compiler is stopped, and nothing half-built stays.</param>
    /// <returns>The specs in the order of the apps, or why there are none.</returns>
    /// <exception cref="OperationCanceledException">The build was cancelled.</exception>
    public async Task<BuildOutcome> RunAsync(IReadOnlyList<ConfiguredApp> apps, IReadOnlyCollection<string> inUse, CancellationToken cancellation)
    {
        var specs = ImmutableArray.CreateBuilder<AppSpec>(apps.Count);
        var done = new Dictionary<string, BuiltProgram>(StringComparer.Ordinal);
        foreach (var app in apps)
        {
            if (app.Project is not { } project)
            {
                specs.Add(app.Spec);
                continue;
            }

            if (!done.TryGetValue(project, out var program))
            {
                var shown = Shown(project);
                if (app.Spec.Launch.RunAs is { } user && user.UserId != CurrentUser.Uid)
                {
                    return new BuildOutcome.Failed(app.Spec.Name, shown,
                        [$"it runs as {Screen.Safe(user.Name)}, and a build runs the project's own code as {Screen.Safe(CurrentUser.Name)}, into a folder that is closed to {Screen.Safe(user.Name)}",
                         $"build it as {Screen.Safe(user.Name)} (dotnet publish -o FOLDER), and start FOLDER/{Path.GetFileNameWithoutExtension(shown)}.dll"]);
                }

                say($"Building {app.Spec.Name} ({shown})…");
                try
                {
                    program = await OneAsync(project, shown, inUse, cancellation);
                }
                catch (BuildFailure failure)
                {
                    return new BuildOutcome.Failed(app.Spec.Name, shown, failure.Lines);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    return new BuildOutcome.Failed(app.Spec.Name, shown, [e.Message]);
                }

                done.Add(project, program);
            }

            specs.Add(app.Built(program.Program, program.Arguments, program.Folder));
        }

        return new BuildOutcome.Built(specs.ToImmutable());
    }

    private async Task<BuiltProgram> OneAsync(string project, string shown, IReadOnlyCollection<string> inUse, CancellationToken cancellation)
    {
        var publish = DotnetPublish.Find(context);
        var folder = new BuildFolder(home, project);
        using var own = await folder.LockAsync(() => say($"Another command is building {shown}; waiting for it…"), cancellation);
        var staged = folder.Stage();
        try
        {
            var assembly = await publish.RunAsync(project, folder.Intermediate, staged, cancellation);
            var kept = folder.Keep(staged);
            folder.Prune(kept, inUse);
            return BuiltProgram.In(kept, assembly, publish.Dotnet);
        }
        finally
        {
            BuildFolder.Remove(staged);
        }
    }

    private string Shown(string path)
    {
        var relative = Path.GetRelativePath(context.CurrentDirectory, path);
        return relative.StartsWith("../..", StringComparison.Ordinal) ? path : relative;
    }
}

/// <summary>How a build ended.</summary>
internal abstract record BuildOutcome
{
    private BuildOutcome()
    {
    }

    /// <param name="Specs">In the order of the apps, ready for the daemon.</param>
    internal sealed record Built(ImmutableArray<AppSpec> Specs) : BuildOutcome;

    /// <summary>Exit code 1; nothing was touched.</summary>
    /// <param name="App">The app whose project it was.</param>
    /// <param name="Project">Its path as the user would write it.</param>
    /// <param name="Lines">The compiler's errors, each once, safe to print.</param>
    internal sealed record Failed(AppName App, string Project, ImmutableArray<string> Lines) : BuildOutcome
    {
        public override string ToString() =>
            string.Join('\n', Lines.Prepend($"{App}: {Project} does not build; nothing was touched"));
    }
}

/// <summary>What to tell the user about a build that did not work out.</summary>
internal sealed class BuildFailure(params ImmutableArray<string> lines) : Exception(string.Join('\n', lines))
{
    public ImmutableArray<string> Lines => lines;
}
