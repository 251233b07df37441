using ZeroDown.Protocol;

namespace ZeroDown.Cli.Terminal;

/// <summary>
/// What a command is doing, while it does it. On a terminal one line per worker is drawn again whenever that worker takes
/// a step; anywhere else each step is a line of its own, in the words of the daemon's log.
/// </summary>
internal sealed class ProgressBoard(Screen screen) : IClientNotices
{
    private readonly List<(long Worker, bool Old, string Line)> _lines = [];
    private readonly Lock _gate = new();
    private int _drawn;

    public void Progress(ProgressNote note)
    {
        if (screen.Silent)
            return;
        lock (_gate)
        {
            if (screen.ErrorIsDrawn)
                Redraw(note);
            else
                screen.Error.WriteLine($"ZD | {Screen.Safe(note.Text)}");
        }
    }

    public void Log(LogNote note)
    {
        // Only `zd logs` asks for lines.
    }

    private void Redraw(ProgressNote note)
    {
        var above = "";
        if (note is { Worker: { } worker, Status: { } status })
        {
            var known = _lines.FindIndex(entry => entry.Worker == worker);
            // The old worker of a roll stands below its successor, under the same number.
            var old = status == "draining" || (known >= 0 && _lines[known].Old);
            var line = (worker, old, Line($"{Screen.Safe(note.App ?? "")}:{(old ? "_old_" : "")}{note.PmId}", Screen.Safe(status)));
            if (known < 0)
                _lines.Add(line);
            else
                _lines[known] = line;
        }
        else
        {
            above = screen.Paint($"  {Screen.Safe(note.Text)}", Ansi.Dim, terminal: true) + "\n";
        }

        // A board higher than the terminal cannot be drawn over: keep its last lines.
        var shown = _lines.TakeLast(Math.Max(1, screen.Height - 2)).Select(entry => entry.Line + "\n").ToList();
        screen.Error.Write(Ansi.UpAndClear(_drawn) + above + string.Concat(shown));
        screen.Error.Flush();
        _drawn = shown.Count;
    }

    /// <summary>On one line of the terminal whatever its width: a line that is wrapped cannot be drawn over.</summary>
    private string Line(string name, string status)
    {
        var room = Math.Max(1, screen.Width - status.Length - 4);
        var shown = name.Length <= room ? name : string.Concat("…", name.AsSpan(name.Length - room + 1));
        return $"  {shown}".PadRight(Math.Min(20, room + 2)) + $" {screen.Paint(status, StatusColor.Of(status), terminal: true)}";
    }
}

/// <summary>pm2's colours.</summary>
internal static class StatusColor
{
    public static string Of(string status) => status switch
    {
        "online" => Ansi.Green,
        "launching" => Ansi.Blue,
        "draining" or "stopping" or "waiting restart" => Ansi.Yellow,
        _ => Ansi.Red,
    };
}
