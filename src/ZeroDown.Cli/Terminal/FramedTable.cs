using System.Text;
using Spectre.Console;

namespace ZeroDown.Cli.Terminal;

/// <summary>
/// Tables for terminals, through Spectre.Console. On a pipe it would wrap at 80 columns, and touching it costs a few
/// milliseconds, so nothing else of zd does.
/// </summary>
internal static class FramedTable
{
    public static void Write(Table table, Screen screen)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = screen.Color ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new TerminalOutput(screen),
        });

        var framed = new Spectre.Console.Table { Border = TableBorder.Rounded };
        // Without colour there is no escape sequence at all, and bold would be one.
        var style = screen.Color ? new Style(Color.Aqua, decoration: Decoration.Bold) : Style.Plain;
        foreach (var heading in table.Headings)
            framed.AddColumn(new TableColumn(new Text(heading, style)).NoWrap());
        foreach (var row in table.Rows)
        {
            // Text, never markup: brackets in a name are brackets.
            framed.AddRow(row.Select((cell, column) => new Text(cell, column == table.StatusColumn ? StatusStyle(cell) : Style.Plain)));
        }

        console.Write(framed);
    }

    /// <summary>Spectre's own output reads the width from .NET's console, which sends escape sequences to the terminal.</summary>
    private sealed class TerminalOutput(Screen screen) : IAnsiConsoleOutput
    {
        public TextWriter Writer => screen.Out;

        public bool IsTerminal => true;

        public int Width => screen.Width;

        public int Height => screen.Height;

        public void SetEncoding(Encoding encoding)
        {
            // It is UTF-8.
        }
    }

    private static Style StatusStyle(string status) => new(status.Split(' ')[0] switch
    {
        "online" => Color.Green,
        "launching" => Color.Blue,
        "draining" or "stopping" or "waiting" => Color.Yellow,
        _ => Color.Red,
    });
}
