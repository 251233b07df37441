namespace ZeroDown.Platform;

/// <summary>Moves a worker's output from its FIFO into a log file without holding it: what splice(2) has taken is in the file, so killing us loses nothing.</summary>
/// <remarks>
/// A full or broken disk, or a FIFO that nobody reads, must not stop the worker: what cannot be written is read away and counted. Where splice is not to be had (macOS, a file system or
/// device without it), the bytes are read and written, and a kill in between loses at most one buffer.
/// </remarks>
public static unsafe class Splicer
{
    private const int BufferSize = 64 * 1024;

    /// <param name="fifo">Our end of an <see cref="OutputFifo"/>, non-blocking.</param>
    /// <param name="file">Where to.</param>
    /// <param name="limit">Stops after about this many bytes, so that one talkative worker does not starve the others.</param>
    /// <param name="left">Whether more waits (<see cref="ReadOutcome.Bytes"/>), nothing is there now, or the last writer is gone and all is read.</param>
    /// <returns>What happened to the bytes; <c>Written</c> of them begin at <c>Position</c>.</returns>
    public static LogWrite Move(FdHandle fifo, LogFile file, int limit, out ReadOutcome left)
    {
        file.FollowSize();
        var began = file.Position;
        long written = 0;
        long waitedAt = -1;
        while (written < limit)
        {
            // Asked before: what the worker prints in between must not be taken for what found no room.
            var waits = !file.IsRegular && fifo.BytesWaiting > 0;
            var count = OperatingSystem.IsLinux() ? SpliceOnce(fifo, file, limit - written) : -1;
            if (count > 0)
            {
                written += count;
                continue;
            }

            if (count == 0)
            {
                left = ReadOutcome.End;
                return new LogWrite(written, began, 0, Errno.None);
            }

            var errno = OperatingSystem.IsLinux() ? Errno.Last : Errno.EINVAL;
            if (errno == Errno.EINTR)
            {
                continue;
            }

            if (errno == Errno.EAGAIN && !waits)
            {
                left = ReadOutcome.Empty;
                return new LogWrite(written, began, 0, Errno.None);
            }

            // Not the worker's FIFO is empty, but what stands in the file's place is full. A reader that is only slow keeps us waiting once in a passage; then others come first.
            if (errno == Errno.EAGAIN && written > waitedAt)
            {
                if (waitedAt >= 0)
                {
                    left = ReadOutcome.Bytes;
                    return new LogWrite(written, began, 0, Errno.None);
                }

                if (file.HasRoomSoon())
                {
                    waitedAt = written;
                    continue;
                }
            }

            if (errno == Errno.EINVAL || errno == Errno.ESPIPE || errno == Errno.ENOSYS)
            {
                return ReadAndWrite(fifo, file, limit, began, written, out left);
            }

            var gone = Discard(fifo, int.MaxValue, out left, out var lines);
            return new LogWrite(written, began, gone, errno, lines);
        }

        left = ReadOutcome.Bytes;
        return new LogWrite(written, began, 0, Errno.None);
    }

    /// <summary>Reads away what waits now, up to a limit in bytes.</summary>
    /// <returns>How many bytes are gone.</returns>
    public static long Discard(FdHandle fifo, int limit, out ReadOutcome left, out long lines)
    {
        // Not until it is empty: a worker that writes as fast as we read would hold us for ever.
        var target = Math.Min(limit, fifo.BytesWaiting);
        Span<byte> buffer = stackalloc byte[16 * 1024];
        long gone = 0;
        left = ReadOutcome.Bytes;
        lines = 0;
        do
        {
            // Once also when nothing waits: only a read tells an empty FIFO from one that nobody can write to any more.
            left = fifo.Read(target == 0 ? buffer : buffer[..(int)Math.Min(buffer.Length, target - gone)], out var count);
            gone += count;
            lines += buffer[..count].Count((byte)'\n');
        }
        while (gone < target && left == ReadOutcome.Bytes);

        return gone;
    }

    private static nint SpliceOnce(FdHandle fifo, LogFile file, long count)
    {
        var position = file.Position;
        var moved = Interop.Splice(fifo, null, file.Handle, file.IsRegular ? &position : null, (nint)count, Constants.SPLICE_F_MOVE | Constants.SPLICE_F_NONBLOCK);
        if (moved > 0)
        {
            file.Advance(moved);
        }

        return moved;
    }

    private static LogWrite ReadAndWrite(FdHandle fifo, LogFile file, int limit, long began, long written, out ReadOutcome left)
    {
        Span<byte> buffer = stackalloc byte[BufferSize];
        left = ReadOutcome.Bytes;
        while (written < limit)
        {
            left = fifo.Read(buffer, out var count);
            if (left != ReadOutcome.Bytes)
            {
                break;
            }

            var one = file.Append(buffer[..count]);
            written += one.Written;
            if (one.Lost > 0)
            {
                return new LogWrite(written, began, one.Lost, one.Error, one.LostLines);
            }
        }

        return new LogWrite(written, began, 0, Errno.None);
    }
}
