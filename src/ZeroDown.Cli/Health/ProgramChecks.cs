using System.ComponentModel;
using CliWrap;
using CliWrap.Buffered;

namespace ZeroDown.Cli.Health;

/// <summary>Programs that some apps need.</summary>
internal static class ProgramChecks
{
    private const int OldestNode = 18;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<IReadOnlyList<Finding>> OfAsync(CancellationToken cancellation) =>
        await Task.WhenAll(NodeAsync(cancellation), DotnetAsync(cancellation));

    private static async Task<Finding> NodeAsync(CancellationToken cancellation)
    {
        if (await VersionAsync("node", "--version", cancellation) is not { } version)
            return Finding.Note("node", "not found in PATH; only Node apps and ecosystem files in JavaScript need it");
        return Version.TryParse(version.TrimStart('v'), out var number) && number.Major < OldestNode
            ? Finding.Warn("node", $"{version} is too old for cluster apps", $"install node {OldestNode} or newer")
            : Finding.Good("node", version);
    }

    private static async Task<Finding> DotnetAsync(CancellationToken cancellation) =>
        await VersionAsync("dotnet", "--version", cancellation) is { } version
            ? Finding.Good("dotnet", version)
            : Finding.Note("dotnet", "no SDK found in PATH; only .csproj and .cs scripts need it");

    private static async Task<string?> VersionAsync(string program, string argument, CancellationToken cancellation)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(Patience);
        try
        {
            var run = await CliWrap.Cli.Wrap(program).WithArguments([argument]).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(late.Token);
            return run.ExitCode == 0 && run.StandardOutput.Trim() is { Length: > 0 } text ? text.Split('\n')[0] : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
