using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// What is printed in the first moments of a daemon that takes the place of one that died. Whoever followed that one (<c>zd run</c>, whose workers may have no log files) is about to
/// connect again, and gets it then. Kept for a few seconds and up to a few thousand notes.
/// </summary>
internal sealed class MissedLines(TimeProvider time)
{
    private const int Most = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly long _since = time.GetTimestamp();
    private Queue<(LogNote Note, int Slot)>? _kept = new();

    /// <summary>Somebody may still come for them.</summary>
    public bool IsOpen => _kept is not null && time.GetElapsedTime(_since) < Patience;

    /// <summary>From any thread.</summary>
    public void Keep(Func<(LogNote Note, int Slot)> make)
    {
        if (_kept is null)
            return;
        lock (_gate)
        {
            if (!IsOpen)
                _kept = null;
            else if (_kept!.Count < Most)
                _kept.Enqueue(make());
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
