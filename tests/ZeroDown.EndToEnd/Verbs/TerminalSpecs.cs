using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Verbs;

/// <summary>The bytes that a terminal gets.</summary>
public sealed class TerminalSpecs : EndToEndTest
{
    private const char Escape = '\u001b';

    private static readonly string[] Commands =
    [
        "list", "jlist", "list --json", "prettylist", "describe app", "env 0", "pid app", "id app", "ping", "--help", "start --help", "nonsense", "list --nonsense", "stop nobody",
        "logs app --nostream", "logs app --nostream --highlight word", "conf", "doctor", "options", "completion bash", "save", "restart app", "reload app", "scale app 2", "flush", "stop app", "start app.yaml", "delete app", "start app.yaml",
    ];

    [Theory]
    [InlineData("NO_COLOR", "1")]
    [InlineData("TERM", "dumb")]
    [InlineData("TERM", null)]
    public async Task No_command_writes_an_escape_sequence_to_a_terminal_that_is_to_get_none(string variable, string? value)
    {
        Zd.Environment["NO_COLOR"] = null;
        Zd.Environment["TERM"] = "xterm-256color";
        Zd.Environment[variable] = value;
        await Start();
        foreach (var words in Commands)
        {
            var shown = await OnTerminal(words);
            Assert.False(shown.Contains(Escape), $"zd {words}: {shown.Replace($"{Escape}", "ESC", StringComparison.Ordinal)}");
        }
    }

    [Fact]
    public async Task Only_colours_and_the_progress_board_are_escape_sequences()
    {
        Zd.Environment["NO_COLOR"] = null;
        Zd.Environment["TERM"] = "xterm-256color";
        await Start();
        foreach (var words in Commands)
        {
            var shown = await OnTerminal(words);
            Assert.DoesNotMatch($"{Escape}[^\\[]", shown);
            // Colours, and the two that draw the board again.
            var others = System.Text.RegularExpressions.Regex.Matches(shown, $"{Escape}\\[[0-9;?]*([^0-9;?])").Where(sequence => sequence.Groups[1].Value is not ("m" or "F" or "J")).Select(sequence => sequence.Value[1..]);
            Assert.True(!others.Any(), $"zd {words}: ESC{string.Join(" ESC", others)}");
        }

        Assert.Contains($"{Escape}[32monline", await OnTerminal("list"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list --watch")]
    [InlineData("monit")]
    public async Task Without_escape_sequences_a_watch_prints_one_list_after_the_other(string words)
    {
        Zd.Environment["TERM"] = "xterm-256color";
        await Start();
        using var command = Zd.BeginUnder(Terminal.OfWidth(80), words.Split(' '));
        await Eventually.Holds(() => Task.FromResult(command.OutSoFar.Split("status").Length > 2), "two lists", () => command.SoFar);
        Assert.DoesNotContain(Escape, command.OutSoFar);
    }

    [Fact]
    public async Task Help_and_list_fit_into_80_columns()
    {
        await Start();
        foreach (var words in new[] { "--help", "start --help", "list" })
        {
            var shown = await OnTerminal(words);
            Assert.DoesNotContain(shown.Split("Examples:")[0].Split('\n'), line => line.TrimEnd('\r').Length > 80);
        }
    }

    private async Task Start()
    {
        Zd.Write("app.yaml", App("app", Programs.TestWorker, "args: [say, a word, hang]"));
        (await Zd.Run("start", "app.yaml")).Succeeded();
    }

    private async Task<string> OnTerminal(string words)
    {
        using var command = Zd.BeginUnder(Terminal.OfWidth(80), words.Split(' '));
        return (await command.Finished(ZdHome.Patience)).HasNoStackTrace().Out;
    }
}
