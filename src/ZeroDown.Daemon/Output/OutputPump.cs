using System.Collections.Concurrent;
using System.Globalization;
using ZeroDown.Core.Supervision;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// Moves what workers print from their FIFOs into log files. The bytes go from kernel to kernel (splice); they are read again,
/// out of the page cache, only when somebody follows or a worker's last words are wanted; lines that are rewritten, or go into more
/// than one file, pass through our hands (<see cref="RewrittenWay"/>). They never pass the mailbox.
/// </summary>
/// <param name="poller">Whose thread reads.</param>
/// <param name="desk">Who follows.</param>
/// <param name="files">The log files.</param>
/// <param name="run">A folder that only we can write, where half lines wait for their ends.</param>
internal sealed class OutputPump(FdPoller poller, LogDesk desk, LogFiles files, string run)
{
    private readonly ConcurrentDictionary<(long Worker, bool Error), OutputStream> _streams = new();
    private readonly ConcurrentQueue<long> _ended = new();

    /// <summary>How many workers that are gone stay quotable.</summary>
    private const int Remembered = 64;

    /// <summary>Begins to read one stream of a worker. It ends by itself, when the last process that can write to it is gone.</summary>
    /// <param name="worker">Whose.</param>
    /// <param name="course">Where it goes.</param>
    /// <param name="error">stderr or stdout.</param>
    /// <param name="readEnd">Owned from now on.</param>
    /// <param name="release">Called at the end of the stream.</param>
    public OutputStream Read(WorkerId worker, OutputCourse course, bool error, FdHandle readEnd, Action release)
    {
        var stream = Add(worker, course, error, readEnd, isFresh: true);
        stream.Start(poller, () => End(worker, release));
        return stream;
    }

    /// <summary>Goes on where another daemon was killed.</summary>
    /// <param name="worker">Whose.</param>
    /// <param name="course">Where it went.</param>
    /// <param name="error">stderr or stdout.</param>
    /// <param name="readEnd">Owned from now on.</param>
    /// <param name="lost">How many bytes were thrown away in between.</param>
    /// <param name="release">Called at the end of the stream.</param>
    public OutputStream GoOn(WorkerId worker, OutputCourse course, bool error, FdHandle readEnd, long lost, Action release)
    {
        var stream = Add(worker, course, error, readEnd, isFresh: false);
        stream.GoOn(poller, lost, () => End(worker, release));
        return stream;
    }

    /// <summary>One of the worker's streams has not ended yet.</summary>
    public bool IsRead(WorkerId worker) =>
        (_streams.TryGetValue((worker.Number, false), out var output) && !output.HasEnded)
        || (_streams.TryGetValue((worker.Number, true), out var error) && !error.HasEnded);

    /// <summary>The last lines that a worker wrote to stderr, or to stdout when it wrote nothing there.</summary>
    public string[] LastLines(WorkerId worker)
    {
        foreach (var error in (ReadOnlySpan<bool>)[true, false])
        {
            if (_streams.TryGetValue((worker.Number, error), out var stream) && stream.LastLines() is { Length: > 0 } lines)
                return lines;
        }

        return [];
    }

    private OutputStream Add(WorkerId worker, OutputCourse course, bool error, FdHandle readEnd, bool isFresh)
    {
        var half = new HalfLine(Path.Combine(run, string.Create(CultureInfo.InvariantCulture, $"{HalfLine.NamePrefix}{worker.Number}-{(error ? "err" : "out")}")));
        if (isFresh)
            half.Forget();
        return _streams[(worker.Number, error)] = new OutputStream(course, error, readEnd, Way(course, error, readEnd, half), course.Disabled ? null : desk);
    }

    private OutputWay Way(OutputCourse course, bool error, FdHandle readEnd, HalfLine half)
    {
        var form = new LineForm(course, error);
        var wanted = course.Files(error);
        // What a FIFO, a terminal or a device has taken cannot be read back, for followers and last words: it passes through our hands.
        return form.IsPlain && wanted is [var only] && LogFile.CanBeReadBack(only)
            ? new SplicedWay(readEnd, files.Open(only, course.User))
            : new RewrittenWay(readEnd, form, [.. wanted.Select(path => files.Open(path, course.User))], half);
    }

    private void End(WorkerId worker, Action release)
    {
        release();
        Remember(worker.Number);
    }

    /// <summary>Ended streams stay for a while, because answers quote the dead.</summary>
    private void Remember(long worker)
    {
        _ended.Enqueue(worker);
        if (_ended.Count > 2 * Remembered && _ended.TryDequeue(out var oldest))
        {
            _streams.TryRemove((oldest, true), out _);
            _streams.TryRemove((oldest, false), out _);
        }
    }
}
