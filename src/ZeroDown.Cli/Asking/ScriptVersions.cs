using System.ComponentModel;
using System.Text.Json;
using CliWrap;
using CliWrap.Buffered;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

/// <summary>
/// The versions that <c>zd list</c> and <c>zd jlist</c> show: of the script, out of the nearest package.json above it, and of the Node
/// that runs it. Looked up when an app is started or gets a new definition, because both may change on disk while it runs. What
/// cannot be found out is not shown; it never keeps an app from starting.
/// </summary>
internal static class ScriptVersions
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static async Task<AppDefinition[]> FillInAsync(AppDefinition[] apps, CancellationToken cancellation)
    {
        var nodes = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var app in apps)
        {
            app.Version = PackageVersion(app.Script);
            if (app.Interpreter is not ("node" or "nodejs"))
                continue;
            if (!nodes.TryGetValue(app.Program, out var version))
                nodes[app.Program] = version = await NodeVersionAsync(app.Program, cancellation);
            app.NodeVersion = version;
        }

        return apps;
    }

    private static string? PackageVersion(string script)
    {
        for (var folder = Path.GetDirectoryName(script); !string.IsNullOrEmpty(folder); folder = Path.GetDirectoryName(folder))
        {
            var file = Path.Combine(folder, "package.json");
            if (!File.Exists(file))
                continue;
            try
            {
                using var package = JsonDocument.Parse(File.ReadAllText(file));
                return package.RootElement.ValueKind == JsonValueKind.Object
                    && package.RootElement.TryGetProperty("version", out var version) && version.ValueKind == JsonValueKind.String
                        ? version.GetString()
                        : null;
            }
            catch (Exception problem) when (problem is JsonException or IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        return null;
    }

    private static async Task<string?> NodeVersionAsync(string program, CancellationToken cancellation)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        late.CancelAfter(Patience);
        try
        {
            var run = await CliWrap.Cli.Wrap(program).WithArguments(["--version"]).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(late.Token);
            return run.ExitCode == 0 && run.StandardOutput.Trim() is ['v', .. var version] ? version : null;
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
