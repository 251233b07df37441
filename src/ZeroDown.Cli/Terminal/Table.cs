using System.Text;

namespace ZeroDown.Cli.Terminal;

/// <summary>
/// Rows under headings. A pipe gets plain columns of any width, two blanks apart; a terminal gets a frame and colours.
/// </summary>
internal sealed class Table(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    public string[] Headings => headings;

    public IReadOnlyList<string[]> Rows => _rows;

    /// <summary>The column whose words are coloured, -1 for none.</summary>
    public int StatusColumn { get; init; } = -1;

    /// <param name="cells">As many as there are headings, safe to print.</param>
    public void Add(params string[] cells) => _rows.Add(cells);

    public void Write(Screen screen)
    {
        if (screen.Silent)
            return;
        if (screen.OutIsTerminal)
            FramedTable.Write(this, screen);
        else
            screen.Out.Write(Plain());
    }

    private string Plain()
    {
        var widths = headings.Select((heading, column) => _rows.Select(row => row[column].Length).Append(heading.Length).Max()).ToArray();
        var text = new StringBuilder();
        foreach (var row in _rows.Prepend(headings))
        {
            for (var column = 0; column < row.Length; column++)
                text.Append(column == row.Length - 1 ? row[column] : row[column].PadRight(widths[column] + 2));
            text.Append('\n');
        }

        return text.ToString();
    }
}
