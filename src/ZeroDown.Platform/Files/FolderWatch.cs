using System.Text;

namespace ZeroDown.Platform;

/// <summary>Tells what changes in folders and below them, with inotify(7): one descriptor for all, one watch per folder.</summary>
/// <remarks>
/// Folders that are ignored are not watched at all, so a node_modules of ten thousand folders costs nothing; the kernel's limit is per user and shared with every
/// editor. A folder that appears is watched from then on, and what was put into it in the moment before is told as well. Where there is no inotify (macOS), .NET's
/// own watcher looks, and ignored paths are only not told.
/// Links are not followed unless that is asked for: one link to the root folder would make the whole disk a watched folder. Whoever may write in the folder also decides how many
/// folders there are, so there is a limit, and it is looked at with his rights.
/// </remarks>
public sealed class FolderWatch : IDisposable
{
    /// <summary>A checkout without its ignored folders has some thousands; each costs us some 200 bytes, and the kernel a kilobyte.</summary>
    public const int MostFolders = 20_000;

    private const uint News = Constants.IN_MODIFY | Constants.IN_CLOSE_WRITE | Constants.IN_MOVED_FROM | Constants.IN_MOVED_TO | Constants.IN_CREATE | Constants.IN_DELETE;

    /// <summary>struct inotify_event without its name: wd, mask, cookie, len.</summary>
    private const int HeadSize = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, (string Path, int Depth)> _folders = [];
    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly Action<string> _changed;
    private readonly Action<string> _failed;
    private readonly Func<string, bool> _isIgnored;
    private readonly bool _followLinks;
    private readonly FileUser? _user;
    private readonly FdHandle? _inotify;
    private readonly FdRegistration? _registration;
    private readonly int _most;
    private bool _saidLimit;

    /// <param name="poller">Its thread tells the news and looks into new folders.</param>
    /// <param name="changed">Gets the path that changed; the folder itself when the kernel lost count.</param>
    /// <param name="failed">Gets a sentence when something cannot be watched, the kernel's limit once.</param>
    /// <param name="isIgnored">Which paths are neither told nor looked into.</param>
    /// <param name="followLinks">Whether links to folders are followed, out of the watched folder too.</param>
    /// <param name="user">With whose rights the folders are looked at; null: with our own.</param>
    /// <param name="most">How many folders are watched at most.</param>
    /// <exception cref="SystemCallException">The user has no inotify instance left (<c>fs.inotify.max_user_instances</c>).</exception>
    public FolderWatch(FdPoller poller, Action<string> changed, Action<string> failed, Func<string, bool> isIgnored, bool followLinks = false, FileUser? user = null, int most = MostFolders)
    {
        (_changed, _failed, _isIgnored, _followLinks, _user, _most) = (changed, failed, isIgnored, followLinks, user, most);
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var fd = Interop.INotifyInit1(Constants.IN_NONBLOCK | Constants.IN_CLOEXEC);
        _inotify = fd >= 0 ? new FdHandle(fd) : throw SystemCallException.FromLast("inotify_init1 (sysctl fs.inotify.max_user_instances)");
        _registration = poller.Register(_inotify, FdInterest.Read, _ => Read());
    }

    /// <summary>How many folders are watched.</summary>
    public int Folders
    {
        get
        {
            lock (_lock)
            {
                return _folders.Count;
            }
        }
    }

    /// <summary>Watches a folder and the folders in it.</summary>
    /// <param name="folder">Absolute.</param>
    /// <param name="depth">How many levels below it; 0: only what lies in it.</param>
    public void Add(string folder, int depth = int.MaxValue)
    {
        if (_inotify is null)
        {
            AddWatcher(folder, depth);
            return;
        }

        Descend(folder, depth, tell: false, isNamed: true);
    }

    public void Dispose()
    {
        _registration?.Dispose();
        _inotify?.Dispose();
        _watchers.ForEach(watcher => watcher.Dispose());
    }

    private void Descend(string top, int depth, bool tell, bool isNamed)
    {
        var waiting = new Queue<(string Path, int Depth)>([(top, depth)]);
        while (waiting.TryDequeue(out var folder))
        {
            // First the watch, then the look: what is created in between is seen twice rather than never.
            if (!Watch(folder.Path, folder.Depth, isTop: isNamed && folder.Path == top))
            {
                continue;
            }

            foreach (var entry in Entries(folder.Path))
            {
                if (_isIgnored(entry.FullName))
                {
                    continue;
                }

                if (tell)
                {
                    _changed(entry.FullName);
                }

                if (folder.Depth > 0 && entry is DirectoryInfo && (_followLinks || entry.LinkTarget is null))
                {
                    waiting.Enqueue((entry.FullName, folder.Depth - 1));
                }
            }
        }
    }

    /// <returns>False when it is watched already, or cannot be.</returns>
    private bool Watch(string folder, int depth, bool isTop)
    {
        lock (_lock)
        {
            if (_inotify is null or { IsClosed: true })
            {
                return false;
            }

            if (_folders.Count >= _most)
            {
                SayOnce($"{_most} folders are watched, and no more than that: {folder} and others are not; watch less ('watch', 'ignore_watch')");
                return false;
            }

            var (watch, errno) = AddWatch(_inotify, folder, isTop);
            if (watch >= 0)
            {
                // Known already: a link that leads in a circle, or a folder that was moved here.
                if (_folders.TryGetValue(watch, out var known) && Directory.Exists(known.Path))
                {
                    return false;
                }

                _folders[watch] = (folder, depth);
                return true;
            }

            Explain(folder, errno);
            return false;
        }
    }

    /// <summary>A folder that was named may itself be a link (<c>current</c>, which a deployment turns); one that was found in it may not, not even by now.</summary>
    private (int Watch, Errno Errno) AddWatch(FdHandle inotify, string folder, bool isTop) =>
        Impersonation.Run(_user, () =>
        {
            var watch = Interop.INotifyAddWatch(inotify, folder, News | Constants.IN_ONLYDIR | (_followLinks || isTop ? 0 : Constants.IN_DONT_FOLLOW));
            return (watch, watch < 0 ? Errno.Last : Errno.None);
        });

    private void SayOnce(string problem)
    {
        if (!_saidLimit)
        {
            _saidLimit = true;
            _failed(problem);
        }
    }

    private void Explain(string folder, Errno errno)
    {
        if (errno == Errno.ENOSPC)
        {
            SayOnce($"the kernel watches no more folders for this user; {folder} and others are not watched: raise the limit (sysctl fs.inotify.max_user_watches) or watch less");
        }
        else if (errno != Errno.ENOENT && errno != Errno.ENOTDIR)
        {
            _failed($"{folder} cannot be watched: {errno.Text}");
        }
    }

    private FileSystemInfo[] Entries(string folder)
    {
        try
        {
            return Impersonation.Run(_user, () => new DirectoryInfo(folder).GetFileSystemInfos());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // it went as fast as it came
        }
    }

    private void Read()
    {
        Span<byte> buffer = stackalloc byte[16 * 1024];
        while (_inotify is { IsClosed: false } inotify && inotify.Read(buffer, out var count) == ReadOutcome.Bytes)
        {
            for (var at = 0; at < count;)
            {
                var head = buffer[at..];
                var watch = BitConverter.ToInt32(head);
                var mask = BitConverter.ToUInt32(head[4..]);
                var length = BitConverter.ToInt32(head[12..]);
                var name = head.Slice(HeadSize, length);
                var end = name.IndexOf((byte)0);
                Happened(watch, mask, Encoding.UTF8.GetString(end < 0 ? name : name[..end]));
                at += HeadSize + length;
            }
        }
    }

    private void Happened(int watch, uint mask, string name)
    {
        (string Path, int Depth) folder;
        lock (_lock)
        {
            if ((mask & Constants.IN_Q_OVERFLOW) != 0)
            {
                folder = _folders.Values.FirstOrDefault();
            }
            else if (!_folders.TryGetValue(watch, out folder))
            {
                return;
            }

            if ((mask & Constants.IN_IGNORED) != 0)
            {
                _folders.Remove(watch);
                return;
            }
        }

        var path = name.Length == 0 ? folder.Path : Path.Combine(folder.Path, name);
        if (path is null || _isIgnored(path))
        {
            return;
        }

        _changed(path);
        if ((mask & Constants.IN_ISDIR) != 0 && (mask & (Constants.IN_CREATE | Constants.IN_MOVED_TO)) != 0 && folder.Depth > 0)
        {
            Descend(path, folder.Depth - 1, tell: true, isNamed: false);
        }
    }

    private void AddWatcher(string folder, int depth)
    {
        var watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = depth > 0 };
        watcher.Changed += (_, news) => Tell(news.FullPath);
        watcher.Created += (_, news) => Tell(news.FullPath);
        watcher.Deleted += (_, news) => Tell(news.FullPath);
        watcher.Renamed += (_, news) => Tell(news.FullPath);
        watcher.Error += (_, problem) => _failed($"{folder} cannot be watched: {problem.GetException().Message}");
        watcher.EnableRaisingEvents = true;
        _watchers.Add(watcher);

        void Tell(string path)
        {
            if (!_isIgnored(path))
            {
                _changed(path);
            }
        }
    }
}
