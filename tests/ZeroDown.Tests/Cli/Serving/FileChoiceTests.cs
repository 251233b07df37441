using Xunit;
using ZeroDown.Cli.Serving;

namespace ZeroDown.Tests.Cli.Serving;

/// <summary>Which file a path means, and which paths mean none.</summary>
public sealed class FileChoiceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public FileChoiceTests()
    {
        foreach (var file in new[] { "site/index.html", "site/main.js", "site/a b.txt", "site/docs/index.html", "site/pictures/one.png", "site/.env", "site/.well-known/x", "secret" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[file])!);
            File.WriteAllText(_folder[file], file);
        }
    }

    private ServeSettings Site => new() { Folder = _folder["site"] };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("/", "/index.html")]
    [InlineData("/main.js", "/main.js")]
    [InlineData("/main.js?v=3#x", "/main.js")]
    [InlineData("//main.js", "/main.js")]
    [InlineData("/a%20b.txt", "/a b.txt")]
    [InlineData("/docs/", "/docs/index.html")]
    [InlineData("/.well-known/x", "/.well-known/x")]
    [InlineData("http://example/main.js", "/main.js")]
    public void A_path_means_a_file(string target, string file) =>
        Assert.Equal(new FileChoice.File(Site.Folder + file), FileChoice.Of(target, Site));

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/main.js/")]
    [InlineData("/pictures/")]
    [InlineData("/.env")]
    [InlineData("/%2eenv")]
    public void What_is_not_there_or_hidden_is_missing(string target) =>
        Assert.Equal(new FileChoice.Missing(null), FileChoice.Of(target, Site));

    [Theory]
    [InlineData("/../secret")]
    [InlineData("/%2e%2e/secret")]
    [InlineData("/docs/..%2f../secret")]
    [InlineData("/main.js%00")]
    [InlineData("main.js")]
    [InlineData("*")]
    public void A_way_out_of_the_folder_is_nonsense(string target) =>
        Assert.Equal(new FileChoice.Nonsense(), FileChoice.Of(target, Site));

    [Fact]
    public void A_folder_is_told_with_its_slash_and_listed_when_that_is_asked_for()
    {
        Assert.Equal(new FileChoice.Elsewhere("/docs/"), FileChoice.Of("/docs", Site));
        Assert.Equal(new FileChoice.Listing(Site.Folder + "/pictures/", "/pictures/"), FileChoice.Of("/pictures/", Site with { Listing = true }));
        Assert.Contains("""<a href="one.png">one.png</a>""", FolderListing.Html(Site.Folder + "/pictures/", "/pictures/"), StringComparison.Ordinal);
        Assert.DoesNotContain(".env", FolderListing.Html(Site.Folder, "/"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/users/7", "/index.html")]
    [InlineData("/users/main.js", "/main.js")]
    [InlineData("/pictures/one.png", "/pictures/one.png")]
    public void In_a_single_page_site_the_home_page_answers_for_what_is_missing(string target, string file) =>
        Assert.Equal(new FileChoice.File(Site.Folder + file), FileChoice.Of(target, Site with { SinglePage = true }));

    [Fact]
    public void A_site_may_have_a_page_for_what_is_missing()
    {
        File.WriteAllText(_folder["site/404.html"], "gone");
        Assert.Equal(new FileChoice.Missing(_folder["site/404.html"]), FileChoice.Of("/nothing", Site));
    }
}
