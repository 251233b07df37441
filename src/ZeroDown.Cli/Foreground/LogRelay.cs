using System.Threading.Channels;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Foreground;

/// <summary>
/// Between the daemon's log lines and a stdout that somebody reads as fast as he likes. Up to <see cref="Room"/> is kept for a slow reader; what comes beyond that is left
/// out, counted and said. So neither the daemon nor a worker ever waits for a terminal, a pipe or a container's log driver.
/// </summary>
/// <param name="print">Prints one note; may block.</param>
/// <param name="daemonSpoke">Called when the daemon has said something, or lines may have been missed.</param>
internal sealed class LogRelay(Action<LogNote> print, Action daemonSpoke) : IClientNotices
{
    /// <summary>Bytes of text, roughly.</summary>
    public const long Room = 32 * 1024 * 1024;

    private readonly Channel<(LogNote Note, long Cost)> _waiting = Channel.CreateUnbounded<(LogNote, long)>(new() { SingleReader = true });
    private readonly Lock _gate = new();
    private long _held;
    private long _dropped;
    private Task? _printing;

    public void Start() => _printing = Task.Factory.StartNew(Print, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    public void Progress(ProgressNote note)
    {
        // What happens is in the daemon's own lines.
    }

    public void Log(LogNote note)
    {
        var cost = note.Weigh();
        lock (_gate)
        {
            if (_held + cost > Room)
            {
                _dropped += note.Lines.Length + note.Dropped;
            }
            else
            {
                _held += cost;
                _waiting.Writer.TryWrite((_dropped > 0 ? note with { Dropped = note.Dropped + _dropped } : note, cost));
                _dropped = 0;
            }
        }

        if (note.Stream == "daemon" || note.Dropped > 0)
            daemonSpoke();
    }

    /// <summary>No more will come; waits until what there is has been printed.</summary>
    /// <param name="patience">For a reader who does not read.</param>
    public async Task FinishAsync(TimeSpan patience)
    {
        lock (_gate)
        {
            if (_dropped > 0)
                _waiting.Writer.TryWrite((new LogNote { Stream = "daemon", Dropped = _dropped }, 0));
        }

        _waiting.Writer.TryComplete();
        if (_printing is { } printing)
            await Task.WhenAny(printing, Task.Delay(patience));
    }

    private async Task Print()
    {
        await foreach (var (note, cost) in _waiting.Reader.ReadAllAsync())
        {
            print(note);
            lock (_gate)
                _held -= cost;
        }
    }
}
