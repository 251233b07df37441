using System.Text;

namespace ZeroDown.Cli.Terminal;

/// <summary>
/// Rows under headings. A pipe gets plain columns of any width, two blanks apart; a terminal gets a frame and colours, and
/// one that is too narrow for all columns gets fewer of them: half a pid in each of three lines helps nobody.
/// </summary>
internal sealed class Table(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    public string[] Headings => headings;

    public IReadOnlyList<string[]> Rows => _rows;

    /// <summary>The column whose words are coloured, -1 for none.</summary>
    public int StatusColumn { get; init; } = -1;

    /// <summary>Columns that a narrow terminal does without, the first to go first.</summary>
    public string[] Dispensable { get; init; } = [];

    /// <param name="cells">As many as there are headings, safe to print.</param>
    public void Add(params string[] cells) => _rows.Add(cells);

    public void Write(Screen screen)
    {
        if (screen.Silent)
            return;
        if (screen.OutIsTerminal && Fitting(screen.Width) is { } fitting)
            FramedTable.Write(fitting, screen);
        else
            screen.Out.Write(Plain());
    }

    /// <summary>The table with as many columns as a frame of that width can hold; null when it cannot hold those that must be.</summary>
    public Table? Fitting(int width)
    {
        var table = this;
        foreach (var heading in Dispensable)
        {
            if (table.FramedWidth <= width)
                break;
            table = table.Without(heading);
        }

        return table.FramedWidth <= width ? table : null;
    }

    /// <summary>A line and a blank on each side of every cell, and the last line.</summary>
    private int FramedWidth => Widths.Sum(width => width + 3) + 1;

    private int[] Widths => [.. headings.Select((heading, column) => _rows.Select(row => row[column].Length).Append(heading.Length).Max())];

    private Table Without(string heading)
    {
        var gone = Array.IndexOf(headings, heading);
        var rest = new Table([.. headings.Where((_, column) => column != gone)])
        {
            StatusColumn = gone < StatusColumn ? StatusColumn - 1 : StatusColumn,
        };
        foreach (var row in _rows)
            rest.Add([.. row.Where((_, column) => column != gone)]);
        return rest;
    }

    private string Plain()
    {
        var widths = Widths;
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
