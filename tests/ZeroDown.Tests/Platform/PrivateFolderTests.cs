using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

public sealed class PrivateFolderTests : IDisposable
{
    private const uint Nobody = 65534;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_is_made_with_what_is_above_it_and_closed_to_others()
    {
        PrivateFolder.Make(_folder["a/b"]);
        Assert.Equal("700", ModeOf(_folder["a/b"]));

        MakeOpen(_folder["open"]);
        PrivateFolder.Make(_folder["open"]);
        Assert.Equal("700", ModeOf(_folder["open"]));
        Assert.Null(PrivateFolder.StrangerAt(_folder["open"]));
        Assert.Null(PrivateFolder.StrangerAt(_folder["nothing"]));
    }

    [Fact]
    public void Root_refuses_a_strangers_folder_and_leaves_it_as_it_is()
    {
        MakeOpen(_folder["home"]);
        GiveAway(_folder["home"]);

        var refused = Assert.Throws<StrangersFolderException>(() => PrivateFolder.Make(_folder["home"]));

        Assert.Equal((int)Nobody, refused.Uid);
        Assert.Contains($"{_folder["home"]} belongs to uid 65534", refused.Message, StringComparison.Ordinal);
        Assert.Equal("705", ModeOf(_folder["home"]));
    }

    [Fact]
    public void A_link_of_a_strangers_is_not_followed_and_one_of_ours_not_to_a_stranger()
    {
        MakeOpen(_folder["ours"]);
        MakeOpen(_folder["theirs"]);
        GiveAway(_folder["theirs"]);
        Directory.CreateSymbolicLink(_folder["good"], _folder["ours"]);
        Directory.CreateSymbolicLink(_folder["bad"], _folder["theirs"]);
        Directory.CreateSymbolicLink(_folder["lured"], _folder["ours"]);
        Assert.Equal((0, ""), Tool.Run("chown", "-h", "65534", _folder["lured"]));

        Assert.Throws<StrangersFolderException>(() => PrivateFolder.Make(_folder["bad"]));
        Assert.Throws<StrangersFolderException>(() => PrivateFolder.Make(_folder["lured"]));
        Assert.Equal(("705", "705"), (ModeOf(_folder["ours"]), ModeOf(_folder["theirs"])));
        PrivateFolder.Make(_folder["good"]);
        Assert.Equal("700", ModeOf(_folder["ours"]));
    }

    [Fact]
    public void What_cannot_be_written_to_is_refused_with_the_reason()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && CurrentUser.IsRoot, "only root can mount a folder that is read-only");
        Directory.CreateDirectory(_folder["home"]);
        var (mounted, why) = Tool.Run("mount", "-t", "tmpfs", "-o", "ro,mode=700", "none", _folder["home"]);
        Assert.SkipUnless(mounted == 0, $"no tmpfs can be mounted here: {why}");
        try
        {
            Assert.Contains("EROFS", Assert.Throws<IOException>(() => PrivateFolder.Make(_folder["home"])).Message, StringComparison.Ordinal);
        }
        finally
        {
            Tool.Run("umount", _folder["home"]);
        }
    }

    private static void MakeOpen(string path)
    {
        Directory.CreateDirectory(path);
        Assert.Equal(0, Interop.Chmod(path, 0x1C5)); // 0705
    }

    private static void GiveAway(string path)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && CurrentUser.IsRoot, "only root can give a folder away");
        Assert.Equal(0, Interop.Chown(path, Nobody, Nobody));
    }

    private static string ModeOf(string path) => Convert.ToString((int)(FileStatus.Behind(path)!.Value.Mode & 0xFFF), 8);
}
