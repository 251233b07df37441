using System.Collections.Immutable;
using ZeroDown.Core.Apps;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Output;

/// <summary>A client that follows logs. New lines wait until the last lines of the files have been sent, up to <see cref="MostHeld"/>; the rest is counted.</summary>
internal sealed class LogFollower(LogsCommand command, ImmutableArray<(AppName App, ImmutableArray<int>? Slots)>? targets, IClientNotices client)
{
    /// <summary>Bytes of text, roughly. <see cref="MissedLines"/> hands over as much at once.</summary>
    private const long MostHeld = MissedLines.Room;

    private readonly Lock _gate = new();
    private Queue<LogNote>? _held = new();
    private long _heldBytes;
    private long _dropped;
    private int _left;

    /// <summary>New lines are sent to it; read and set on the output thread.</summary>
    public bool HasBegun { get; set; }

    /// <summary>True the first time.</summary>
    public bool Leaves() => Interlocked.Exchange(ref _left, 1) == 0;

    public bool WantsDaemon => targets is null && command.Out;

    public bool Wants(AppName app, int slot, bool error) =>
        (error ? command.Error : command.Out)
        && (targets is not { } some || some.Any(target => target.App == app && (target.Slots?.Contains(slot) ?? true)));

    /// <summary>From any thread.</summary>
    public void Send(LogNote note)
    {
        lock (_gate)
        {
            var size = note.Weigh();
            if (_held is not { } held)
            {
                client.Log(note);
            }
            else if (_dropped > 0 || _heldBytes + size > MostHeld)
            {
                // One gap, at the end.
                _dropped += note.Lines.Length + note.Dropped;
            }
            else
            {
                _heldBytes += size;
                held.Enqueue(note);
            }
        }
    }

    /// <summary>Sends what was missed before, as far as this client wants it.</summary>
    public void Take(LogNote note, int slot)
    {
        if (note.App is { } app ? Wants(new AppName(app), slot, note.Stream == "err") : WantsDaemon)
            Send(note);
    }

    /// <summary>The last lines are sent: new lines come from now on.</summary>
    public void GoOn()
    {
        lock (_gate)
        {
            if (_held is not { } held)
                return;
            foreach (var note in held)
                client.Log(note);
            if (_dropped > 0)
                client.Log(new LogNote { Stream = "daemon", Dropped = _dropped });
            _held = null;
        }
    }
}
