using System.Text.RegularExpressions;
using Xunit;
using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Cli.Terminal;

/// <summary>What a command shows while it works.</summary>
public sealed partial class ProgressBoardTests : IDisposable
{
    private readonly StringWriter _error = new();

    public void Dispose() => _error.Dispose();

    [Fact]
    public void On_a_terminal_the_old_worker_of_a_roll_has_another_name_than_its_successor()
    {
        var board = Board(terminal: true);
        board.Progress(Note(2, "launching"));
        board.Progress(Note(2, "online"));
        board.Progress(Note(1, "draining"));
        board.Progress(Note(1, "stopped"));

        Assert.Equal(["  web:0              online", "  web:_old_0         stopped"], LastDrawn());
    }

    [Fact]
    public void On_a_terminal_no_line_is_wider_than_it_and_the_board_is_no_higher()
    {
        var board = Board(terminal: true, width: 30, height: 6);
        for (var worker = 0; worker < 10; worker++)
            board.Progress(Note(worker, "online", app: "an-app-whose-name-never-seems-to-end"));

        var drawn = LastDrawn();
        Assert.Equal(4, drawn.Count);
        Assert.All(drawn, line => Assert.InRange(line.Length, 1, 29));
        Assert.Contains("end:9 online", drawn[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Elsewhere_each_step_is_one_complete_plain_line()
    {
        var board = Board(terminal: false);
        board.Progress(Note(1, "launching"));
        board.Progress(Note(1, "online"));

        Assert.Equal("ZD | App [web:0] launching\nZD | App [web:0] online\n", _error.ToString());
    }

    [Fact]
    public void On_a_terminal_without_escape_sequences_too()
    {
        var board = Board(terminal: true, color: false);
        board.Progress(Note(1, "launching"));
        Assert.Equal("ZD | App [web:0] launching\n", _error.ToString());
    }

    private ProgressBoard Board(bool terminal, int width = 80, int height = 24, bool color = true) =>
        new(new Screen(TextWriter.Null, _error) { ErrorIsTerminal = terminal, Width = width, Height = height, Color = color });

    private static ProgressNote Note(int worker, string status, string app = "web") =>
        new() { Text = $"App [{app}:0] {status}", App = app, PmId = worker > 2 ? worker : 0, Worker = worker, Status = status };

    private List<string> LastDrawn() => [.. Redraw().Split(Color().Replace(_error.ToString(), ""))[^1].Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    [GeneratedRegex("\u001b\\[[0-9]*m")]
    private static partial Regex Color();

    [GeneratedRegex("\u001b\\[[0-9]+F\u001b\\[J")]
    private static partial Regex Redraw();
}
