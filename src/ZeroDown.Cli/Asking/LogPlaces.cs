using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

/// <summary>Remembers up to where each log file was shown, so that whoever follows goes on there behind another daemon.</summary>
internal sealed class LogPlaces(IClientNotices notices) : IClientNotices
{
    private readonly Dictionary<string, long> _ends = new(StringComparer.Ordinal);

    public void Progress(ProgressNote note) => notices.Progress(note);

    public void Log(LogNote note)
    {
        if (note is { Source: { } file, End: { } end })
        {
            lock (_ends)
                _ends[file] = end;
        }

        if (note.Lines.Length > 0 || note.Dropped > 0)
            notices.Log(note);
    }

    public Task RoomAsync(CancellationToken cancellation) => notices.RoomAsync(cancellation);

    /// <summary>File by file.</summary>
    public Dictionary<string, long> Ends()
    {
        lock (_ends)
            return new Dictionary<string, long>(_ends, StringComparer.Ordinal);
    }
}
