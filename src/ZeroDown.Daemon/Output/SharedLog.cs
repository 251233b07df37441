using System.Text;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// A log file with everybody who writes to it. A disk that is full, or a file that cannot be opened, never stops a worker: its
/// output is read away and counted, and the file tells about it as soon as it can be written again.
/// </summary>
/// <remarks>Used on the output thread, but for <see cref="Read"/>, <see cref="Truncate"/>, <see cref="Reopen"/> and <see cref="Problem"/>.</remarks>
internal sealed class SharedLog(string path, FileUser? user, DaemonLog log, Action leave, Func<TimeSpan> now)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>So that one talkative worker does not starve the others.</summary>
    private const int AtOnce = 1024 * 1024;

    private readonly object _gate = new();
    private LogFile? _file;

    /// <summary>Which file has the name: offsets of an earlier one mean nothing in it.</summary>
    private int _edition;
    private string? _problem;

    /// <summary>Why it could not be opened the last time.</summary>
    private string? _closed;
    private TimeSpan _pause = FirstPause;
    private TimeSpan _nextTry;
    private long _droppedBytes;
    private long _droppedLines;

    /// <summary>Who has begun the line at the end of the file; null when it has ended.</summary>
    private object? _lineOf;

    public string Path => path;

    /// <summary>Opens it, if that can be done now.</summary>
    public void TryOpen()
    {
        lock (_gate)
            _ = Opened();
    }

    /// <summary>A sentence for people when output is dropped because it cannot be opened or written; null when all is well.</summary>
    public string? Problem()
    {
        lock (_gate)
        {
            // A worker that is silent now must not keep a problem alive that has passed.
            if (Opened() is { } file && _droppedBytes > 0)
                TellDropped(file);
            return _closed is not null ? $"the log file {path} cannot be opened ({_closed}): what is printed there is dropped, and it is tried again"
                : _droppedBytes > 0 ? $"the log file {path} cannot be written ({_problem}): {_droppedLines} lines were dropped so far"
                : null;
        }
    }

    /// <summary>Takes what waits in a FIFO.</summary>
    public LogPassage Take(FdHandle fifo)
    {
        lock (_gate)
        {
            if (Opened() is not { } file)
            {
                var lost = Splicer.Discard(fifo, AtOnce, out var after, out var lines);
                (_droppedBytes, _droppedLines) = (_droppedBytes + lost, _droppedLines + lines);
                return new LogPassage(_edition, 0, 0, lost, after == ReadOutcome.End);
            }

            if (_droppedBytes > 0)
                TellDropped(file);
            EndLineOfOthers(file, null);
            var moved = Splicer.Move(fifo, file, AtOnce, out var left);
            if (moved.Lost > 0)
                Drop(moved);
            return new LogPassage(_edition, moved.Position, (int)moved.Written, moved.Lost, left == ReadOutcome.End);
        }
    }

    /// <summary>Writes lines of which the FIFO still has the original. Half a line may be the last one; what others write comes below it.</summary>
    public void Append(ReadOnlySpan<byte> lines, object? writer = null)
    {
        lock (_gate)
        {
            if (Opened() is not { } file)
            {
                (_droppedBytes, _droppedLines) = (_droppedBytes + lines.Length, _droppedLines + lines.Count((byte)'\n'));
                return;
            }

            if (_droppedBytes > 0)
                TellDropped(file);
            EndLineOfOthers(file, writer);
            var done = file.Append(lines);
            if (done.Lost > 0)
                Drop(done);
            _lineOf = lines is [.., not (byte)'\n'] ? writer : null;
        }
    }

    private void EndLineOfOthers(LogFile file, object? writer)
    {
        if (_lineOf is not null && !ReferenceEquals(_lineOf, writer))
            file.Append("\n"u8);
        _lineOf = null;
    }

    /// <summary>Writes lines of our own below whatever stands there, half a line too.</summary>
    public void AppendBelow(ReadOnlySpan<byte> lines)
    {
        lock (_gate)
        {
            Span<byte> last = stackalloc byte[1];
            if (Opened() is not { } file)
                return;
            _lineOf = null;
            var (_, begin, length) = Tail(1);
            if (length > 0 && file.ReadAt(begin, last) == 1 && last[0] != (byte)'\n')
                Append("\n"u8);
            if (!lines.IsEmpty)
                Append(lines);
        }
    }

    /// <summary>Where the last bytes of the file stand.</summary>
    /// <param name="most">How many at most.</param>
    public (int Edition, long Position, int Length) Tail(int most)
    {
        lock (_gate)
        {
            if (Opened() is not { } file)
                return (_edition, 0, 0);
            var length = (int)Math.Min(most, file.Length);
            return (_edition, file.Length - length, length);
        }
    }

    /// <summary>Reads back what was written; shorter when somebody has truncated the file meanwhile, nothing when another file has its name now.</summary>
    public byte[] Read(int edition, long position, int count)
    {
        lock (_gate)
        {
            if (_file is null || count <= 0 || edition != _edition)
                return [];
            var bytes = new byte[count];
            var read = _file.ReadAt(position, bytes);
            return read == count ? bytes : bytes[..read];
        }
    }

    public void Truncate()
    {
        lock (_gate)
        {
            _file?.Truncate();
            _edition++;
            _lineOf = null;
        }
    }

    /// <summary>Goes on in the file that has the path's name now, which is made if there is none.</summary>
    public void Reopen()
    {
        lock (_gate)
        {
            _file?.Reopen();
            _edition++;
            _lineOf = null;
        }
    }

    /// <summary>One writer less; the last one closes the file.</summary>
    public void Leave() => leave();

    public void Close()
    {
        lock (_gate)
        {
            if (_droppedBytes > 0 && _file is { } file)
                TellDropped(file);
            if (_droppedBytes > 0)
                log.OutputLost(path, _droppedLines, _droppedBytes, _problem ?? "it could not be opened");
            _file?.Dispose();
            _file = null;
        }
    }

    private LogFile? Opened()
    {
        if (_file is not null)
            return _file;
        if (_closed is not null && now() < _nextTry)
            return null;
        try
        {
            _file = LogFile.Open(path, user);
            if (_closed is not null)
                log.OutputFileOpened(path);
            (_closed, _pause) = (null, FirstPause);
            return _file;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or SystemCallException)
        {
            if (_problem != problem.Message)
                log.OutputFileFailed(path, problem.Message);
            _problem = _closed = problem.Message;
            // The pause ends a storm of attempts by a worker that prints without end.
            _nextTry = now() + _pause;
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
            return null;
        }
    }

    private void Drop(LogWrite write)
    {
        _problem = write.Error == Errno.EAGAIN ? "it is full, and nobody reads it" : write.Error.ToString();
        if (_droppedBytes == 0)
            log.OutputDropped(path, _problem);
        (_droppedBytes, _droppedLines) = (_droppedBytes + write.Lost, _droppedLines + write.LostLines);
    }

    private void TellDropped(LogFile file)
    {
        var marker = Encoding.UTF8.GetBytes($"ZD | {_droppedLines} lines ({_droppedBytes} bytes) were dropped here: {_problem}\n");
        if (file.Append(marker).Lost > 0)
            return;
        log.OutputWrittenAgain(path, _droppedLines, _droppedBytes);
        (_droppedBytes, _droppedLines) = (0, 0);
    }
}

/// <summary>What one look into a FIFO brought.</summary>
/// <param name="Edition">Of the file.</param>
/// <param name="Offset">Where the bytes begin in the file.</param>
/// <param name="Bytes">How many are in the file now.</param>
/// <param name="Lost">How many could not be written.</param>
/// <param name="EndOfStream">The last writer is gone.</param>
internal readonly record struct LogPassage(int Edition, long Offset, int Bytes, long Lost, bool EndOfStream);
