using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

[UnsupportedOSPlatform("windows")]
public sealed class FolderWatchTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ConcurrentQueue<string> _changed = new();
    private readonly ConcurrentQueue<Exception> _faults = new();
    private readonly FdPoller _poller;

    public FolderWatchTests()
    {
        _poller = new FdPoller("test", _faults.Enqueue);
        Directory.CreateDirectory(_folder["src"]);
        Directory.CreateDirectory(_folder["node_modules/deep"]);
    }

    public void Dispose()
    {
        _poller.Dispose();
        _folder.Dispose();
        Assert.Empty(_faults);
    }

    [Fact]
    public void Written_new_moved_and_deleted_files_are_told()
    {
        File.WriteAllText(_folder["old"], "");
        using var watch = Watch();
        File.WriteAllText(_folder["src/new.js"], "1");
        Seen("src/new.js");
        File.AppendAllText(_folder["old"], "2");
        Seen("old");
        File.Move(_folder["old"], _folder["src/moved"]);
        Seen("src/moved");
        _changed.Clear();
        File.Delete(_folder["src/new.js"]);
        Seen("src/new.js");
    }

    [Fact]
    public void What_is_in_a_folder_that_appears_is_told_and_its_folders_are_watched()
    {
        using var watch = Watch();
        using var outside = new TempFolder();
        Directory.CreateDirectory(outside["lib/deep"]);
        File.WriteAllText(outside["lib/deep/a.js"], "");
        Directory.Move(outside["lib"], _folder["lib"]);
        Seen("lib/deep/a.js");
        File.WriteAllText(_folder["lib/deep/b.js"], "");
        Seen("lib/deep/b.js");
    }

    [Fact]
    public void Ignored_folders_cost_no_watch_and_depth_is_obeyed()
    {
        using var watch = Watch();
        Assert.Equal(2, watch.Folders);
        using var flat = Watch(depth: 0);
        Assert.Equal(1, flat.Folders);
    }

    [Fact]
    public void Links_that_lead_in_a_circle_end()
    {
        Directory.CreateSymbolicLink(_folder["src/up"], _folder.Path);
        using var watch = Watch(followLinks: true);
        Assert.Equal(2, watch.Folders);
    }

    [Fact]
    public void A_link_does_not_lead_out_of_the_folder_unless_that_is_asked_for()
    {
        using var outside = new TempFolder();
        Directory.CreateSymbolicLink(_folder["src/out"], outside.Path);
        using var watch = Watch();
        Assert.Equal(2, watch.Folders);
        Directory.CreateSymbolicLink(_folder["src/later"], outside.Path);
        Seen("src/later");
        File.WriteAllText(_folder["src/after"], "");
        Seen("src/after");
        Assert.Equal(2, watch.Folders);

        using var follows = Watch(followLinks: true);
        Assert.Equal(3, follows.Folders);
    }

    [Fact]
    public void A_folder_that_is_named_may_be_a_link()
    {
        using var outside = new TempFolder();
        Directory.CreateSymbolicLink(outside["current"], _folder.Path);
        using var watch = new FolderWatch(_poller, _changed.Enqueue, problem => Assert.Fail(problem), _ => false);
        watch.Add(outside["current"]);
        File.WriteAllText(_folder["src/a"], "");
        Eventually.True(() => _changed.Contains(outside["current/src/a"]), "the file is told", () => string.Join('\n', _changed));
    }

    [Fact]
    public void Whoever_makes_folders_without_end_does_not_make_us_grow_and_it_is_said_once()
    {
        var said = new ConcurrentQueue<string>();
        using var watch = new FolderWatch(_poller, _changed.Enqueue, said.Enqueue, _ => false, most: 3);
        watch.Add(_folder.Path);
        Assert.Equal(3, watch.Folders);
        Directory.CreateDirectory(_folder["src/more/and/more"]);
        Seen("src/more");
        Eventually.True(() => !said.IsEmpty, "it is said", () => $"{watch.Folders} folders");
        File.WriteAllText(_folder["src/file"], "");
        Seen("src/file");
        Assert.Equal(3, watch.Folders);
        Assert.Contains("3 folders are watched", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public void Folders_that_the_app_s_user_may_not_read_are_not_watched_for_him()
    {
        Assert.SkipUnless(Impersonation.IsPossible, "only root can use the rights of others");
        var said = new ConcurrentQueue<string>();
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0x1ED);
        File.SetUnixFileMode(_folder["src"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var watch = new FolderWatch(
            _poller, _changed.Enqueue, said.Enqueue, path => path.EndsWith("/node_modules", StringComparison.Ordinal), user: new FileUser(54321, 54321, []));
        watch.Add(_folder.Path);
        Assert.Equal(1, watch.Folders);
        Assert.Contains("src cannot be watched", Assert.Single(said), StringComparison.Ordinal);
    }

    private FolderWatch Watch(int depth = int.MaxValue, bool followLinks = false)
    {
        var watch = new FolderWatch(
            _poller, _changed.Enqueue, problem => Assert.Fail(problem), path => path.EndsWith("/node_modules", StringComparison.Ordinal), followLinks);
        watch.Add(_folder.Path, depth);
        return watch;
    }

    private void Seen(string name) =>
        Eventually.True(() => _changed.Contains(_folder[name]), $"{name} is told", () => string.Join('\n', _changed));
}
