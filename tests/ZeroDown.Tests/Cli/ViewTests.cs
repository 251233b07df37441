using Xunit;
using ZeroDown.Cli.Terminal;
using ZeroDown.Cli.Views;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Cli;

public class ViewTests
{
    [Theory]
    [InlineData("id", "0 1 2")]
    [InlineData("id:desc", "2 1 0")]
    [InlineData("name", "0 1 2")]
    [InlineData("name:desc", "2 0 1")]
    [InlineData("memory", "1 0 2")]
    [InlineData("memory:desc", "0 2 1")]
    [InlineData("PID:desc", "2 1 0")]
    [InlineData("status", "0 1 2")]
    public void The_list_is_ordered_by_a_field_and_then_by_id(string sort, string ids)
    {
        var fleet = new RecordingDaemon().Fleet;
        Assert.Equal(ids, string.Join(' ', FleetOrder.Find(sort)!.Rows(fleet).Select(row => row.Slot.PmId)));
    }

    [Theory]
    [InlineData("colour")]
    [InlineData("name:sideways")]
    [InlineData("")]
    public void What_is_no_order_is_none(string sort) => Assert.Null(FleetOrder.Find(sort));

    [Theory]
    [InlineData((int)LogStyle.Prefixed, null, "2|job | hello\n")]
    [InlineData((int)LogStyle.Prefixed, "YYYY", "2025: 2|job | hello\n")]
    [InlineData((int)LogStyle.Raw, null, "hello\n")]
    [InlineData((int)LogStyle.Pairs, "YYYY", "timestamp=2025 app=job id=2 type=error message=hello\n")]
    public void A_line_of_a_worker_in_each_style(int style, string? timestamp, string text) =>
        Assert.Equal(text, Printed(new LogLook { Style = (LogStyle)style, Timestamp = timestamp }));

    [Fact]
    public void Json_has_pm2s_members() =>
        Assert.Matches("""^\{"message":"hello","timestamp":"2025-[^"]+","type":"err","process_id":2,"app_name":"job"\}\n$""", Printed(new LogLook { Style = LogStyle.Json }));

    [Fact]
    public void Words_to_look_for_stand_out_on_a_terminal_and_nowhere_else()
    {
        var look = new LogLook { Highlight = "ell" };
        Assert.Contains($"h{Ansi.Inverse}ell{Ansi.Reset}o", Printed(look, terminal: true), StringComparison.Ordinal);
        Assert.Equal("2|job | hello\n", Printed(look));
    }

    [Fact]
    public void A_slot_that_failed_twice_in_the_same_way_is_named_once_and_by_its_id()
    {
        using var text = new StringWriter();
        SlotReply[] failures = [.. Enumerable.Range(0, 2).Select(_ => new SlotReply { Slot = 0, PmId = 7, Message = "it did not say ready" })];
        ReplyText.Write(
            new CommandReply { ExitCode = 7, Apps = [new AppReply { App = "web", Outcome = "rolledBack", Message = "web was not reloaded", Failures = failures }] },
            new Screen(TextWriter.Null, text));
        Assert.Contains("\n  web:7: it did not say ready\n", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_names_the_variables_that_this_shell_has_otherwise()
    {
        await using var command = new TypedCommand();
        Assert.Equal(0, await command.Run("describe", "job"));
        Assert.Contains("Divergent env variables from local env\n  COLOUR  blue\n", command.Out, StringComparison.Ordinal);

        command.Daemon.Fleet.Apps[1].Definition.DeclaredVariables = ["COLOUR"];
        var before = command.Out.Length;
        Assert.Equal(0, await command.Run("describe", "job"));
        Assert.DoesNotContain("Divergent", command.Out[before..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hello", "unknown")]
    [InlineData("2026-11-30T10:11:12: hello", "10:11:12")]
    [InlineData("2026-11-30 10:11:12.345: hello", "10:11:12")]
    [InlineData("2026-11-30T10:11:12.3Z hello", "utc")]
    [InlineData("2026-11-30 10:11:12 +00:00: hello", "utc")]
    [InlineData("2026-11-30 10:11:12 hello", "unknown")]
    [InlineData("2026-13-30T10:11:12: hello", "unknown")]
    [InlineData("{\"message\":\"hello\",\"timestamp\":\"2026-11-30T10:11:12.000Z\"}", "utc")]
    [InlineData("{\"message\":\"hello\",\"timestamp\":\"2026-11-30 10:11:12\"}", "10:11:12")]
    [InlineData("{\"message\":\"hello\",\"time\":1764497472}", "unknown")]
    [InlineData("{\"message\":\"2026-11-30T10:11:12Z\"}", "unknown")]
    [InlineData("{ half an object", "unknown")]
    [InlineData("{}", "unknown")]
    public void A_line_from_before_has_the_time_that_it_says_itself_or_none(string line, string expected)
    {
        expected = expected == "utc" ? DateTimeOffset.Parse("2026-11-30T10:11:12Z", null).ToLocalTime().ToString("HH:mm:ss", null) : expected;
        var before = new LogNote { App = "job", PmId = 2, Stream = "out", Lines = [line] };
        Assert.StartsWith($"timestamp={expected} app=job id=2 type=out message={line[..1]}", Printed(new LogLook { Style = LogStyle.Pairs, Timestamp = "HH:mm:ss" }, note: before), StringComparison.Ordinal);
        var json = Printed(new LogLook { Style = LogStyle.Json }, note: before);
        Assert.Equal(expected == "unknown", json.Contains("\"timestamp\":null", StringComparison.Ordinal));
    }

    private static string Printed(LogLook look, bool terminal = false, LogNote? note = null)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var printer = new LogPrinter(new Screen(output, TextWriter.Null) { OutIsTerminal = terminal, Color = terminal }, look);
        printer.Log(note ?? new LogNote { App = "job", PmId = 2, Stream = "err", Lines = ["hello"], AtMs = RecordingDaemon.StartedAtMs });
        return output.ToString();
    }
}
