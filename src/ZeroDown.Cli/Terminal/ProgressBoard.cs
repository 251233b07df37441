using ZeroDown.Protocol;

namespace ZeroDown.Cli.Terminal;

/// <summary>
/// What a command is doing, while it does it. On a terminal one line per worker is drawn again whenever that worker takes
/// a step; anywhere else each step is a line of its own, in the words of the daemon's log.
/// </summary>
internal sealed class ProgressBoard(Screen screen) : IClientNotices
{
    private readonly List<(long Worker, string Line)> _lines = [];
    private readonly Lock _gate = new();
    private int _drawn;

    public void Progress(ProgressNote note)
    {
        if (screen.Silent)
            return;
        lock (_gate)
        {
            if (screen.ErrorIsTerminal)
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
            var line = $"  {Screen.Safe(note.App ?? "")}:{note.PmId}".PadRight(20) + $" {Status(status)}";
            var known = _lines.FindIndex(entry => entry.Worker == worker);
            if (known < 0)
                _lines.Add((worker, line));
            else
                _lines[known] = (worker, line);
        }
        else
        {
            above = screen.Paint($"  {Screen.Safe(note.Text)}", Ansi.Dim, terminal: true) + "\n";
        }

        // A board higher than the terminal cannot be drawn over: keep its last lines.
        var shown = _lines.TakeLast(20).Select(entry => entry.Line + "\n").ToList();
        screen.Error.Write(Ansi.UpAndClear(_drawn) + above + string.Concat(shown));
        screen.Error.Flush();
        _drawn = shown.Count;
    }

    private string Status(string status) => screen.Paint(Screen.Safe(status), StatusColor.Of(status), terminal: true);
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
