using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Daemon.Upkeep;

namespace ZeroDown.Tests.Daemon;

public sealed class WatchScopeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public WatchScopeTests()
    {
        foreach (var folder in new[] { "src/deep", "node_modules", ".git" })
            Directory.CreateDirectory(_folder[folder]);
        File.WriteAllText(_folder["server.js"], "");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("server.js", true)]
    [InlineData("src/deep/a.js", true)]
    [InlineData("node_modules/x/index.js", false)]
    [InlineData("src/node_modules/x.js", false)]
    [InlineData(".git/HEAD", false)]
    [InlineData("src/.a.js.swp", false)]
    [InlineData("home/zd.log", false)]
    public void A_folder_counts_with_all_below_it_but_dotfiles_and_node_modules(string path, bool counts) =>
        Assert.Equal(counts, Scope([_folder.Path]).Counts(_folder[path]));

    [Fact]
    public void A_dot_above_the_watched_folder_does_not_matter()
    {
        Directory.CreateDirectory(_folder[".apps/api"]);
        Assert.True(Scope([_folder[".apps/api"]]).Counts(_folder[".apps/api/server.js"]));
    }

    [Theory]
    [InlineData("*.log", "src/x.log", false)]
    [InlineData("*.log", "src/x.js", true)]
    [InlineData("/src/deep", "src/deep/a.js", false)]
    [InlineData("/src/*.tmp", "src/a.tmp", false)]
    [InlineData("/src/*.tmp", "src/deep/a.tmp", true)]
    [InlineData("/**/*.tmp", "src/deep/a.tmp", false)]
    [InlineData("{logs,data}", "data/x", false)]
    public void What_is_ignored_is_a_name_anywhere_or_a_path(string pattern, string path, bool counts)
    {
        var ignore = pattern[0] == '/' ? _folder.Path + pattern : pattern;
        Assert.Equal(counts, Scope([_folder.Path], ignore).Counts(_folder[path]));
    }

    [Fact]
    public void A_single_file_counts_alone_and_its_folder_is_looked_at()
    {
        var scope = Scope([_folder["server.js"]]);
        Assert.Equal([(_folder.Path, 0)], scope.Folders);
        Assert.True(scope.Counts(_folder["server.js"]));
        Assert.False(scope.Counts(_folder["other.js"]));
    }

    [Fact]
    public void A_file_with_a_dot_that_was_named_counts()
    {
        File.WriteAllText(_folder[".env"], "");
        Assert.True(Scope([_folder[".env"]]).Counts(_folder[".env"]));
    }

    [Fact]
    public void A_path_with_wildcards_is_looked_for_below_its_last_folder_without_one()
    {
        var scope = Scope([_folder["src/**/*.js"]]);
        Assert.Equal(_folder["src"], Assert.Single(scope.Folders).Folder);
        Assert.True(scope.Counts(_folder["src/deep/a.js"]));
        Assert.True(scope.Counts(_folder["src/a.js"]));
        Assert.False(scope.Counts(_folder["src/a.ts"]));
    }

    private WatchScope Scope(string[] paths, params string[] ignore) => new(
        new WatchRule { Paths = [.. paths], Ignore = ignore.Length > 0 ? [.. ignore] : WatchRule.StandardIgnore }, _folder["home"]);
}
