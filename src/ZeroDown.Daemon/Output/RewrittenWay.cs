using System.Buffers;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// Whole lines, rewritten, into any number of files (none: nowhere). They are looked at, written, and only then taken from the FIFO, so when
/// we are killed in between, the next daemon writes a line again rather than losing it. Half a line is moved out of the FIFO and waits for its end in a file of its
/// own (<see cref="HalfLine"/>), so whoever writes finds room; one that never ends is cut. After a silence (a prompt) the half is in the files too, and its end is put behind it.
/// </summary>
internal sealed class RewrittenWay(FdHandle fifo, LineForm form, SharedLog[] files, HalfLine half) : OutputWay(fifo)
{
    private const int AtOnce = 64 * 1024;

    private readonly FifoReader _reader = new(fifo);
    private readonly ArrayBufferWriter<byte> _written = new();

    /// <summary>Guards what <see cref="LastBytes"/> reads.</summary>
    private readonly Lock _lock = new();
    private byte[] _last = [];
    private long _taken;

    /// <summary>So many bytes of the half line are in the files already.</summary>
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
            while (true)
            {
                var outcome = _reader.Peek(buffer.AsSpan(0, AtOnce), out var count);
                if (outcome == ReadOutcome.Empty || (outcome == ReadOutcome.End && half.Length == 0))
                    return outcome == ReadOutcome.End ? OutputStep.End : OutputStep.Done;
                var seen = buffer.AsSpan(0, count);
                var whole = seen.LastIndexOf((byte)'\n') + 1;
                if (whole > 0 || last || outcome == ReadOutcome.End || half.Length + count >= AtOnce)
                {
                    Write(whole > 0 ? seen[..whole] : seen);
                    return OutputStep.More;
                }

                lock (_lock)
                    half.Add(_reader, seen);
                _taken += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public override bool HidesHalf => form.HasParts && half.Length > _shown;

    public override void ShowHalf()
    {
        var part = new ArrayBufferWriter<byte>();
        form.WritePart(half.Bytes[_shown..], begins: _shown == 0, DateTimeOffset.Now, part);
        foreach (var file in files)
            file.Append(part.WrittenSpan, this);
        _shown = half.Length;
    }

    /// <summary>The half first, so that a kill in between leaves the next daemon the end of a line again, and not a beginning that goes with no end.</summary>
    private void Write(ReadOnlySpan<byte> seen)
    {
        var lines = half.Length == 0 ? seen : (byte[])[.. half.Bytes, .. seen];
        form.Write(lines, DateTimeOffset.Now, _written);
        var written = _shown == 0 ? _written : BehindWhatIsShown(lines[_shown..]);
        foreach (var file in files)
            file.Append(written.WrittenSpan, this);
        _shown = 0;
        lock (_lock)
        {
            Remember(lines);
            half.Drop();
        }

        _reader.Take(seen.Length);
        _taken += seen.Length;
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

    /// <summary>A line that the kill has cut off is still whole in the FIFO, or its beginning where it was put aside, and will be written again, on a line of its own.</summary>
    public override void GoOn(ReadOnlySpan<byte> marker)
    {
        lock (_lock)
            half.TakeUp();
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
            return [.. _last, .. half.Bytes];
    }

    public override void Dispose()
    {
        lock (_lock)
            half.Drop();
        _reader.Dispose();
        foreach (var file in files)
            file.Leave();
    }

    private void Remember(ReadOnlySpan<byte> lines)
    {
        if (lines.Length >= Quotable)
            _last = lines[^Quotable..].ToArray();
        else if (!lines.IsEmpty)
            _last = [.. _last.AsSpan(Math.Max(0, _last.Length + lines.Length - Quotable)), .. lines];
    }
}
