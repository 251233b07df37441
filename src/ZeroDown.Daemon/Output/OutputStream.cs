using ZeroDown.Core.Supervision;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Output;

/// <summary>One stream of one worker on its way into a log file. Everything here runs on the output thread but <see cref="LastLines"/>.</summary>
internal sealed class OutputStream(LaunchWorker order, bool error, FdHandle readEnd, SharedLog file, LogDesk desk)
{
    /// <summary>How much of the end of a stream can be quoted.</summary>
    private const int Quotable = 4096;

    private const int QuotedLines = 10;

    private readonly object _gate = new();
    private readonly LineAssembler _lines = new();
    private readonly Queue<(long Offset, int Length)> _last = new();
    private int _lastBytes;
    private FdRegistration? _registration;
    private Action? _onEnd;
    private bool _ended;
    private string[]? _lastWords;

    /// <summary>For the keeper's duplicate.</summary>
    public FdHandle ReadEnd => readEnd;

    public void Start(FdPoller poller, Action onEnd)
    {
        _onEnd = onEnd;
        _registration = poller.Register(readEnd, FdInterest.Read, _ => Read(atLeast: 0));
    }

    /// <summary>Takes all that has been written so far, and not what is written meanwhile: a grandchild may never pause.</summary>
    public void ReadWhatIsThere() => Read(_ended ? 0 : readEnd.BytesWaiting);

    public string[] LastLines()
    {
        var lines = Quote();
        return Volatile.Read(ref _lastWords) ?? lines;
    }

    private string[] Quote()
    {
        (long Offset, int Length)[] pieces;
        lock (_gate)
            pieces = [.. _last];
        var bytes = new List<byte>();
        foreach (var (offset, length) in pieces)
            bytes.AddRange(file.Read(offset, length));
        var all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes);
        return Output.LastLines.Of(all.Length > Quotable ? all[^Quotable..] : all, QuotedLines);
    }

    private void Read(long atLeast)
    {
        for (long taken = 0; !_ended;)
        {
            var passage = file.Take(readEnd);
            if (passage.Bytes > 0)
            {
                Remember(passage.Offset, passage.Bytes);
                Publish(passage);
            }

            if (passage.EndOfStream)
            {
                End();
                return;
            }

            taken += passage.Bytes + passage.Lost;
            if (taken >= atLeast || passage is { Bytes: 0, Lost: 0 })
                return;
        }
    }

    private void Publish(LogPassage passage)
    {
        if (!desk.HasFollowers)
        {
            // What was begun before nobody listened is no beginning of what the next follower will hear.
            _ = _lines.Rest();
            return;
        }

        var lines = _lines.Take(file.Read(passage.Offset, passage.Bytes));
        desk.Publish(order.Spec.Name, order.Slot, order.PmId, error, [.. lines], DateTimeOffset.UtcNow);
    }

    private void Remember(long offset, int length)
    {
        lock (_gate)
        {
            if (length > Quotable)
                (offset, length) = (offset + length - Quotable, Quotable);
            _last.Enqueue((offset, length));
            _lastBytes += length;
            while (_last.Count > 1 && _lastBytes - _last.Peek().Length >= Quotable)
                _lastBytes -= _last.Dequeue().Length;
        }
    }

    private void End()
    {
        _ended = true;
        _registration?.Dispose();
        if (_lines.Rest() is { } rest && desk.HasFollowers)
            desk.Publish(order.Spec.Name, order.Slot, order.PmId, error, [rest], DateTimeOffset.UtcNow);
        readEnd.Dispose();
        // The file closes with its last writer, and answers still quote the dead.
        Volatile.Write(ref _lastWords, Quote());
        file.Leave();
        _onEnd?.Invoke();
    }
}
