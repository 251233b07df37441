using System.Text;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Output;

/// <summary>One stream of one worker on its way into its files. Everything here runs on the output thread but <see cref="LastLines"/>.</summary>
/// <param name="course">Whose, and where it goes.</param>
/// <param name="error">stderr or stdout.</param>
/// <param name="readEnd">Owned.</param>
/// <param name="way">How its bytes travel.</param>
/// <param name="desk">Who reads along; null: nobody may (<c>disable_logs</c>).</param>
internal sealed class OutputStream(OutputCourse course, bool error, FdHandle readEnd, OutputWay way, LogDesk? desk)
{
    private const int QuotedBytes = 4096;

    /// <summary>What Node says when it ends on an exception has its message sixteen lines above the end.</summary>
    private const int QuotedLines = 20;

    /// <summary>After so long without another byte, half a line is shown: it is a prompt or a progress bar.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private readonly LineAssembler _lines = new();
    private FdPoller? _poller;
    private Timer? _silence;
    private FdRegistration? _registration;
    private Action? _onEnd;
    private bool _ended;
    private string[]? _lastWords;

    /// <summary>For the keeper's duplicate.</summary>
    public FdHandle ReadEnd => readEnd;

    public OutputCourse Course => course;

    /// <summary>The last process that could write to it is gone, and all is read.</summary>
    public bool HasEnded => Volatile.Read(ref _ended);

    public void Start(FdPoller poller, Action onEnd)
    {
        _onEnd = onEnd;
        _poller = poller;
        // Here, so that a file which cannot be opened is known before the worker has printed anything.
        poller.Post(() =>
        {
            if (!_ended)
                way.Open();
        });
        _registration = poller.Prepare(readEnd, events =>
        {
            Read(atLeast: 0, last: events.HasFlag(FdEvents.HangUp));
            AwaitSilence();
        });
        _registration.Begin(way.Interest);
    }

    /// <summary>The same behind a daemon that was killed while it moved these bytes.</summary>
    /// <param name="poller">Whose thread reads.</param>
    /// <param name="lost">How many bytes were thrown away in between.</param>
    /// <param name="onEnd">Called at the end.</param>
    public void GoOn(FdPoller poller, long lost, Action onEnd) => poller.Post(() =>
    {
        way.GoOn(lost == 0 ? [] : Encoding.UTF8.GetBytes($"ZD | … {lost} bytes of output were lost while no daemon was there\n"));
        Start(poller, onEnd);
    });

    /// <summary>Takes all that has been written so far, and not what is written meanwhile: a grandchild may never pause.</summary>
    public void ReadWhatIsThere()
    {
        if (_ended)
            return;
        Read(readEnd.BytesWaiting, last: false);
        Read(0, last: false); // its end, when nobody else holds it
    }

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

    private void Read(long atLeast, bool last)
    {
        for (long taken = 0; !_ended;)
        {
            var step = way.Move(last);
            if (step != OutputStep.Done)
                Publish();
            if (step == OutputStep.End)
                End();
            if (step != OutputStep.More)
                return;
            taken += way.Taken;
            if (taken >= atLeast)
            {
                // So that one talkative worker does not starve the others. What is told once only must be asked for again.
                if (way.Interest.HasFlag(FdInterest.NewsOnly))
                    _registration?.Change(way.Interest);
                return;
            }
        }
    }

    private void AwaitSilence()
    {
        if (_ended || !way.HidesHalf)
            return;
        _silence ??= new Timer(_ => _poller!.Post(ShowHalf));
        _silence.Change(Silence, Timeout.InfiniteTimeSpan);
    }

    private void ShowHalf()
    {
        if (!_ended && way.HidesHalf)
            way.ShowHalf();
    }

    private void Publish()
    {
        if (desk is null || !desk.Wants(course, error))
        {
            // What was begun before nobody listened is no beginning of what the next follower will hear.
            _ = _lines.Rest();
            return;
        }

        var lines = _lines.Take(way.Moved());
        desk.Publish(course, error, [.. lines], Place());
    }

    /// <summary>Where in the file the lines end that are published; half a line comes behind it.</summary>
    private LogPlace? Place() => way.Place is var (path, end) ? new LogPlace(path, Math.Max(0, end - _lines.Begun)) : null;

    private void End()
    {
        Volatile.Write(ref _ended, true);
        _registration?.Dispose();
        _silence?.Dispose();
        if (_lines.Rest() is { } rest && desk?.Wants(course, error) == true)
            desk.Publish(course, error, [rest], Place());
        // The files close with their last writer, and answers still quote the dead.
        Volatile.Write(ref _lastWords, Quote());
        way.Dispose();
        readEnd.Dispose();
        _onEnd?.Invoke();
    }
}
