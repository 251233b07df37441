using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// What is printed while somebody who must miss nothing is away for a moment: the attendant of <c>zd run</c>, whose workers may have no log files. It comes back when its daemon
/// was replaced, and another one comes when it was itself. Kept for a few seconds and up to a few thousand notes.
/// </summary>
internal sealed class MissedLines
{
    private const int Most = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private long _since;
    private volatile Queue<(LogNote Note, int Slot)>? _kept;

    /// <param name="time">For tests.</param>
    /// <param name="isSuccessor">This daemon takes the place of one that somebody may have followed.</param>
    public MissedLines(TimeProvider time, bool isSuccessor)
    {
        _time = time;
        if (isSuccessor)
            Open();
    }

    /// <summary>Somebody may still come for them.</summary>
    public bool IsOpen => _kept is not null && _time.GetElapsedTime(Volatile.Read(ref _since)) < Patience;

    /// <summary>He has just left.</summary>
    public void Open()
    {
        lock (_gate)
        {
            Volatile.Write(ref _since, _time.GetTimestamp());
            _kept = new();
        }
    }

    /// <summary>From any thread.</summary>
    public void Keep(Func<(LogNote Note, int Slot)> make)
    {
        if (_kept is null)
            return;
        lock (_gate)
        {
            if (!IsOpen)
                _kept = null;
            else if (_kept is { Count: < Most } kept)
                kept.Enqueue(make());
        }
    }

    /// <summary>To the first who asks; then nobody keeps them any more.</summary>
    public void GiveTo(Action<LogNote, int> send)
    {
        lock (_gate)
        {
            foreach (var (note, slot) in _kept ?? [])
                send(note, slot);
            _kept = null;
        }
    }
}
