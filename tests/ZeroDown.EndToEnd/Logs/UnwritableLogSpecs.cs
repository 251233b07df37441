using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Logs;

/// <summary>A log file that cannot be opened: it is said where a user looks, and the output goes on when it can be opened again.</summary>
public sealed class UnwritableLogSpecs : EndToEndTest
{
    private string Log => Path.Combine(Zd.Folder, "web.log");

    [Fact]
    public async Task Start_and_list_say_which_log_file_cannot_be_opened_until_it_can()
    {
        Directory.CreateDirectory(Log);
        (await Zd.Run("start", WriteLogging("spam, '0.1', serve"))).Succeeded().Says($"the log file {Log} cannot be opened", "tried again");
        (await Zd.Run("list")).Succeeded().Says($"the log file {Log} cannot be opened");

        Directory.Delete(Log);

        await Eventually.Holds(() => Task.FromResult(File.Exists(Log) && File.ReadLines(Log).FirstOrDefault()?.Contains("were dropped here", StringComparison.Ordinal) == true),
            "the output goes on, and the file says what is missing", Zd.Evidence);
        Assert.DoesNotContain("cannot be opened", (await Zd.Run("list")).All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_its_worker_has_ended_the_daemon_rests()
    {
        Directory.CreateDirectory(Log);
        (await Zd.Run("start", WriteLogging("say, hello, serve"))).Succeeded();
        (await Zd.Run("stop", "web")).Succeeded();
        // Nobody has the file open any more: the stream has ended.
        await Eventually.Holds(async () => !(await Zd.Run("list")).All.Contains("cannot be opened", StringComparison.Ordinal), "the stream has ended", Zd.Evidence);
        (await Zd.Run("start", "web")).Succeeded().Says("cannot be opened");
    }

    private string WriteLogging(string steps) =>
        Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, $"args: [{steps}]\nlisten: 127.0.0.1:{Port}\nmerge_logs: true\nout_file: ./web.log"));
}
