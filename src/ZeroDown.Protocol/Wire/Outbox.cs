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

    /// <summary>While so many bytes of answers wait for the client, no further request is read from it.</summary>
    private const int EnoughAnswerBytes = 1024 * 1024;

    /// <summary>Below this, whoever waits in <see cref="RoomAsync"/> goes on.</summary>
    private const int EnoughNoticeBytes = 256 * 1024;

    private readonly Channel<Entry> _entries = Channel.CreateUnbounded<Entry>(new() { SingleReader = true });
    private readonly Lock _gate = new();
    private int _notices;
    private long _noticeBytes;
    private long _answerBytes;
    private long _droppedLines;
    private int _droppedSteps;
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _answersRead;

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

    public Task RoomAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (HasRoom)
                return Task.CompletedTask;
            _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task.WaitAsync(cancellation);
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
            if (_entries.Writer.TryWrite(new AnswerEntry(line)))
                _answerBytes += line.Length;
        }
    }

    /// <summary>Completes when the client has taken most of its answers. One that asks and does not read costs memory for its answers.</summary>
    /// <param name="patience">How long to wait at most.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>False when it has not within that time.</returns>
    public async Task<bool> AnswersReadAsync(TimeSpan patience, CancellationToken cancellation)
    {
        Task read;
        lock (_gate)
        {
            if (_answerBytes < EnoughAnswerBytes)
                return true;
            _answersRead ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            read = _answersRead.Task;
        }

        return await Task.WhenAny(read, Task.Delay(patience, cancellation)).ConfigureAwait(false) == read;
    }

    /// <summary>Queues a blank line, which means nothing to a reader and finds out whether there is one.</summary>
    public void Probe() => _entries.Writer.TryWrite(ProbeEntry.Instance);

    public void Complete() => _entries.Writer.TryComplete();

    /// <summary>To be called when an answer has been written.</summary>
    public void Written(AnswerEntry answer)
    {
        lock (_gate)
        {
            _answerBytes -= answer.Line.Length;
            if (_answerBytes >= EnoughAnswerBytes)
                return;
            _answersRead?.SetResult();
            _answersRead = null;
        }
    }

    /// <summary>To be called when an entry has left <see cref="Entries"/>.</summary>
    public void Sent(Entry entry)
    {
        if (entry is not NoticeEntry notice)
            return;
        lock (_gate)
        {
            _notices--;
            _noticeBytes -= notice.Cost;
            if (!HasRoom)
                return;
            _room?.SetResult();
            _room = null;
        }
    }

    private bool IsFull => _notices >= MaxNotices || _noticeBytes >= MaxNoticeBytes;

    private bool HasRoom => _notices < MaxNotices / 2 && _noticeBytes < EnoughNoticeBytes;

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
