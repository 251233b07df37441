using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Daemon.Workers;

namespace ZeroDown.Tests.Daemon;

/// <summary>What is beside a program was written by somebody else, and must never bring the daemon down.</summary>
public sealed class DotNetInjectionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"runtimeOptions": {"framework": {"name": "Microsoft.AspNetCore.App"}}}""", "{}", DotNetLibrary.Inject)]
    [InlineData("""{"runtimeOptions": {"frameworks": [{"name": "Microsoft.NETCore.App"}, {"name": "Microsoft.AspNetCore.App"}]}}""", "[]", DotNetLibrary.Inject)]
    [InlineData("""{"runtimeOptions": {"framework": {"name": "Microsoft.AspNetCore.App"}}}""", """{"libraries": {"ZeroDown.AspNetCore/0.1.0": {}}}""", DotNetLibrary.Own)]
    [InlineData("""{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App"}}}""", "{}", DotNetLibrary.None)]
    [InlineData("""{"runtimeOptions": {"framework": {"name": 7}}}""", "", DotNetLibrary.None)]
    [InlineData("""{"runtimeOptions": {"frameworks": ["Microsoft.AspNetCore.App", null]}}""", "", DotNetLibrary.None)]
    [InlineData("""{"runtimeOptions": []}""", "", DotNetLibrary.None)]
    [InlineData("[]", "7", DotNetLibrary.None)]
    [InlineData("nonsense", "nonsense", DotNetLibrary.None)]
    internal void The_files_beside_a_program_say_whether_the_library_goes_in(string runtimeConfig, string deps, DotNetLibrary expected)
    {
        File.WriteAllText(_folder["web.dll"], "");
        File.WriteAllText(_folder["web.runtimeconfig.json"], runtimeConfig);
        File.WriteAllText(_folder["web.deps.json"], deps);
        var app = Some.App() with { Launch = new LaunchSpec { Script = _folder["web"], Program = _folder["web"], WorkingDirectory = _folder.Path } };

        Assert.Equal(expected, DotNetInjection.For(app).Library);
    }
}
