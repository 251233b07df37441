using System.Runtime.Versioning;
using Xunit;
using ZeroDown.Daemon.Workers;
using ZeroDown.Platform;
using ZeroDown.Protocol;
using ZeroDown.Tests.Platform;

namespace ZeroDown.Tests.Daemon;

/// <summary>Where workers of other users find their socket and our libraries: nobody but root may have laid something there.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class RunFoldersTests : IDisposable
{
    private const string Stranger = "54321";

    private readonly TempFolder _folder = new();
    private readonly HomeFolder _home;
    private readonly string[] _shared;

    public RunFoldersTests()
    {
        _home = new HomeFolder(_folder["home"]);
        _shared = [_folder["run/zerodown"], _folder["lib/zerodown"]];
        Directory.CreateDirectory(_folder["run"]);
        Directory.CreateDirectory(_folder["lib"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_first_one_is_taken_and_stays_the_one()
    {
        var folder = RunFolders.MakeForOthers(_home, _shared);
        Assert.StartsWith(_shared[0], folder, StringComparison.Ordinal);
        Assert.Equal("711", Mode(folder));
        Assert.Equal("711", Mode(_shared[0]));
        Assert.Equal(folder, RunFolders.OfOthers(_home, _shared));
        Assert.Equal(folder, RunFolders.MakeForOthers(_home, _shared));
    }

    [Theory]
    [InlineData("made by somebody")]
    [InlineData("made by somebody below ours")]
    [InlineData("a link of somebody's")]
    [InlineData("others may write in it")]
    [InlineData("others may write above it")]
    public void What_is_not_ours_alone_is_not_used(string how)
    {
        Assert.SkipUnless(CurrentUser.IsRoot, "only root can give a folder away");
        var mine = RunFolders.OfOthers(_home, _shared);
        switch (how)
        {
            case "made by somebody":
                Directory.CreateDirectory(mine);
                Tool.Run("chown", "-R", Stranger, _shared[0]);
                break;
            case "made by somebody below ours":
                Directory.CreateDirectory(mine);
                Tool.Run("chown", Stranger, mine);
                break;
            case "a link of somebody's":
                File.CreateSymbolicLink(_shared[0], _folder["home"]);
                break;
            case "others may write in it":
                Directory.CreateDirectory(mine);
                Tool.Run("chmod", "777", _shared[0]);
                break;
            default:
                Tool.Run("chmod", "777", _folder["run"]);
                break;
        }

        if (how == "made by somebody below ours")
        {
            // The folder above is ours, so whoever made that one was root, and gave it away.
            Assert.Contains($"belongs to uid {Stranger}", Assert.Throws<IOException>(() => RunFolders.MakeForOthers(_home, _shared)).Message, StringComparison.Ordinal);
            return;
        }

        Assert.StartsWith(_shared[1], RunFolders.MakeForOthers(_home, _shared), StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_sticky_folder_ours_is_as_good_as_anywhere()
    {
        Tool.Run("chmod", "1777", _folder["run"]);
        Assert.StartsWith(_shared[0], RunFolders.MakeForOthers(_home, _shared), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_none_is_ours_it_is_said_which_and_why()
    {
        Assert.SkipUnless(CurrentUser.IsRoot, "only root can give a folder away");
        foreach (var shared in _shared)
        {
            Directory.CreateDirectory(shared);
            Tool.Run("chown", Stranger, shared);
        }

        var problem = Assert.Throws<IOException>(() => RunFolders.MakeForOthers(_home, _shared)).Message;
        Assert.Contains($"is not ours alone: {_shared[0]} belongs to uid {Stranger}", problem, StringComparison.Ordinal);
    }

    private static string Mode(string path) => Convert.ToString((int)File.GetUnixFileMode(path), 8);
}
