using System.Runtime.Versioning;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Daemon.Workers;
using ZeroDown.Platform;
using ZeroDown.Tests.Platform;

namespace ZeroDown.Tests.Daemon;

/// <summary>What is beside a program was written by somebody else, and must never bring the daemon down.</summary>
[UnsupportedOSPlatform("windows")]
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

        Assert.Equal(expected, DotNetInjection.For(App()).Library);
    }

    [Theory]
    [InlineData("a FIFO")]
    [InlineData("an endless device")]
    [InlineData("a folder")]
    [InlineData("a terabyte of nothing")]
    public void What_would_block_or_never_end_is_not_read(string what)
    {
        var path = _folder["web.runtimeconfig.json"];
        File.WriteAllText(_folder["web.dll"], "");
        if (what == "a FIFO")
            Assert.Equal(0, Tool.Run("mkfifo", path).ExitCode);
        else if (what == "an endless device")
            File.CreateSymbolicLink(path, "/dev/zero");
        else if (what == "a folder")
            Directory.CreateDirectory(path);
        else
            Assert.Equal(0, Tool.Run("truncate", "-s", "1T", path).ExitCode);

        Assert.Equal(DotNetLibrary.None, DotNetInjection.For(App()).Library);
    }

    [Fact]
    public void For_an_app_of_another_user_only_what_he_may_read_is_read()
    {
        Assert.SkipUnless(Impersonation.IsPossible, "only root can use the rights of others");
        using var secret = new TempFolder();
        File.WriteAllText(_folder["web.dll"], "");
        File.WriteAllText(secret["config"], """{"runtimeOptions": {"framework": {"name": "Microsoft.AspNetCore.App"}}}""");
        File.CreateSymbolicLink(_folder["web.runtimeconfig.json"], secret["config"]);
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0x1ED);

        Assert.Equal(DotNetLibrary.Inject, DotNetInjection.For(App()).Library);
        Assert.Equal(DotNetLibrary.None, DotNetInjection.For(App(new RunAs { Name = "54321", UserId = 54321, GroupId = 54321 })).Library);
    }

    private AppSpec App(RunAs? user = null) =>
        Some.App() with { Launch = new LaunchSpec { Script = _folder["web"], Program = _folder["web"], WorkingDirectory = _folder.Path, RunAs = user } };
}
