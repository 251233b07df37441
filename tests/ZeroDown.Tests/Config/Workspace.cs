using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Xunit;
using ZeroDown.Config;
using ZeroDown.Core.Apps;

namespace ZeroDown.Tests.Config;

/// <summary>A user's folder and shell: a PATH with programs that only look like some, so that no test depends on the machine.</summary>
internal sealed class Workspace : IDisposable
{
    private readonly TempFolder _folder = new();

    public Workspace()
    {
        foreach (var program in new[] { "node", "python3", "bash", "java", "dotnet", "redis-server" })
            Executable("bin/" + program);
        File("server.js");
        Context = new ReadContext
        {
            CurrentDirectory = Path,
            ProcessorCount = 4,
            Accounts = new Accounts
            {
                OwnName = "ada",
                FindUser = name => name is "0" or "root" ? new Account("root", 0, 0, "/root", [0]) : null,
                FindGroup = name => name is "0" or "root" ? 0 : null,
            },
            Environment = new Dictionary<string, string> { ["PATH"] = this["bin"], ["HOME"] = Path, ["USER"] = "ada" },
            ResolveHost = host => host == "web.internal" ? [IPAddress.IPv6Loopback, IPAddress.Parse("10.0.0.7")] : throw new SocketException((int)SocketError.HostNotFound),
        };
    }

    public string Path => _folder.Path;

    public ReadContext Context { get; set; }

    public string this[string name] => _folder[name];

    public string File(string name, string text = "")
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        System.IO.File.WriteAllText(this[name], text);
        return this[name];
    }

    public string Executable(string name, string text = "#!/bin/sh\n")
    {
        var path = File(name, text);
        if (!OperatingSystem.IsWindows())
            System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    public void Shell(string name, string value) =>
        Context = Context with { Environment = new Dictionary<string, string>(Context.Environment) { [name] = value } };

    public ConfigResult Parse(string text, string path = "ecosystem.yaml") => EcosystemFile.Parse(text, path, Context);

    /// <summary>The file's apps; fails with the diagnostics when there are errors.</summary>
    public ImmutableArray<AppSpec> Specs(string text, string path = "ecosystem.yaml")
    {
        var result = Parse(text, path);
        Assert.False(result.HasErrors, DiagnosticText.Render(result.Diagnostics));
        return [.. result.Specs];
    }

    /// <summary>One app that runs server.js, with some more lines of YAML.</summary>
    public AppSpec App(params string[] lines) => Assert.Single(Specs(AppText(lines)));

    /// <summary>What is said about such an app, rendered.</summary>
    public string Said(params string[] lines) => SaidOf(AppText(lines));

    public string SaidOf(string text, string path = "ecosystem.yaml") => DiagnosticText.Render(Parse(text, path).Diagnostics);

    public void Dispose() => _folder.Dispose();

    private static string AppText(string[] lines)
    {
        var script = lines.Any(l => l.StartsWith("script:", StringComparison.Ordinal)) ? [] : new[] { "script: server.js" };
        return "apps:\n  - " + string.Join("\n    ", script.Concat(lines)) + "\n";
    }
}
