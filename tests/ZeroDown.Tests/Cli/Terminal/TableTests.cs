using System.Text.RegularExpressions;
using Xunit;
using ZeroDown.Cli.Terminal;
using ZeroDown.Cli.Views;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Cli.Terminal;

/// <summary>What a terminal of some width shows of a table.</summary>
public sealed partial class TableTests
{
    [Theory]
    [InlineData(200, "id", "name", "namespace", "version", "mode", "pid", "uptime", "↺", "status", "cpu", "mem", "user", "watching")]
    [InlineData(80, "id", "name", "namespace", "mode", "pid", "uptime", "↺", "status", "cpu", "mem")]
    [InlineData(60, "id", "name", "pid", "uptime", "↺", "status", "cpu", "mem")]
    public void A_narrow_terminal_gets_fewer_columns_of_the_list_and_none_of_them_cut(int width, params string[] headings)
    {
        var shown = Written(new StringWriter(), width);

        Assert.Equal(headings, shown.Split('\n')[1].Split('│', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        Assert.Contains("│ 4711 ", shown, StringComparison.Ordinal);
        Assert.Contains("│ online ", shown, StringComparison.Ordinal);
        Assert.All(shown.Split('\n'), line => Assert.True(line.Length <= width, line));
    }

    [Fact]
    public void A_terminal_too_narrow_for_any_frame_gets_whole_lines_without_one()
    {
        var shown = Written(new StringWriter(), 20);

        Assert.DoesNotContain("│", shown, StringComparison.Ordinal);
        Assert.Contains("4711", shown, StringComparison.Ordinal);
        Assert.Contains("online", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_colour_there_is_no_escape_sequence()
    {
        var text = new StringWriter();
        Written(text, 200);
        Assert.DoesNotContain("\u001b", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Below_the_slots_stand_old_workers_and_new_ones_each_under_its_name()
    {
        Assert.Equal("_old_7", FleetTable.IdBeside(new WorkerView { PmId = 7, Status = "draining" }));
        Assert.Equal("_new_7", FleetTable.IdBeside(new WorkerView { PmId = 7, Status = "stopping", Newcomer = true }));
    }

    private static string Written(StringWriter text, int width)
    {
        var fleet = new FleetSnapshot
        {
            Daemon = new DaemonInfo { Version = "1.0.0", Home = "/home/u/.zd" },
            Apps =
            [
                new AppView
                {
                    Definition = new AppDefinition { Name = "web", Script = "/srv/web", Program = "/srv/web", WorkingDirectory = "/srv" },
                    Slots = [new SlotView { Status = "online", OutLog = "", ErrorLog = "", Worker = new WorkerView { Pid = 4711, Status = "online", MemoryBytes = 33_000_000 } }],
                },
            ],
        };
        FleetTable.Of(fleet, FleetOrder.ByName, "deploy", DateTimeOffset.UnixEpoch).Write(new Screen(text, TextWriter.Null) { OutIsTerminal = true, Width = width });
        return Style().Replace(text.ToString(), "");
    }

    [GeneratedRegex("\u001b\\[[0-9;]*m")]
    private static partial Regex Style();
}
