using System.Diagnostics;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Survival;

/// <summary>Three daemons fail in a row: the next one only keeps what runs.</summary>
public sealed class SafeModeSpecs : SurvivalTest
{
    [Fact]
    public async Task What_runs_is_kept_questions_are_answered_and_changes_refused_in_words()
    {
        await ThreeDaemonsFail();
        var log = Path.Combine(Zd.Home, "logs", "web-out.log");
        var before = Read(log).Length;

        (await Zd.Run("list")).Succeeded().Says("web", "online", "safe mode", "3 daemons failed in a row");
        (await Zd.Run("describe", "web")).Succeeded().Says("online");
        (await Zd.Run("logs", "web", "--nostream")).Succeeded().Says(" counts ");
        foreach (var change in new[] { "stop", "reload", "restart", "delete" })
            (await Zd.Run(change, "web")).Exited(1).Says("nothing was done", "safe mode", "zd update", "zd kill").HasNoStackTrace();
        await Eventually.Holds(() => Task.FromResult(Read(log).Length > before), "its output still goes to the log", Zd.Evidence);
        (await Zd.Run("kill")).Succeeded();
        await ProcessesOf(Programs.TestWorker, 0);
        NoLineIsLost(Read(log));
    }

    [Fact]
    public async Task An_update_leaves_it()
    {
        await ThreeDaemonsFail();
        (await Zd.Run("update")).Succeeded().Says("updated");
        (await Zd.Run("reload", "web")).Succeeded();
    }

    [Fact]
    public async Task After_a_while_the_next_daemon_tries_again_and_knows_who_died_meanwhile()
    {
        Zd.Environment["ZD_SAFE_MODE_MS"] = "12000";
        await ThreeDaemonsFail();
        var victim = (await Zd.List())[0];
        Kill(victim.Pid);
        await Eventually.Holds(async () => (await Zd.List())[0].Status == "stopped", "it is not started again", Zd.Evidence);

        await Eventually.Holds(async () => (await Zd.List())[0] is { Status: "online", Restarts: 1 }, "the next daemon starts it again", Zd.Evidence);
        (await Zd.Run("reload", "web")).Succeeded();
    }

    [Fact]
    public async Task Daemons_that_somebody_kills_have_not_failed()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        for (var kill = 0; kill < 4; kill++)
            await ReplaceDaemon();
        (await Zd.Run("reload", "web")).Succeeded();
    }

    private async Task ThreeDaemonsFail()
    {
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "args: [count, '3', hang]")))).Succeeded();
        for (var failure = 0; failure < 3; failure++)
        {
            var daemon = Daemon;
            // A signal that the runtime leaves alone stands for a defect: anything but SIGKILL is one.
            using (var end = Process.Start("/bin/sh", ["-c", $"kill -ALRM {daemon}"]))
                await end.WaitForExitAsync(TestContext.Current.CancellationToken);
            await Eventually.Holds(
                async () => ProcessTable.OfHome(Zd.Home, " daemon ") is [var next] && next.Pid != daemon && (await Zd.Run("ping")).ExitCode == 0, "another daemon answers", Zd.Evidence);
        }
    }
}
