using ZeroDown.Platform;

namespace ZeroDown.Daemon.Output;

/// <summary>From kernel to kernel, as it came, into one file. The bytes are read again, out of the page cache, only when somebody wants them.</summary>
internal sealed class SplicedWay(FdHandle fifo, SharedLog file) : OutputWay(fifo)
{
    private readonly Lock _lock = new();
    private readonly Queue<(int Edition, long Offset, int Length)> _last = new();
    private int _lastBytes;
    private LogPassage _passage;

    public override FdInterest Interest => FdInterest.Read;

    public override void Open() => file.TryOpen();

    public override OutputStep Move(bool last)
    {
        _passage = file.Take(Fifo);
        if (_passage.Bytes > 0)
            Remember(_passage.Edition, _passage.Offset, _passage.Bytes);
        return _passage.EndOfStream ? OutputStep.End
            : _passage.Bytes > 0 || _passage.Lost > 0 ? OutputStep.More
            : OutputStep.Done;
    }

    /// <summary>Half a line in the file goes on with the next bytes, unless some are missing in between.</summary>
    public override void GoOn(ReadOnlySpan<byte> marker)
    {
        if (!marker.IsEmpty)
            file.AppendBelow(marker);
        // What the worker said to a daemon that is gone may be what an answer wants to quote.
        var (edition, begin, length) = file.Tail(Quotable);
        if (length > 0)
            Remember(edition, begin, length);
    }

    public override long Taken => _passage.Bytes + _passage.Lost;

    public override byte[] Moved() => file.Read(_passage.Edition, _passage.Offset, _passage.Bytes);

    public override (string Path, long End)? Place => (file.Path, _passage.Offset + _passage.Bytes);

    public override byte[] LastBytes()
    {
        (int Edition, long Offset, int Length)[] pieces;
        lock (_lock)
            pieces = [.. _last];
        return [.. pieces.SelectMany(piece => file.Read(piece.Edition, piece.Offset, piece.Length))];
    }

    public override void Dispose() => file.Leave();

    private void Remember(int edition, long offset, int length)
    {
        lock (_lock)
        {
            if (length > Quotable)
                (offset, length) = (offset + length - Quotable, Quotable);
            _last.Enqueue((edition, offset, length));
            _lastBytes += length;
            while (_last.Count > 1 && _lastBytes - _last.Peek().Length >= Quotable)
                _lastBytes -= _last.Dequeue().Length;
        }
    }
}
