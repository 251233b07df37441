using System.Threading.Channels;

namespace ZeroDown.Protocol.Wire;

/// <summary>
/// What one client is still to be sent. Answers are never dropped (the session limits how many there can be); notices are
/// dropped when the client does not keep up, and the next thing it reads says how many. So a client that never reads costs
/// a bounded amount of memory, and nobody who reports progress or logs ever waits for it.
/// </summary>
internal sealed class Outbox : IClientNotices
{
    /// <summary>More than a terminal can show in the time it takes to notice.</summary>
    private const int MaxNotices = 4096;

    /// <summary>The last lines of many files come in one burst, and a client that reads must get them all.</summary>
    private const int MaxNoticeBytes = 8 * 1024 * 1024;

    private readonly Channel<Entry> _entries = Channel.CreateUnbounded<Entry>(new() { SingleReader = true });
    private readonly Lock _gate = new();
    private int _notices;
    private long _noticeBytes;
    private long _droppedLines;
    private int _droppedSteps;

    public ChannelReader<Entry> Entries => _entries.Reader;

    public void Progress(ProgressNote note)
    {
        lock (_gate)
        {
            if (IsFull)
                _droppedSteps++;
            else
                Add(new ProgressEntry(note), 128 + 2 * note.Text.Length);
        }
    }

    public void Log(LogNote note)
    {
        lock (_gate)
        {
            if (IsFull)
            {
                _droppedLines += note.Lines.Length + note.Dropped;
                return;
            }

            var cost = 128L;
            foreach (var line in note.Lines)
                cost += 32 + 2L * line.Length;
            if (_droppedLines > 0)
                note = note with { Dropped = note.Dropped + _droppedLines };
            _droppedLines = 0;
            Add(new LogEntry(note), cost);
        }
    }

    /// <summary>Queues an answer behind everything that was reported before it.</summary>
    public void Answer(ReadOnlyMemory<byte> line)
    {
        lock (_gate)
        {
            if (_droppedSteps > 0)
                Add(new ProgressEntry(new ProgressNote { Text = $"… {_droppedSteps} steps are not shown: this client did not keep up" }), 0);
            if (_droppedLines > 0)
                Add(new LogEntry(new LogNote { Stream = "daemon", Dropped = _droppedLines }), 0);
            _droppedSteps = 0;
            _droppedLines = 0;
            _entries.Writer.TryWrite(new AnswerEntry(line));
        }
    }

    /// <summary>Queues a blank line, which means nothing to a reader and finds out whether there is one.</summary>
    public void Probe() => _entries.Writer.TryWrite(ProbeEntry.Instance);

    public void Complete() => _entries.Writer.TryComplete();

    /// <summary>To be called when an entry has left <see cref="Entries"/>.</summary>
    public void Sent(Entry entry)
    {
        if (entry is not NoticeEntry notice)
            return;
        lock (_gate)
        {
            _notices--;
            _noticeBytes -= notice.Cost;
        }
    }

    private bool IsFull => _notices >= MaxNotices || _noticeBytes >= MaxNoticeBytes;

    private void Add(NoticeEntry entry, long cost)
    {
        entry.Cost = cost;
        if (!_entries.Writer.TryWrite(entry))
            return;
        _notices++;
        _noticeBytes += cost;
    }

    internal abstract class Entry
    {
        /// <summary>The line with its line end.</summary>
        public abstract ReadOnlyMemory<byte> Line { get; }
    }

    internal sealed class AnswerEntry(ReadOnlyMemory<byte> line) : Entry
    {
        public override ReadOnlyMemory<byte> Line => line;
    }

    private abstract class NoticeEntry : Entry
    {
        public long Cost { get; set; }
    }

    private sealed class ProgressEntry(ProgressNote note) : NoticeEntry
    {
        public override ReadOnlyMemory<byte> Line => RpcLine.Notification(DaemonNotices.Progress, ProtocolJson.Of<ProgressNote>(), note);
    }

    private sealed class LogEntry(LogNote note) : NoticeEntry
    {
        public override ReadOnlyMemory<byte> Line => RpcLine.Notification(DaemonNotices.Log, ProtocolJson.Of<LogNote>(), note);
    }

    private sealed class ProbeEntry : Entry
    {
        public static readonly ProbeEntry Instance = new();

        public override ReadOnlyMemory<byte> Line => RpcLine.Blank;
    }
}
