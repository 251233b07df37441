using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon;

/// <summary>
/// Watches the pipe's file and the folders beside it. Where the pipe was removed (a cleaner of temporary files), replaced, or went together with the home folder, no `zd` finds the daemon any more;
/// without its folder of sockets and FIFOs no worker can be launched. What is missing is made anew.
/// </summary>
internal sealed class HomeGuard : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly HomeFolder _home;
    private readonly DaemonListener _pipe;
    private readonly Action _prepareFolders;
    private readonly DaemonLog _log;
    private readonly Lock _gate = new();
    private readonly FolderWatch? _watch;
    private FileIdentity? _bound;
    private Task _work = Task.CompletedTask;
    private TimeSpan _pause = FirstPause;
    private Timer? _retry;
    private bool _disposed;
    private volatile string? _homeLost;

    /// <param name="home">Where the pipe is.</param>
    /// <param name="pipe">Bound.</param>
    /// <param name="poller">Tells what happens to the file.</param>
    /// <param name="prepareFolders">Makes the folders in the home, as far as they are missing.</param>
    /// <param name="log">Says what was done.</param>
    public HomeGuard(HomeFolder home, DaemonListener pipe, FdPoller poller, Action prepareFolders, DaemonLog log)
    {
        (_home, _pipe, _prepareFolders, _log) = (home, pipe, prepareFolders, log);
        _bound = FileIdentity.Of(home.Pipe);
        if (_bound is null)
            return; // a system without inodes that we know
        try
        {
            _watch = new FolderWatch(poller, _ => Look(), problem => log.PipeNotWatched(problem), path => path != home.Pipe && !home.Folders.Contains(path));
            _watch.Add(home.Path, 0);
        }
        catch (SystemCallException problem)
        {
            log.PipeNotWatched(problem.Message);
        }
    }

    /// <summary>A sentence for people when the home folder was removed under the daemon; null if it never was.</summary>
    public string? HomeLost => _homeLost;

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _retry?.Dispose();
        }

        _watch?.Dispose();
        _work.Wait(TimeSpan.FromSeconds(3));
    }

    private void Look()
    {
        lock (_gate)
        {
            if (!_disposed && !IsWhole())
                _work = _work.ContinueWith(_ => RepairAsync(), TaskScheduler.Default).Unwrap();
        }
    }

    /// <summary>A pipe that was removed before its identity was read is known by none.</summary>
    private bool IsWhole() => _bound is not null && FileIdentity.Of(_home.Pipe) == _bound && MissingFolders().Length == 0;

    private string[] MissingFolders() => [.. _home.Folders.Where(folder => !Directory.Exists(folder))];

    private async Task RepairAsync()
    {
        lock (_gate)
        {
            if (_disposed || IsWhole())
                return;
        }

        try
        {
            var missing = MissingFolders();
            if (_bound is null || FileIdentity.Of(_home.Pipe) != _bound)
            {
                await _pipe.RebindAsync();
                _watch!.Add(_home.Path, 0);
                lock (_gate)
                    _bound = FileIdentity.Of(_home.Pipe);
            }

            _prepareFolders();
            lock (_gate)
                _pause = FirstPause;
            if (missing.Length > 0)
            {
                _homeLost = $"the home folder {_home.Path}, or a part of it ({string.Join(", ", missing.Select(Path.GetFileName))}), was removed while the daemon ran, and is made anew. Earlier logs and the list that `zd save` wrote may be gone; "
                    + "workers were not touched, and what they say over NOTIFY_SOCKET is not heard until they are replaced (`zd reload all`)";
                _log.HomeMadeAnew(_homeLost);
            }
            else
            {
                _log.PipeMadeAnew(_home.Pipe);
            }

            // What went before the new folder was watched raised no event.
            Look();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or HomeFolderException or System.Net.Sockets.SocketException or OperationCanceledException)
        {
            _log.PipeNotMadeAnew(_home.Pipe, problem.Message);
            TryAgain();
        }
    }

    private void TryAgain()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _retry?.Dispose();
            _retry = new Timer(_ => Look(), null, _pause, Timeout.InfiniteTimeSpan);
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        }
    }
}
