using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Foreground;

/// <summary>Log files that name a standard stream, as the files of containers do.</summary>
public sealed class StandardStreamSpecs : EndToEndTest
{
    private const string Prints = "echo to stdout; echo to stderr >&2; exit 3";

    [Theory]
    [InlineData("/dev/stdout", "/dev/stderr")]
    [InlineData("/dev/fd/1", "/dev/fd/2")]
    [InlineData("/proc/self/fd/1", "/proc/self/fd/2")]
    public async Task In_a_run_they_are_the_streams_of_the_run(string output, string error)
    {
        using var run = Zd.Begin("run", Job(Prints, $"out_file: {output}\nerror_file: {error}\n"));
        var result = (await run.Finished(Soon)).Exited(3);
        Assert.Equal(["to stdout"], Lines(result.Out));
        Assert.Contains("to stderr\n", result.Err, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(Zd.Home, "logs")));
        Assert.DoesNotContain("to std", KeeperLog(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_streams_may_go_to_one()
    {
        using var run = Zd.Begin("run", Job(Prints, "out_file: /dev/stdout\nerror_file: /dev/stdout\n"));
        var result = (await run.Finished(Soon)).Exited(3);
        Assert.Equal(["to stderr", "to stdout"], Lines(result.Out).Order());
        Assert.DoesNotContain("to stderr", Lines(result.Err));
    }

    [Fact]
    public async Task On_a_terminal_too()
    {
        Assert.SkipUnless(Tool.Run("python3", "--version") == 0, "python3 is not installed here");
        string[] onTerminal = ["python3", "-c", "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"];
        using var run = Zd.BeginUnder(onTerminal, "run", Job(Prints, "out_file: /dev/stdout\nerror_file: /dev/stderr\n"));
        (await run.Finished(Soon)).Exited(3).Says("to stdout\r\n", "to stderr\r\n");
    }

    [Fact]
    public async Task A_dated_line_keeps_its_date()
    {
        using var run = Zd.Begin("run", Job("echo hello; exit 0", "out_file: /dev/stdout\nlog_date_format: '[at]'\n"));
        Assert.Equal(["at: hello"], Lines((await run.Finished(Soon)).Succeeded().Out));
    }

    [Fact]
    public async Task The_last_words_of_a_failure_are_still_quoted_and_the_daemons_log_has_the_lines()
    {
        var file = Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker,
            "args: [say, starting, err, no database, exit, '3']\nautorestart: false\nwait_ready: strict\nout_file: /dev/stdout\nerror_file: /dev/stderr"));
        (await Zd.Run("start", file)).Exited(1).Says("no database");
        Assert.DoesNotContain("no database", KeeperLog(), StringComparison.Ordinal);
        var log = string.Concat(Directory.GetFiles(Zd.Home, "zd*.log").Select(File.ReadAllText));
        Assert.Contains("web:0 | starting", log, StringComparison.Ordinal);
        Assert.Contains("web:0 | no database", log, StringComparison.Ordinal);
        (await Zd.Run("flush")).Succeeded();
    }

    /// <summary>Without those of the daemon.</summary>
    private static string[] Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("ZD | ", StringComparison.Ordinal))];

    private string KeeperLog() => File.Exists(Path.Combine(Zd.Home, "keeper.log")) ? File.ReadAllText(Path.Combine(Zd.Home, "keeper.log")) : "";

    private string Job(string script, string options) =>
        Zd.Write("ecosystem.yaml", App("job", "/bin/sh", $"args: ['-c', '{script.Replace("'", "''", StringComparison.Ordinal)}']\ncwd: /\nautorestart: false\n{options}"));
}
