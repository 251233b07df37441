using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Verbs;

/// <summary>What becomes of a command whose stdin, stdout or stderr is closed, full, or read no further.</summary>
public sealed class StandardStreamSpecs : EndToEndTest
{
    /// <summary>Each prints something on stdout.</summary>
    private static readonly string[] PrintingVerbs =
    [
        "list", "jlist", "list --json", "prettylist", "describe quiet", "env 0", "pid quiet", "id quiet", "ping", "--help", "logs --help", "completion bash", "options", "examples", "slist",
        "logs quiet", "logs quiet --nostream --json", "monit", "list --watch", "report", "--version",
    ];

    [Fact]
    public async Task Output_that_cannot_be_written_is_one_line_and_exit_1()
    {
        Zd.Write("quiet.yaml", App("quiet", Programs.TestWorker, "args: [say, a word, hang]"));
        (await Zd.Run("start", "quiet.yaml")).Succeeded();
        foreach (var words in PrintingVerbs)
        {
            var full = (await Shell("\"$@\" > /dev/full", words)).Exited(1).HasNoStackTrace().Says("could not be written to stdout: No space left on device (ENOSPC)");
            Assert.Single(full.Err.Split('\n'), line => line.StartsWith("error:", StringComparison.Ordinal));
            var closed = (await Shell("\"$@\" >&-", words)).Exited(1).HasNoStackTrace().Says("could not be written to stdout: Bad file descriptor (EBADF)");
            Assert.Equal("", closed.Out);
            Assert.Single(closed.Err.Split('\n'), line => line.StartsWith("error:", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Closed_and_full_streams_do_not_stop_a_start()
    {
        Zd.Write("quiet.yaml", App("quiet", Programs.TestWorker, "args: [hang]"));
        (await Shell("\"$@\" >&- 2>&- <&-", "start quiet.yaml")).Exited(1);
        Assert.Equal("online", Assert.Single(await Zd.List()).Status);
        (await Shell("\"$@\" > /dev/full", "restart quiet")).Exited(1).Says("apart from that, the command succeeded");
        (await Shell("\"$@\" > /dev/full", "stop nobody")).Exited(1).Says("nobody");
        (await Shell("\"$@\" 2>&-", "list")).Exited(0).Says("quiet");
        (await Shell("\"$@\" 2>/dev/full", "stop nobody")).Exited(1);
        (await Shell("\"$@\" 2>&-", "nonsense")).Exited(2);
        (await Shell("\"$@\" <&-", "attach quiet")).Exited(0).HasNoStackTrace();
        (await Shell("\"$@\" <&-", "start -")).HasNoStackTrace();
        // The daemon that was started with closed streams starts workers whose output arrives.
        Zd.Write("loud.yaml", App("loud", Programs.TestWorker, "args: [say, it arrives, hang]"));
        (await Zd.Run("start", "loud.yaml")).Succeeded();
        await Eventually.Holds(async () => (await Zd.Run("logs", "loud", "--nostream")).Out.Contains("it arrives", StringComparison.Ordinal), "the line is in the log", Zd.Evidence);
    }

    [Theory]
    [InlineData("logs quiet", "head -c 1 > /dev/null")]
    [InlineData("logs", "head -c 1 > /dev/null")]
    [InlineData("logs quiet --json", "true")]
    [InlineData("attach quiet", "true")]
    [InlineData("list --watch", "head -c 1 > /dev/null")]
    [InlineData("monit", "head -c 1 > /dev/null")]
    [InlineData("restart quiet --attach", "grep -q online")]
    public async Task A_command_that_goes_on_ends_when_its_reader_closes_though_nothing_is_printed(string words, string reader)
    {
        await StartQuiet();
        // Stdin is a FIFO that never ends, for attach.
        var script = $"mkfifo input; exec 3<> input; {{ \"$@\" <&3; echo \"exit $?\" >&2; }} | {{ {reader}; exec <&-; echo closed >&2; }}";
        (await Shell(script, words)).Succeeded().Says("closed", "exit 0").HasNoStackTrace();
    }

    [Theory]
    [InlineData("jlist")]
    [InlineData("list")]
    [InlineData("--help")]
    public async Task A_reader_that_has_seen_enough_is_no_failure(string words)
    {
        Zd.Write("many.yaml", App("many", Programs.TestWorker, "args: [hang]\ninstances: 3"));
        (await Zd.Run("start", "many.yaml")).Succeeded();
        var result = await Shell("{ \"$@\"; echo \"exit $?\" >&2; } | head -c 1", words);
        Assert.Equal("exit 0", result.Err.Trim());
        Assert.Equal(1, result.Out.Length);
    }

    [Fact]
    public async Task All_bytes_arrive_through_a_pipe_that_does_not_block()
    {
        Assert.SkipUnless(Tool.Run("python3", "--version") == 0, "python3 makes the pipe");
        var variables = string.Concat(Enumerable.Range(0, 40).Select(number => $"\n  LONG{number}: {new string('x', 5000)}"));
        Zd.Write("long.yaml", App("long", Programs.TestWorker, $"args: [hang]\nenv:{variables}"));
        (await Zd.Run("start", "long.yaml")).Succeeded();
        const string script = """
            import os, subprocess, sys, time
            reader, writer = os.pipe()
            os.set_blocking(writer, False)
            zd = subprocess.Popen(sys.argv[1:], stdout=writer)
            os.close(writer)
            while True:
                got = os.read(reader, 1000)
                if not got:
                    break
                os.write(1, got)
            sys.exit(zd.wait())
            """;
        using var command = Zd.BeginUnder(["python3", "-c", script], "jlist");
        var result = (await command.Finished(ZdHome.Patience)).Succeeded();
        using var json = System.Text.Json.JsonDocument.Parse(result.Out);
        Assert.True(result.Out.Length > 200_000, $"{result.Out.Length} bytes");
    }

    private async Task StartQuiet()
    {
        Zd.Write("quiet.yaml", App("quiet", Programs.TestWorker, "args: [hang]"));
        (await Zd.Run("start", "quiet.yaml")).Succeeded();
    }

    /// <summary>Runs zd in a shell; <c>"$@"</c> is the command.</summary>
    private async Task<ZdResult> Shell(string script, string words)
    {
        using var command = Zd.BeginUnder(["bash", "-c", script, "bash"], words.Split(' '));
        return await command.Finished(ZdHome.Patience);
    }
}
