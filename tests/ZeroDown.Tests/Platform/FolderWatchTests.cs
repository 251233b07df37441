using System.Collections.Concurrent;
using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

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
        using var watch = Watch();
        Assert.Equal(2, watch.Folders);
    }

    private FolderWatch Watch(int depth = int.MaxValue)
    {
        var watch = new FolderWatch(_poller, _changed.Enqueue, problem => Assert.Fail(problem), path => path.EndsWith("/node_modules", StringComparison.Ordinal));
        watch.Add(_folder.Path, depth);
        return watch;
    }

    private void Seen(string name) =>
        Eventually.True(() => _changed.Contains(_folder[name]), $"{name} is told", () => string.Join('\n', _changed));
}
