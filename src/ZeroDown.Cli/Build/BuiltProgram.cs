using System.Collections.Immutable;

namespace ZeroDown.Cli.Build;

/// <summary>What is executed for a build.</summary>
/// <param name="Folder">The build's folder, absolute.</param>
/// <param name="Program">The program's own host, or <c>dotnet</c>.</param>
/// <param name="Arguments">Nothing, or the <c>.dll</c>.</param>
internal sealed record BuiltProgram(string Folder, string Program, ImmutableArray<string> Arguments)
{
    /// <exception cref="BuildFailure">There is nothing in the folder that can be run.</exception>
    public static BuiltProgram In(string folder, string assembly, string dotnet)
    {
        // The program's own host (also what a native or single-file publish leaves); without one, UseAppHost is off.
        var host = Path.Combine(folder, assembly);
        if (File.Exists(host))
            return new(folder, host, []);
        var library = host + ".dll";
        return File.Exists(library) && File.Exists(host + ".runtimeconfig.json")
            ? new(folder, dotnet, [library])
            : throw new BuildFailure($"the build made no program '{assembly}'", "a program's project says <OutputType>Exe</OutputType>");
    }
}
