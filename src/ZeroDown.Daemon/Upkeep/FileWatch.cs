using ZeroDown.Core.Apps;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Upkeep;

/// <summary>
/// Watches the files of one app, however many instances it has, and tells of a change when nothing more has changed for a while: a save is
/// several writes, a checkout is many files. What never rests is told of after a few seconds all the same.
/// </summary>
internal sealed class FileWatch : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly WatchScope _scope;
    private readonly Func<string, bool> _isOurs;
    private readonly Action<string> _changed;
    private readonly TimeSpan _delay;
    private readonly FolderWatch _folders;
    private readonly Timer _timer;
    private string? _first;
    private TimeSpan _since;

    /// <param name="rule">What to watch.</param>
    /// <param name="user">With whose rights its folders are looked at; null: with our own.</param>
    /// <param name="home">Our own folder.</param>
    /// <param name="poller">Tells the kernel's news.</param>
    /// <param name="isOurs">Files that are written for the app's sake (its logs) and would roll it for ever.</param>
    /// <param name="changed">Gets the first path that changed.</param>
    /// <param name="failed">Gets a sentence when something cannot be watched.</param>
    /// <exception cref="SystemCallException">Nothing can be watched at all.</exception>
    public FileWatch(WatchRule rule, FileUser? user, string home, FdPoller poller, Func<string, bool> isOurs, Action<string> changed, Action<string> failed)
    {
        Rule = rule;
        _scope = new WatchScope(rule, home);
        (_isOurs, _changed, _delay) = (isOurs, changed, rule.Delay);
        _timer = new Timer(_ => Tell(), null, Timeout.Infinite, Timeout.Infinite);
        _folders = new FolderWatch(poller, Changed, failed, _scope.IsIgnored, rule.FollowLinks, user);
        foreach (var (folder, depth) in _scope.Folders)
            _folders.Add(folder, depth);
    }

    public WatchRule Rule { get; }

    public int Folders => _folders.Folders;

    public void Dispose()
    {
        _folders.Dispose();
        _timer.Dispose();
    }

    private void Changed(string path)
    {
        if (!_scope.Counts(path) || _isOurs(path))
            return;
        lock (_lock)
        {
            var now = MonotonicClock.Now;
            if (_first is null)
                (_first, _since) = (path, now);
            var rest = _since + (LongestWait > _delay ? LongestWait : _delay) - now;
            var pause = rest < _delay ? rest : _delay;
            try
            {
                _timer.Change(pause > TimeSpan.Zero ? pause : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            }
            catch (ObjectDisposedException)
            {
                // It is not watched any more.
            }
        }
    }

    private void Tell()
    {
        string? path;
        lock (_lock)
            (path, _first) = (_first, null);
        if (path is not null)
            _changed(path);
    }
}
