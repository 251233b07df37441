using Xunit;
using ZeroDown.Daemon.Workers;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Daemon;

public sealed class InjectedLibraryTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_lies_there_is_used_only_if_it_is_ours_to_the_last_byte()
    {
        var home = new HomeFolder(_folder.Path);
        var path = InjectedLibrary.LayOut(home, InjectedLibrary.NodePreload)!;
        var ours = File.ReadAllBytes(path);

        File.WriteAllBytes(path, new byte[ours.Length]);

        Assert.Equal(path, InjectedLibrary.LayOut(home, InjectedLibrary.NodePreload));
        Assert.Equal(ours, File.ReadAllBytes(path));
    }

    /// <summary>A worker may be reading it just now.</summary>
    [Fact]
    public void What_is_ours_already_is_left_alone()
    {
        var home = new HomeFolder(_folder.Path);
        var path = InjectedLibrary.LayOut(home, InjectedLibrary.NodePreload)!;
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);

        InjectedLibrary.LayOut(home, InjectedLibrary.NodePreload);

        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(path));
    }
}
