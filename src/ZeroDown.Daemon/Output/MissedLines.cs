using ZeroDown.Daemon.Survival;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// What is printed while somebody who must miss nothing is away for a moment: the attendant of <c>zd run</c>, whose workers may have no log files. It comes back when its daemon
/// was replaced, and another one comes when it was itself. Kept for a few seconds and up to <see cref="Room"/>; what comes beyond that is counted.
/// </summary>
internal sealed class MissedLines : IDisposable
{
    /// <summary>Bytes of text, roughly.</summary>
    public const long Room = 8 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Keepsakes _keepsakes;
    private int _present;
    private long _held;
    private long _dropped;
    private ITimer? _patience;
    private volatile Queue<(LogNote Note, int Slot)>? _kept;

    /// <param name="time">For tests.</param>
    /// <param name="keepsakes">Where a daemon leaves word that somebody attended to it.</param>
    public MissedLines(TimeProvider time, Keepsakes keepsakes)
    {
        _time = time;
        _keepsakes = keepsakes;
        if (keepsakes.IsAttended)
        {
            lock (_gate)
                Open();
        }
    }

    /// <summary>Somebody may still come for them.</summary>
    public bool IsOpen => _kept is not null;

    /// <summary>A <c>zd run</c> reads along, or is expected back.</summary>
    public bool IsAttended => Volatile.Read(ref _present) > 0 || IsOpen;

    /// <summary>To the first who comes; while he is there nobody keeps them.</summary>
    public void Attend(Action<LogNote, int> send)
    {
        lock (_gate)
        {
            _present++;
            _keepsakes.IsAttended = true;
            foreach (var (note, slot) in _kept ?? [])
                send(note, slot);
            if (_dropped > 0)
                send(new LogNote { Stream = "daemon", Dropped = _dropped }, 0);
            Close();
        }
    }

    /// <summary>One of those who attended has left.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (--_present == 0)
                Open();
        }
    }

    /// <summary>From any thread.</summary>
    public void Keep(Func<(LogNote Note, int Slot)> make)
    {
        if (_kept is null)
            return;
        lock (_gate)
        {
            if (_kept is not { } kept)
                return;
            var (note, slot) = make();
            var size = note.Weigh();
            // Once something is left out, all is: what is kept has no gap but the one at its end.
            if (_dropped > 0 || _held + size > Room)
            {
                _dropped += note.Lines.Length;
                return;
            }

            _held += size;
            kept.Enqueue((note, slot));
        }
    }

    public void Dispose()
    {
        lock (_gate)
            Close();
    }

    private void Open()
    {
        Close();
        Queue<(LogNote, int)> kept = new();
        _kept = kept;
        _patience = _time.CreateTimer(_ => GiveUp(kept), null, Patience, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Nobody came. The next daemon need not wait for anybody either.</summary>
    private void GiveUp(Queue<(LogNote, int)> kept)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_kept, kept))
                return;
            Close();
            _keepsakes.IsAttended = false;
        }
    }

    private void Close()
    {
        _patience?.Dispose();
        _patience = null;
        _kept = null;
        (_held, _dropped) = (0, 0);
    }
}
