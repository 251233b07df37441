using System.Globalization;
using System.Text;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.BadVersions;

/// <summary>The table in <c>cells.md</c> is what the cells expect. <c>ZD_WRITE_CELLS=1</c> writes it anew.</summary>
public sealed class TableTextSpecs
{
    private static string Path => System.IO.Path.Combine(Programs.Root, "tests", "ZeroDown.EndToEnd", "BadVersions", "cells.md");

    [Fact]
    public void The_table_says_what_the_cells_expect()
    {
        var text = Write();
        if (Environment.GetEnvironmentVariable("ZD_WRITE_CELLS") == "1")
            File.WriteAllText(Path, text);
        Assert.Equal(File.ReadAllText(Path), text);
    }

    [Fact]
    public void The_24_cells_of_the_gate_start_and_reload_each_way_once_and_each_kind_twice()
    {
        var cells = Gate.Pairwise.ToList();
        Assert.Equal(24, cells.Distinct().Count());
        Assert.All(cells, cell => Assert.Null(Expectation.Of(cell).Impossible));
        Assert.All(Enum.GetValues<BadWay>(), way => Assert.Equal((1, 1), Count(cells.Where(cell => cell.Way == way))));
        Assert.All(Enum.GetValues<Kind>(), kind => Assert.Equal((2, 2), Count(cells.Where(cell => cell.Kind == kind))));
    }

    private static (int Starts, int Reloads) Count(IEnumerable<Cell> cells) =>
        cells.Aggregate((Starts: 0, Reloads: 0), (sum, cell) => cell.Deployment == Deployment.Start ? (sum.Starts + 1, sum.Reloads) : (sum.Starts, sum.Reloads + 1));

    private static string Write()
    {
        var text = new StringBuilder("""
            # Bad versions: what the command answers

            The exit code of `zd start FILE`, `zd reload FILE` (the ecosystem file changed) and `zd reload NAME` (the program was replaced in
            place). 7 in a kind that the daemon holds the socket for: the old version serves on and no request fails. 7 in the others (they bind
            their own port): the old worker had to stop first, and the old version is started again. `npm start` has `min_ready: 5s`, because on a
            busy machine npm itself lives for longer than the default before the program's first line. Written by `TableTextSpecs`.


            """);
        var kinds = Enum.GetValues<Kind>();
        text.Append(CultureInfo.InvariantCulture, $"| way | {string.Join(" | ", kinds)} |\n|{string.Concat(kinds.Prepend(default).Select(_ => " --- |"))}\n");
        var notes = new List<string>();
        foreach (var way in Enum.GetValues<BadWay>())
            text.Append(CultureInfo.InvariantCulture, $"| {way} | {string.Join(" | ", kinds.Select(kind => Codes(kind, way, notes)))} |\n");
        text.Append('\n');
        for (var number = 1; number <= notes.Count; number++)
            text.Append(CultureInfo.InvariantCulture, $"{number}. {notes[number - 1]}\n");
        return text.ToString();
    }

    private static string Codes(Kind kind, BadWay way, List<string> notes) =>
        string.Join(' ', Enum.GetValues<Deployment>().Select(deployment => Code(Expectation.Of(new Cell(kind, way, deployment)), notes)));

    private static string Code(Expectation expectation, List<string> notes)
    {
        if ((expectation.Impossible ?? expectation.Because) is not { } note)
            return expectation.ToString();
        if (!notes.Contains(note))
            notes.Add(note);
        return $"{expectation} ({notes.IndexOf(note) + 1})";
    }
}
