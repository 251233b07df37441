using System.Buffers;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// Whole lines, rewritten, into any number of files (none: nowhere). They are looked at, written, and only then taken from the FIFO, so when
/// we are killed in between, the next daemon writes a line again rather than losing it. Half a line stays in the FIFO until its end comes;
/// one that never ends is cut when the FIFO is full of it. After a silence (a prompt) the half is in the files too, and its end is put behind it.
/// </summary>
internal sealed class RewrittenWay(FdHandle fifo, LineForm form, SharedLog[] files) : OutputWay(fifo)
{
    private const int AtOnce = 64 * 1024;

    private readonly FifoReader _reader = new(fifo);
    private readonly ArrayBufferWriter<byte> _written = new();
    private readonly Lock _lock = new();
    private byte[] _last = [];
    private byte[] _half = [];
    private long _taken;

    /// <summary>So many bytes of the line that waits in the FIFO are in the files already.</summary>
    private int _shown;

    public override FdInterest Interest => FdInterest.Read | FdInterest.NewsOnly;

    public override void Open()
    {
        foreach (var file in files)
            file.TryOpen();
    }

    public override OutputStep Move(bool last)
    {
        _written.ResetWrittenCount();
        _taken = 0;
        var buffer = ArrayPool<byte>.Shared.Rent(AtOnce);
        try
        {
            var outcome = Look(buffer.AsSpan(0, AtOnce), last, out var count, out var whole);
            if (outcome != ReadOutcome.Bytes)
            {
                Remember([], []);
                return outcome == ReadOutcome.End ? OutputStep.End : OutputStep.Done;
            }

            var seen = buffer.AsSpan(0, count);
            Remember(seen[..whole], seen[whole..]);
            if (whole == 0)
                return OutputStep.Done;
            form.Write(seen[..whole], DateTimeOffset.Now, _written);
            var lines = _shown == 0 ? _written : BehindWhatIsShown(seen[_shown..whole]);
            foreach (var file in files)
                file.Append(lines.WrittenSpan, this);
            _shown = 0;
            _reader.Take(whole);
            _taken = whole;
            return OutputStep.More;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public override bool HidesHalf => form.HasParts && _half.Length > _shown;

    public override void ShowHalf()
    {
        var part = new ArrayBufferWriter<byte>();
        form.WritePart(_half.AsSpan(_shown), begins: _shown == 0, DateTimeOffset.Now, part);
        foreach (var file in files)
            file.Append(part.WrittenSpan, this);
        _shown = _half.Length;
    }

    private ArrayBufferWriter<byte> BehindWhatIsShown(ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)'\n');
        var lines = new ArrayBufferWriter<byte>();
        lines.Write(end < 0 ? rest : rest[..end]);
        lines.Write("\n"u8);
        if (end >= 0 && end + 1 < rest.Length)
            form.Write(rest[(end + 1)..], DateTimeOffset.Now, lines);
        return lines;
    }

    public override long Taken => _taken;

    public override byte[] Moved() => _written.WrittenSpan.ToArray();

    public override (string Path, long End)? Place => files is [var first, ..] ? (first.Path, first.Tail(0).Position) : null;

    /// <summary>A line that the kill has cut off is still whole in the FIFO and will be written again, on a line of its own.</summary>
    public override void GoOn(ReadOnlySpan<byte> marker)
    {
        _written.ResetWrittenCount();
        if (!marker.IsEmpty)
            form.Write(marker, DateTimeOffset.Now, _written);
        foreach (var file in files)
            file.AppendBelow(_written.WrittenSpan);
    }

    /// <summary>As the worker wrote it, half a line included.</summary>
    public override byte[] LastBytes()
    {
        lock (_lock)
            return [.. _last, .. _half];
    }

    public override void Dispose()
    {
        _reader.Dispose();
        foreach (var file in files)
            file.Leave();
    }

    /// <summary>Looks, and again when more waits than was to be seen: it may have come in this moment, or be more than one look can show.</summary>
    private ReadOutcome Look(Span<byte> buffer, bool last, out int count, out int whole)
    {
        for (var before = 0; ; before = count)
        {
            var outcome = _reader.Peek(buffer, out count);
            whole = buffer[..count].LastIndexOf((byte)'\n') + 1;
            if (outcome != ReadOutcome.Bytes || whole > 0)
                return outcome;
            if (last || count == buffer.Length || count == before)
                whole = count;
            if (whole > 0 || _reader.Waiting <= count)
                return outcome;
        }
    }

    private void Remember(ReadOnlySpan<byte> taken, ReadOnlySpan<byte> half)
    {
        lock (_lock)
        {
            if (taken.Length >= Quotable)
                _last = taken[^Quotable..].ToArray();
            else if (!taken.IsEmpty)
                _last = [.. _last.AsSpan(Math.Max(0, _last.Length + taken.Length - Quotable)), .. taken];
            _half = half.ToArray();
        }
    }
}
