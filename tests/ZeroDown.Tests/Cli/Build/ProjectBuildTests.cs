using System.Diagnostics;
using Xunit;
using ZeroDown.Cli.Build;
using ZeroDown.Config;

namespace ZeroDown.Tests.Cli.Build;

/// <summary>With the real compiler, so few and long: each build costs seconds.</summary>
public sealed class ProjectBuildTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _said = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_is_built_once_per_content_and_a_mistake_in_it_leaves_the_old_build_alone()
    {
        Source("web.cs", "Console.WriteLine(\"one \" + string.Join(',', args));");

        var first = await Built("web.cs");
        Assert.Equal("one a,b", await OutputAsync(first));
        Assert.Equal(["Building web (web.cs)…"], _said);
        Assert.Equal(first.Launch, (await Built("web.cs")).Launch);

        Source("web.cs", "Console.WriteLine(1); Foo(); Foo();");
        var failed = Assert.IsType<BuildOutcome.Failed>(await BuildAsync("web.cs"));
        Assert.Equal("""
            web: web.cs does not build; nothing was touched
            web.cs(1,23): error CS0103: The name 'Foo' does not exist in the current context
            web.cs(1,30): error CS0103: The name 'Foo' does not exist in the current context
            """, failed.ToString());

        Source("web.cs", "Console.WriteLine(\"two\");");
        var second = await Built("web.cs");
        Assert.Equal("two", await OutputAsync(second));
        Assert.Equal("one a,b", await OutputAsync(first));
        Assert.Equal(["lock", "obj"], Names(Path.GetDirectoryName(Path.GetDirectoryName(first.Launch.Program)!)!).Where(n => n.Length != 16));
    }

    [Fact]
    public async Task A_project_is_built_once_for_all_its_apps_outside_of_its_own_folder_and_finds_its_settings()
    {
        Source("src/Web App.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><UseAppHost>false</UseAppHost></PropertyGroup>
              <ItemGroup><Content Include="settings.json" CopyToPublishDirectory="Always" /></ItemGroup>
            </Project>
            """);
        Source("src/Program.cs", "System.Console.WriteLine(System.IO.File.ReadAllText(System.Environment.GetEnvironmentVariable(\"DOTNET_CONTENTROOT\") + \"/settings.json\"));");
        Source("src/settings.json", "{}");
        Source("ecosystem.yaml", "apps: [{name: a, script: src/Web App.csproj}, {name: b, script: src/Web App.csproj, args: x}]");

        var apps = EcosystemFile.Read(_folder["ecosystem.yaml"], Context()).Apps;
        var outcome = Assert.IsType<BuildOutcome.Built>(await Build().RunAsync(apps, [], TestContext.Current.CancellationToken));

        Assert.Equal(["Building a (src/Web App.csproj)…"], _said);
        Assert.Equal(["dotnet", "dotnet"], outcome.Specs.Select(s => s.Launch.Interpreter));
        Assert.Equal("x", outcome.Specs[1].Launch.Arguments[^1]);
        Assert.Equal("{}", await OutputAsync(outcome.Specs[0]));
        Assert.Equal(["Program.cs", "Web App.csproj", "settings.json"], Names(_folder["src"]));
    }

    [Fact]
    public async Task A_library_is_no_program_and_without_dotnet_there_is_no_build()
    {
        Source("lib.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>");
        Source("L.cs", "class L;");
        Assert.Contains("this is a library, not a program", Assert.IsType<BuildOutcome.Failed>(await BuildAsync("lib.csproj")).Lines);

        var poor = Context() with { Environment = new Dictionary<string, string> { ["PATH"] = "/nowhere" } };
        var app = EcosystemFile.FromCommandLine(_folder["lib.csproj"], [], [], poor).Apps;
        var failed = Assert.IsType<BuildOutcome.Failed>(await new ProjectBuild(_folder["home"], poor, _said.Add).RunAsync(app, [], TestContext.Current.CancellationToken));
        Assert.StartsWith("dotnet is not on PATH", failed.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_build_leaves_nothing_half_built()
    {
        Source("web.cs", "Console.WriteLine();");
        using var cancel = new CancellationTokenSource();
        var app = EcosystemFile.FromCommandLine(_folder["web.cs"], [], [], Context()).Apps;
        var build = new ProjectBuild(_folder["home"], Context(), _ => cancel.CancelAfter(TimeSpan.FromMilliseconds(300)));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build.RunAsync(app, [], cancel.Token));

        Assert.All(Names(Directory.GetDirectories(_folder["home/builds"]).Single()), n => Assert.Contains(n, (string[])["lock", "obj"]));
    }

    private void Source(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllText(_folder[name], text);
    }

    private ReadContext Context() => ReadContext.OfThisProcess() with { CurrentDirectory = _folder.Path };

    private ProjectBuild Build() => new(_folder["home"], Context(), _said.Add);

    private Task<BuildOutcome> BuildAsync(string script)
    {
        _said.Clear();
        var result = EcosystemFile.FromCommandLine(script, ["a", "b"], [], Context());
        Assert.False(result.HasErrors, DiagnosticText.Render(result.Diagnostics));
        return Build().RunAsync(result.Apps, [], TestContext.Current.CancellationToken);
    }

    private async Task<ZeroDown.Core.Apps.AppSpec> Built(string script)
    {
        var outcome = await BuildAsync(script);
        return Assert.Single(Assert.IsType<BuildOutcome.Built>(outcome, exactMatch: true).Specs);
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.EnumerateFileSystemEntries(folder).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal);

    private static async Task<string> OutputAsync(ZeroDown.Core.Apps.AppSpec spec)
    {
        var start = new ProcessStartInfo(spec.Launch.Program, spec.Launch.Arguments) { RedirectStandardOutput = true };
        foreach (var variable in spec.Launch.Environment)
            start.Environment[variable.Name] = variable.Value;
        using var process = Process.Start(start)!;
        return (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim();
    }
}
