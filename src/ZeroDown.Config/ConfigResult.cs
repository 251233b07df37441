using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Config;

/// <summary>What a file, or a command line, asks for, and everything that is to be said about it.</summary>
/// <param name="Apps">In the order of the file; empty when there is an error.</param>
/// <param name="Diagnostics">In the order of the file.</param>
public sealed record ConfigResult(ImmutableArray<ConfiguredApp> Apps, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>True: nothing of it may be carried out, and the exit code is 5.</summary>
    public bool HasErrors => Diagnostics.Any(d => d.Severity == Severity.Error);

    /// <summary>The specs, once nothing is left to be built.</summary>
    public IEnumerable<AppSpec> Specs => Apps.Select(a => a.Spec);
}

/// <summary>One app, ready to be sent to the daemon; or, with a <see cref="Project"/>, after a build.</summary>
public sealed record ConfiguredApp
{
    /// <summary>Complete but for <c>Launch.Program</c> and <c>Launch.Arguments</c> when there is a <see cref="Project"/>.</summary>
    public required AppSpec Spec { get; init; }

    /// <summary>Absolute path of the <c>.csproj</c> or <c>.cs</c> that has to be built first; null for all else.</summary>
    public string? Project { get; init; }

    /// <summary>The spec with what a build made of the project.</summary>
    /// <param name="program">Absolute path of what is executed: the program's own host, or <c>dotnet</c>.</param>
    /// <param name="arguments">What stands before the script's arguments: nothing, or the <c>.dll</c>.</param>
    /// <param name="contentRoot">The build's folder, where the program's settings and static files lie.</param>
    public AppSpec Built(string program, IReadOnlyList<string> arguments, string contentRoot)
    {
        var launch = Spec.Launch;
        var variables = launch.Environment.Where(v => v.Name != ContentRootVariable)
            .Append(new EnvironmentVariable(ContentRootVariable, contentRoot))
            .OrderBy(v => v.Name, StringComparer.Ordinal);
        return Spec with
        {
            Launch = launch with
            {
                Program = program,
                Arguments = [.. arguments.Count > 0 ? launch.InterpreterArguments : [], .. arguments, .. launch.ScriptArguments],
                Interpreter = arguments.Count > 0 ? "dotnet" : "none",
                // A build's settings and static files belong to that build, and the working directory to the app: without this
                // variable ASP.NET Core would look for appsettings.json in the latter.
                Environment = launch.DeclaredVariables.Contains(ContentRootVariable) ? launch.Environment : variables.ToEquatableArray(),
            },
        };
    }

    private const string ContentRootVariable = "DOTNET_CONTENTROOT";
}
