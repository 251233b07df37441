using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Logs;

/// <summary>However much of a log is asked for, the daemon stays small.</summary>
public sealed class LargeLogSpecs : EndToEndTest
{
    private const int Lines = 600_000;

    [Fact]
    public async Task All_lines_of_a_large_log_are_shown_and_the_daemon_does_not_grow_with_them()
    {
        var log = Path.Combine(Zd.Folder, "web.log");
        File.WriteAllLines(log, Enumerable.Range(0, Lines).Select(number => $"{number:D6} {new string('x', 120)}"));
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "args: [hang]\nout_file: ./web.log")))).Succeeded();
        (await Zd.Run("logs", "web", "--nostream")).Succeeded();
        var before = Peak();

        var shown = (await Zd.Run("logs", "web", "--out", "--raw", "--nostream", "--lines", "600000")).Succeeded();

        Assert.Equal(Lines, shown.Out.AsSpan().Count('\n'));
        var growth = Peak() - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"the daemon's peak grew by {growth >> 10} KB");
        // Garbage of the JIT runtime, whose first collection comes late; reading the log as a whole took more than 400 MB.
        Assert.True(growth < 64 << 20, $"the daemon's peak grew by {growth >> 20} MB for a log of {new FileInfo(log).Length >> 20} MB");
    }

    [Theory]
    [InlineData("flush")]
    [InlineData("reload-logs")]
    public async Task An_unknown_target_beside_a_known_one_leaves_every_log_alone(string verb)
    {
        (await Zd.Run("start", WriteApp("say, once upon a time, serve"))).Succeeded();
        await Eventually.Holds(async () => (await Zd.Run("logs", "web", "--nostream")).Out.Split("once upon a time").Length == 3, "both have spoken", Zd.Evidence);

        (await Zd.Run(verb, "web", "nobody")).Exited(1).Says("nobody").HasNoStackTrace();

        Assert.Contains("once upon a time", (await Zd.Run("logs", "web", "--nostream")).Out, StringComparison.Ordinal);
    }

    private long Peak()
    {
        var daemon = ProcessTable.OfHome(Zd.Home, " daemon ").Single().Pid;
        return 1024 * long.Parse(
            File.ReadLines($"/proc/{daemon}/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], null);
    }
}
