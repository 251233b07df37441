using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using CliWrap;
using CliWrap.Exceptions;
using ZeroDown.Config;

namespace ZeroDown.Cli.Build;

/// <summary>
/// <c>dotnet publish</c>, for projects and single files alike: unlike <c>build</c> it brings settings and static files along.
/// The intermediate files are kept in our folder, so that the next build is quick, that the user's <c>obj</c> and <c>bin</c> are left
/// alone whatever an editor does there at the time, and that sources may be read-only.
/// </summary>
internal sealed class DotnetPublish
{
    /// <summary>After Ctrl-C, how long the compiler has to stop by itself.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>
    /// No process stays behind: a compiler server or a reused MSBuild node would hold the pipe to us open for minutes, and keep the
    /// environment of whoever built first.
    /// </summary>
    private static readonly ImmutableDictionary<string, string?> Quiet = new Dictionary<string, string?>
    {
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
        ["MSBUILDUSESERVER"] = "0",
        ["DOTNET_CLI_UI_LANGUAGE"] = "en",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_NOLOGO"] = "1",
        ["MSBUILDTERMINALLOGGER"] = "off",
    }.ToImmutableDictionary();

    private readonly ReadContext _context;

    private DotnetPublish(string dotnet, ReadContext context) => (Dotnet, _context) = (dotnet, context);

    /// <summary>Absolute path of <c>dotnet</c>.</summary>
    public string Dotnet { get; }

    /// <exception cref="BuildFailure">There is no <c>dotnet</c> on PATH.</exception>
    public static DotnetPublish Find(ReadContext context)
    {
        var path = context.Environment.GetValueOrDefault("PATH") ?? "";
        var dotnet = path.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(p => Path.Combine(Path.GetFullPath(p, context.CurrentDirectory), "dotnet")).FirstOrDefault(File.Exists);
        return dotnet is null
            ? throw new BuildFailure("dotnet is not on PATH, and a .csproj or .cs is built with it", "install the .NET SDK, or build elsewhere and name the result as script")
            : new DotnetPublish(dotnet, context);
    }

    /// <summary>Publishes into <paramref name="output"/> and returns the assembly's name.</summary>
    /// <exception cref="BuildFailure">It does not build; the lines are the compiler's errors.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; no process is left.</exception>
    public async Task<string> RunAsync(string project, string intermediate, string output, CancellationToken cancellation)
    {
        var stdout = new StringBuilder();
        var stderr = new StringBuilder();
        using var kill = new CancellationTokenSource();
        await using var grace = cancellation.Register(() => kill.CancelAfter(Grace));
        var command = CliWrap.Cli.Wrap(Dotnet)
            .WithArguments(Arguments(project, intermediate, output))
            .WithWorkingDirectory(Path.GetDirectoryName(project)!)
            .WithEnvironmentVariables(Quiet)
            .WithStandardOutputPipe(PipeTarget.ToStringBuilder(stdout))
            .WithStandardErrorPipe(PipeTarget.ToStringBuilder(stderr))
            .WithValidation(CommandResultValidation.None);
        CommandResult result;
        try
        {
            result = await command.ExecuteAsync(kill.Token, cancellation);
        }
        catch (CliWrapException e)
        {
            throw new BuildFailure($"{Dotnet} could not be started: {e.Message}");
        }

        // Stopped by Ctrl-C it may also end as if by itself: the terminal sends the signal to it as well.
        cancellation.ThrowIfCancellationRequested();
        if (result.ExitCode != 0)
            throw new BuildFailure(CompilerErrors.In(stderr.ToString(), stdout.ToString(), _context.CurrentDirectory));
        return AssemblyName(stdout.ToString(), project);
    }

    private static IEnumerable<string> Arguments(string project, string intermediate, string output) =>
    [
        "publish", project,
        "--configuration", "Release",
        "--artifacts-path", intermediate,
        "--output", output,
        "--verbosity", "quiet",
        "-p:UseSharedCompilation=false",
        "-p:UseRazorBuildServer=false",
        "-getProperty:AssemblyName", "-getProperty:OutputType",

        // A single file would be compiled to native code, a minute's wait that nobody asked for; unless the file says so itself.
        .. IsSingleFile(project) && !AsksForNative(project) ? new[] { "-p:PublishAot=false" } : [],
    ];

    private static bool IsSingleFile(string project) => Path.GetExtension(project).Equals(".cs", StringComparison.OrdinalIgnoreCase);

    private static bool AsksForNative(string file) =>
        File.ReadLines(file).Any(l => l.StartsWith("#:property", StringComparison.Ordinal) && l.Contains("PublishAot", StringComparison.OrdinalIgnoreCase));

    /// <summary>From the JSON that <c>-getProperty</c> prints.</summary>
    private static string AssemblyName(string stdout, string project)
    {
        try
        {
            using var json = JsonDocument.Parse(stdout.AsMemory(Math.Max(0, stdout.IndexOf('{'))));
            var properties = json.RootElement.GetProperty("Properties");
            if (properties.GetProperty("OutputType").GetString() is "Library" or "Module")
                throw new BuildFailure("this is a library, not a program", "a program's project says <OutputType>Exe</OutputType>");
            return properties.GetProperty("AssemblyName").GetString() ?? Path.GetFileNameWithoutExtension(project);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return Path.GetFileNameWithoutExtension(project);
        }
    }
}
