using Xunit;
using ZeroDown.Cli;
using ZeroDown.Cli.Asking;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Cli;

/// <summary>Where the daemon lives, also where there is no home folder.</summary>
public sealed class HomeSearchTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ZD_HOME_is_obeyed_and_nothing_else_is_looked_at()
    {
        var search = Search(given: "here");
        Live(_folder["run"]);
        Assert.Equal(_folder["cwd/here"], search.Find().Path);
        Assert.Equal(_folder["cwd/here"], search.ForNew(out var why).Path);
        Assert.Null(why);
    }

    [Fact]
    public void The_users_own_home_comes_first()
    {
        var search = Search();
        Assert.Equal(_folder["user/.zd"], search.Find().Path);
        Assert.Equal(_folder["user/.zd"], search.ForNew(out var why).Path);
        Assert.Null(why);
    }

    [Fact]
    public void A_daemon_elsewhere_is_found_when_none_is_at_home()
    {
        var search = Search();
        Live(_folder["run"]);
        Assert.Equal(_folder["run"], search.Find().Path);
        Live(_folder["user/.zd"]);
        Assert.Equal(_folder["user/.zd"], search.Find().Path);
    }

    [Fact]
    public void A_home_that_cannot_be_made_gives_way_and_the_reason_is_told()
    {
        var search = Search() with { UserHome = "/proc/nobody" };
        Assert.Equal(_folder["run"], search.ForNew(out var why).Path);
        Assert.Contains("/proc/nobody", why, StringComparison.Ordinal);
        Assert.Equal(_folder["run"], (search with { UserHome = "" }).ForNew(out why).Path);
        Assert.Contains("no home folder", why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_symbolic_link_in_a_shared_place_is_not_followed()
    {
        Directory.CreateDirectory(_folder["elsewhere"]);
        Directory.CreateSymbolicLink(_folder["run"], _folder["elsewhere"]);
        var search = Search() with { UserHome = "" };
        Assert.Equal(_folder["tmp"], search.ForNew(out _).Path);
        Live(_folder["elsewhere"]);
        Live(_folder["tmp"]);
        Assert.Equal(_folder["tmp"], search.Find().Path);
    }

    /// <summary>Everybody can make a folder in /dev/shm and /tmp, lay a file there that is called like a pipe, and libraries for our workers beside it.</summary>
    [Fact]
    public void A_strangers_folder_in_a_shared_place_is_passed_over()
    {
        Live(_folder["run"]);
        GiveAway(_folder["run"]);
        var search = Search();

        Assert.Equal(_folder["user/.zd"], search.Find().Path);
        Live(_folder["tmp"]);
        Assert.Equal(_folder["tmp"], search.Find().Path);
        Assert.Equal(_folder["tmp"], (search with { UserHome = "" }).ForNew(out _).Path);
    }

    /// <summary>What `sudo -E` leaves in HOME.</summary>
    [Fact]
    public void Somebody_elses_home_is_not_taken_for_ours_though_a_daemon_lives_there()
    {
        var search = Search();
        Live(_folder["user/.zd"]);
        GiveAway(_folder["user/.zd"]);
        Assert.Equal(_folder["user/.zd"], search.Find().Path);

        Live(_folder["run"]);
        Assert.Equal(_folder["run"], search.Find().Path);
        Assert.Equal(_folder["run"], search.ForNew(out var why).Path);
        Assert.Contains("belongs to uid 65534", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_home_that_was_named_and_is_not_ours_is_refused_with_the_way_out()
    {
        await using var zd = new TypedCommand(daemon: false);
        Directory.CreateDirectory(zd.Home.Path);
        GiveAway(zd.Home.Path);

        var code = await zd.Run("start", "/bin/true");

        Assert.Equal(ExitCode.DaemonNotReachable, code);
        Assert.Contains($"the home folder {zd.Home.Path} belongs to uid 65534, and this is uid 0", zd.Error, StringComparison.Ordinal);
        Assert.Contains("set ZD_HOME to a folder of your own", zd.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(zd.Home.Path));
    }

    [Fact]
    public void When_there_is_no_place_each_is_named_with_its_reason()
    {
        var search = Search() with { UserHome = "/proc/nobody", Fallbacks = ["/proc/nothing/a", "/proc/nothing/b"] };
        var problem = Assert.Throws<HomeFolderException>(() => search.ForNew(out _));
        Assert.All((string[])["/proc/nobody", "/proc/nothing/a", "/proc/nothing/b", "tmpfs"], text => Assert.Contains(text, problem.Message, StringComparison.Ordinal));
    }

    private HomeSearch Search(string? given = null)
    {
        Directory.CreateDirectory(_folder["user"]);
        return new HomeSearch(given, _folder["user"], _folder["cwd"], [_folder["run"], _folder["tmp"]]);
    }

    private static void GiveAway(string path)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && CurrentUser.IsRoot, "only root can give a folder away");
        Assert.Equal(0, Interop.Chown(path, 65534, 65534));
    }

    private static void Live(string home)
    {
        Directory.CreateDirectory(home);
        File.WriteAllText(new HomeFolder(home).Pipe, "");
    }
}
