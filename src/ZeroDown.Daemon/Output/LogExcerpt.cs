using System.Buffers;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// Part of a log file, for a client. However much was asked for, no more than one piece of it is in memory, so it can be sent at the client's pace.
/// </summary>
internal sealed class LogExcerpt : IDisposable
{
    private const int PieceBytes = 16 * 1024;
    private const int ScanBytes = 64 * 1024;

    /// <summary>How far back lines are looked for: a file without line ends must not be read as a whole for its last 15 lines.</summary>
    private const long LeastLook = 1024 * 1024;
    private const long LookPerLine = 4096;

    /// <summary>Of what stands behind a position, at most the last so many bytes.</summary>
    private const long MostBehind = 1024 * 1024;

    private readonly RegularFile _file;
    private readonly long _begin;
    private readonly long _end;

    private LogExcerpt(RegularFile file, long begin, long end) => (_file, _begin, _end) = (file, begin, end);

    /// <summary>How many lines it has.</summary>
    public long Lines { get; private init; }

    /// <summary>Lines in front of it that were asked for and are left out.</summary>
    public long LeftOut { get; private init; }

    /// <summary>There are older lines that were asked for, further back than is looked.</summary>
    public bool IsCut { get; private init; }

    /// <summary>The last lines in front of a position.</summary>
    /// <returns>Null when there is no such file, or it cannot be read back.</returns>
    public static LogExcerpt? Last(string path, long end, int count)
    {
        if (count <= 0 || RegularFile.TryOpen(path) is not { } file)
            return null;
        end = Math.Min(end, file.Length);
        var (begin, lines, isCut) = Back(file, end, count, Math.Max(0, end - Math.Max(LeastLook, count * LookPerLine)));
        return new LogExcerpt(file, begin, end) { Lines = lines, IsCut = isCut };
    }

    /// <summary>What stands between two positions; of a great deal the end.</summary>
    /// <inheritdoc cref="Last"/>
    public static LogExcerpt? Behind(string path, long position, long end)
    {
        if (RegularFile.TryOpen(path) is not { } file)
            return null;
        end = Math.Min(end, file.Length);
        // A shorter file was emptied meanwhile: all of it is new.
        var asked = position > end ? 0 : position;
        var begin = Math.Max(asked, end - MostBehind);
        return new LogExcerpt(file, begin, end) { LeftOut = Count(file, asked, begin), Lines = Count(file, begin, end) };
    }

    /// <summary>Its lines, piece by piece, each with the position at which its last line ends. Half a line at the end is a line too.</summary>
    public IEnumerable<(string[] Lines, long End)> Pieces()
    {
        var lines = new LineAssembler();
        var buffer = new byte[PieceBytes];
        var at = _begin;
        while (at < _end && _file.ReadAt(at, buffer.AsSpan(0, (int)Math.Min(buffer.Length, _end - at))) is > 0 and var read)
        {
            at += read;
            if (lines.Take(buffer.AsSpan(0, read)) is { Count: > 0 } whole)
                yield return ([.. whole], at - lines.Begun);
        }

        if (lines.Rest() is { } rest)
            yield return ([rest], at);
    }

    public void Dispose() => _file.Dispose();

    private static (long Begin, long Lines, bool IsCut) Back(RegularFile file, long end, int count, long limit)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ScanBytes);
        try
        {
            var found = 0L;
            var begin = end;
            // The line end of the last line begins no line.
            for (var at = end; at > limit;)
            {
                var from = Math.Max(limit, at - ScanBytes);
                var read = file.ReadAt(from, buffer.AsSpan(0, (int)(at - from)));
                if (read < at - from)
                    return (end, 0, false); // it was emptied meanwhile
                var rest = buffer.AsSpan(0, at == end && buffer[read - 1] == (byte)'\n' ? read - 1 : read);
                for (int newline; (newline = rest.LastIndexOf((byte)'\n')) >= 0; rest = rest[..newline])
                {
                    begin = from + newline + 1;
                    if (++found == count)
                        return (begin, found, false);
                }

                at = from;
            }

            return limit > 0
                ? (found > 0 ? begin : limit, Math.Max(1, found), true)
                : (0, end > 0 ? found + 1 : 0, false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static long Count(RegularFile file, long begin, long end)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ScanBytes);
        try
        {
            var lines = 0L;
            for (int read; begin < end && (read = file.ReadAt(begin, buffer.AsSpan(0, (int)Math.Min(ScanBytes, end - begin)))) > 0; begin += read)
                lines += buffer.AsSpan(0, read).Count((byte)'\n');
            return lines;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
