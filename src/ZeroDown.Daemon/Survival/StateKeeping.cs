namespace ZeroDown.Daemon.Survival;

/// <summary>
/// Brings the newest state to the disk on a thread of its own: the loop never waits for a disk. States that come while one is being written,
/// or within a fifth of a second, are one. A disk that does not take it is said once, tried again, and everything goes on from memory.
/// </summary>
internal sealed class StateKeeping : IDisposable
{
    public static readonly TimeSpan StandardPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan NextTry = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private readonly Action<Remembered> _write;
    private readonly TimeSpan _pause;
    private readonly DaemonLog _log;
    private readonly bool _isHeir;
    private readonly Thread _thread;
    private Remembered? _waiting;
    private Remembered? _lastSeen;
    private volatile string? _problem;
    private bool _ending;

    /// <param name="write">Writes one; throws <see cref="IOException"/> when it cannot.</param>
    /// <param name="pause">From one write to the next, at least.</param>
    /// <param name="log">Where trouble is said.</param>
    /// <param name="isHeir">What is on the disk is this daemon's own past: that nothing is left of it is news too.</param>
    public StateKeeping(Action<Remembered> write, TimeSpan pause, DaemonLog log, bool isHeir)
    {
        _isHeir = isHeir;
        _write = write;
        _pause = pause;
        _log = log;
        _thread = new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "zd state file" };
        _thread.Start();
    }

    /// <summary>Why the state is only in memory; null when it is on the disk too.</summary>
    public string? Problem => _problem;

    /// <summary>Never waits; the newest wins.</summary>
    public void Keep(Remembered state)
    {
        lock (_gate)
        {
            // A daemon that found nothing and has never had anything to supervise does not write over what lies there: somebody may be about to ask for it.
            if (!_isHeir && _lastSeen is null && state.Fleet.Apps.IsEmpty)
                return;
            _lastSeen = state;
            _waiting = state;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Writes what is waiting and ends.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ending = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
        if (_problem is { } problem && _lastSeen is { Fleet.Ended: true })
            _log.EndNotOnDisk(problem);
    }

    private void Run()
    {
        while (Next() is { } state)
        {
            TryWrite(state);
            Rest();
        }
    }

    /// <summary>Null when there is nothing more to write.</summary>
    private Remembered? Next()
    {
        lock (_gate)
        {
            while (_waiting is null && !_ending)
            {
                if (_problem is null)
                    Monitor.Wait(_gate);
                else if (!Monitor.Wait(_gate, NextTry))
                    _waiting ??= _lastSeen;
            }

            var state = _waiting;
            _waiting = null;
            return state;
        }
    }

    private void Rest()
    {
        lock (_gate)
        {
            // Pulsed by every state that comes; the time is what counts.
            for (var until = Environment.TickCount64 + (long)_pause.TotalMilliseconds; !_ending && until - Environment.TickCount64 is > 0 and var left;)
                Monitor.Wait(_gate, TimeSpan.FromMilliseconds(left));
        }
    }

    private void TryWrite(Remembered state)
    {
        try
        {
            _write(state);
            if (_problem is not null)
                _log.StateOnDiskAgain();
            _problem = null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            if (_problem is null)
                _log.StateNotOnDisk(problem.Message);
            _problem = problem.Message;
        }
    }
}
