using Xunit;
using ZeroDown.Cli.Asking;
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

    private static void Live(string home)
    {
        Directory.CreateDirectory(home);
        File.WriteAllText(new HomeFolder(home).Pipe, "");
    }
}
