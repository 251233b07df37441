using System.Collections.Concurrent;
using ZeroDown.Core.Supervision;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// Moves what workers print from their FIFOs into log files. The bytes go from kernel to kernel (splice); they are read again,
/// out of the page cache, only when somebody follows or a worker's last words are wanted; lines that are rewritten, or go into more
/// than one file, pass through our hands (<see cref="RewrittenWay"/>). They never pass the mailbox.
/// </summary>
internal sealed class OutputPump(FdPoller poller, LogDesk desk, LogFiles files, LogPaths paths)
{
    private readonly ConcurrentDictionary<(long Worker, bool Error), OutputStream> _streams = new();
    private readonly ConcurrentQueue<long> _ended = new();

    /// <summary>How many workers that are gone stay quotable.</summary>
    private const int Remembered = 64;

    /// <summary>Begins to read one stream of a worker. It ends by itself, when the last process that can write to it is gone.</summary>
    /// <param name="order">Whose.</param>
    /// <param name="error">stderr or stdout.</param>
    /// <param name="readEnd">Owned from now on.</param>
    /// <param name="path">The log file.</param>
    /// <param name="release">Called at the end of the stream.</param>
    public OutputStream Read(LaunchWorker order, bool error, FdHandle readEnd, string path, Action release)
    {
        var stream = new OutputStream(order, error, readEnd, Way(order, error, readEnd, path), order.Spec.Log.Disabled ? null : desk);
        _streams[(order.Worker.Number, error)] = stream;
        stream.Start(poller, () =>
        {
            release();
            Remember(order.Worker.Number);
        });
        return stream;
    }

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

    private OutputWay Way(LaunchWorker order, bool error, FdHandle readEnd, string path)
    {
        var form = new LineForm(order, error);
        string[] wanted = [.. new[] { path, paths.Combined(order.Spec, order.PmId) }.OfType<string>().Where(one => one != LogPaths.Nowhere).Distinct()];
        return form.IsPlain && wanted is [var only]
            ? new SplicedWay(readEnd, files.Open(only))
            : new RewrittenWay(readEnd, form, [.. wanted.Select(files.Open)]);
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
