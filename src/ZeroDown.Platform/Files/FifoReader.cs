namespace ZeroDown.Platform;

/// <summary>Reads a FIFO in two steps, look and take, for lines that are rewritten on their way (timestamps, JSON).</summary>
/// <remarks>
/// tee(2) copies without taking: when we are killed between look and take, the next reader sees the same bytes again. A line may come twice, but none is lost.
/// Without tee (macOS) the bytes are ours once looked at. Not thread-safe.
/// </remarks>
public sealed class FifoReader : IDisposable
{
    private readonly FdHandle _fifo;
    private readonly FdHandle? _scratchOut;
    private readonly FdHandle? _scratchIn;
    private byte[] _held = [];

    /// <param name="fifo">Our end of an <see cref="OutputFifo"/>; stays the caller's.</param>
    public FifoReader(FdHandle fifo)
    {
        _fifo = fifo;
        if (OperatingSystem.IsLinux())
        {
            (_scratchOut, _scratchIn) = Pipes.Create(nonBlocking: true);
            Fifo.Widen(_scratchIn);
        }
    }

    /// <summary>Bytes that wait, also those that one look cannot show at once.</summary>
    public int Waiting => OperatingSystem.IsLinux() ? _fifo.BytesWaiting : _held.Length + _fifo.BytesWaiting;

    /// <summary>Copies what waits, from its start, into the buffer.</summary>
    public ReadOutcome Peek(Span<byte> buffer, out int count) => OperatingSystem.IsLinux() ? PeekByTee(buffer, out count) : PeekByHolding(buffer, out count);

    /// <summary>Takes bytes that were looked at.</summary>
    public void Take(int count)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Splicer.Discard(_fifo, count, out _, out _);
        }
        else
        {
            _held = _held[count..];
        }
    }

    /// <summary>Moves bytes that were looked at into a regular file; with splice(2) none of them is ever in both or in neither.</summary>
    /// <param name="file">Where to.</param>
    /// <param name="position">From which byte on.</param>
    /// <param name="seen">What was looked at.</param>
    /// <returns>How many are in the file; fewer than asked for when it takes no more. The others still wait.</returns>
    internal unsafe int MoveTo(FdHandle file, long position, ReadOnlySpan<byte> seen)
    {
        var moved = 0;
        while (OperatingSystem.IsLinux() && moved < seen.Length)
        {
            var at = position + moved;
            var count = Interop.Splice(_fifo, null, file, &at, seen.Length - moved, Constants.SPLICE_F_MOVE | Constants.SPLICE_F_NONBLOCK);
            if (count > 0)
            {
                moved += (int)count;
            }
            else if (count == 0 || Errno.Last != Errno.EINTR)
            {
                break;
            }
        }

        if (moved > 0 || (OperatingSystem.IsLinux() && Errno.Last != Errno.EINVAL))
        {
            return moved;
        }

        // A file system, or a system, without splice: a kill in between leaves the bytes in both.
        fixed (byte* bytes = seen)
        {
            moved = (int)Math.Max(0, Interop.PWrite(file, bytes, seen.Length, position));
        }

        Take(moved);
        return moved;
    }

    public void Dispose()
    {
        _scratchOut?.Dispose();
        _scratchIn?.Dispose();
    }

    private unsafe ReadOutcome PeekByTee(Span<byte> buffer, out int count)
    {
        count = 0;
        nint copied;
        while ((copied = Interop.Tee(_fifo, _scratchIn!, buffer.Length, Constants.SPLICE_F_NONBLOCK)) < 0)
        {
            if (Errno.Last == Errno.EAGAIN)
            {
                return ReadOutcome.Empty;
            }

            if (Errno.Last != Errno.EINTR)
            {
                throw SystemCallException.FromLast("tee");
            }
        }

        while (count < copied && _scratchOut!.Read(buffer[count..(int)copied], out var one) == ReadOutcome.Bytes)
        {
            count += one;
        }

        return copied == 0 ? ReadOutcome.End : ReadOutcome.Bytes;
    }

    private ReadOutcome PeekByHolding(Span<byte> buffer, out int count)
    {
        if (_held.Length == 0)
        {
            var outcome = _fifo.Read(buffer, out count);
            if (outcome != ReadOutcome.Bytes)
            {
                return outcome;
            }

            _held = buffer[..count].ToArray();
            return outcome;
        }

        count = Math.Min(buffer.Length, _held.Length);
        _held.AsSpan(0, count).CopyTo(buffer);
        return ReadOutcome.Bytes;
    }
}
