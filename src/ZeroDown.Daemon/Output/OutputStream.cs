using ZeroDown.Core.Supervision;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Output;

/// <summary>One stream of one worker on its way into its files. Everything here runs on the output thread but <see cref="LastLines"/>.</summary>
/// <param name="order">Whose.</param>
/// <param name="error">stderr or stdout.</param>
/// <param name="readEnd">Owned.</param>
/// <param name="way">How its bytes travel.</param>
/// <param name="desk">Who reads along; null: nobody may (<c>disable_logs</c>).</param>
internal sealed class OutputStream(LaunchWorker order, bool error, FdHandle readEnd, OutputWay way, LogDesk? desk)
{
    private const int QuotedBytes = 4096;
    private const int QuotedLines = 10;

    private readonly LineAssembler _lines = new();
    private FdRegistration? _registration;
    private Action? _onEnd;
    private bool _ended;
    private string[]? _lastWords;

    /// <summary>For the keeper's duplicate.</summary>
    public FdHandle ReadEnd => readEnd;

    public void Start(FdPoller poller, Action onEnd)
    {
        _onEnd = onEnd;
        _registration = poller.Register(readEnd, way.Interest, events => Read(once: true, last: events.HasFlag(FdEvents.HangUp)));
    }

    /// <summary>Takes all that has been written so far.</summary>
    public void ReadWhatIsThere() => Read(once: false, last: false);

    public string[] LastLines()
    {
        var lines = Quote();
        return Volatile.Read(ref _lastWords) ?? lines;
    }

    private string[] Quote()
    {
        var all = way.LastBytes();
        return Output.LastLines.Of(all.Length > QuotedBytes ? all.AsSpan()[^QuotedBytes..] : all, QuotedLines);
    }

    private void Read(bool once, bool last)
    {
        while (!_ended)
        {
            var step = way.Move(last);
            if (step != OutputStep.Done)
                Publish();
            if (step == OutputStep.End)
                End();
            if (step != OutputStep.More)
                return;
            if (once)
            {
                // So that one talkative worker does not starve the others. Told once only, the rest must be asked for.
                if (way.Interest.HasFlag(FdInterest.NewsOnly))
                    _registration?.Change(way.Interest);
                return;
            }
        }
    }

    private void Publish()
    {
        if (desk is not { HasFollowers: true })
            return;
        var lines = _lines.Take(way.Moved());
        desk.Publish(order.Spec.Name, order.Slot, order.PmId, error, [.. lines], DateTimeOffset.UtcNow);
    }

    private void End()
    {
        _ended = true;
        _registration?.Dispose();
        if (_lines.Rest() is { } rest && desk is { HasFollowers: true })
            desk.Publish(order.Spec.Name, order.Slot, order.PmId, error, [rest], DateTimeOffset.UtcNow);
        // The files close with their last writer, and answers still quote the dead.
        Volatile.Write(ref _lastWords, Quote());
        way.Dispose();
        readEnd.Dispose();
        _onEnd?.Invoke();
    }
}
