using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Survival;

/// <summary>What workers print while daemons come and go.</summary>
public sealed class OutputSpecs : SurvivalTest
{
    private const int Kills = 5;

    private string Log => Path.Combine(Zd.Home, "logs", "web-out.log");

    [Theory]
    [InlineData("", false)]
    [InlineData("log_date_format: HH:mm:ss", true)]
    public async Task No_line_is_lost_and_none_is_torn(string options, bool rewritten)
    {
        (await Zd.Run("start", CountingApp(options))).Succeeded();
        for (var kill = 0; kill < Kills; kill++)
        {
            await Counts(20);
            await ReplaceDaemon();
        }

        await Counts(20);
        (await Zd.Run("stop", "web")).Succeeded();
        NoLineIsLost(Read(Log), twice: rewritten);
    }

    [Fact]
    public async Task What_is_printed_while_there_is_no_daemon_waits_for_the_next()
    {
        var (go, done) = (Path.Combine(Zd.Folder, "go"), Path.Combine(Zd.Folder, "done"));
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, $"args: [count, '3', await-file, {go}, err, nobody reads this, make-file, {done}, hang]")))).Succeeded();
        await Counts(5);
        await WithoutDaemon(async () =>
        {
            File.WriteAllText(go, "");
            await Eventually.Holds(() => Task.FromResult(File.Exists(done)), "it prints while there is no daemon", Zd.Evidence);
        });
        await Counts(20);
        (await Zd.Run("stop", "web")).Succeeded();
        NoLineIsLost(Read(Log));
        Assert.Contains("nobody reads this", Read(Path.Combine(Zd.Home, "logs", "web-error.log")), StringComparison.Ordinal);
        Assert.DoesNotContain("were lost", Read(Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_words_of_a_worker_that_died_unseen_are_in_its_log_and_its_exit_is_told()
    {
        var go = Path.Combine(Zd.Folder, "go");
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, $"args: [await-file, {go}, err, my last words, exit, '3']\nautorestart: false")))).Succeeded();
        await WithoutDaemon(async () =>
        {
            File.WriteAllText(go, "");
            await Eventually.Holds(
                () => Task.FromResult(ProcessTable.OfHome(Zd.Home, "await-file").All(process => process.State == "Z")), "it dies", Zd.Evidence);
        });
        await Eventually.Holds(async () => (await Zd.List())[0].Status == "stopped", "its exit is known", Zd.Evidence);
        Assert.Contains("my last words", Read(Path.Combine(Zd.Home, "logs", "web-error.log")), StringComparison.Ordinal);
        await Logs("exited with code [3]");
    }

    [Fact]
    public async Task Who_follows_the_log_of_a_worker_that_was_taken_over_reads_its_lines()
    {
        (await Zd.Run("start", CountingApp(""))).Succeeded();
        await ReplaceDaemon();
        using var logs = Zd.Begin("logs", "web", "--raw");
        await Eventually.Holds(() => Task.FromResult(logs.SoFar.Split(" counts ").Length > 40), "lines arrive", () => logs.SoFar);
        logs.Kill();
    }

    [Fact]
    public async Task A_line_can_be_sent_to_a_worker_that_was_taken_over()
    {
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "args: [print-stdin, hang]")))).Succeeded();
        await ReplaceDaemon();
        await ReadsWhatIsSent("0");
    }

    private string CountingApp(string options) =>
        Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, $"args: [count, '3', hang]\n{options}"));

    private async Task Counts(int more)
    {
        var from = Lines();
        await Eventually.Holds(() => Task.FromResult(Lines() >= from + more), $"{more} more lines are printed", Zd.Evidence);
    }

    private int Lines() => File.Exists(Log) ? Read(Log).Count(letter => letter == '\n') : 0;
}
