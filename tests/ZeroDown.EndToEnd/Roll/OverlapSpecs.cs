using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Roll;

/// <summary>
/// Issue 9, B10: a program that must not run twice. It holds a lock as long as it lives, and a second one says so, writes a file and exits.
/// Before, no reload, schedule or memory limit could ever replace its worker, and nothing said why.
/// </summary>
[Collection(nameof(HeavyLoad))]
public sealed class OverlapSpecs : EndToEndTest
{
    private const string Lock = "/usr/bin/flock";

    public OverlapSpecs() => Assert.SkipUnless(File.Exists(Lock), "needs flock");

    [Fact]
    public async Task With_auto_the_reload_fails_with_the_words_of_the_program_and_names_the_option()
    {
        (await Zd.Run("start", Locked())).Succeeded();
        var before = (await PidsThatAnswer(1)).Single();
        (await Zd.Run("reload", "web")).Exited(7)
            .Says("another one runs already", "the old worker ran beside it", "set reload: { overlap: false }", "Generation 1 serves on").HasNoStackTrace();
        Assert.Equal(before, (await PidsThatAnswer(1)).Single());
    }

    [Fact]
    public async Task Without_overlap_it_is_reloaded_never_twice_at_once_and_no_request_is_lost()
    {
        (await Zd.Run("start", Locked("reload: { overlap: false }"))).Succeeded();
        var before = (await PidsThatAnswer(1)).Single();
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 10, Think = TimeSpan.FromMilliseconds(20) });
        await load.WaitForRequestsAsync(100, Soon);
        (await Zd.Run("reload", "web")).Succeeded().Says("generation 2 serves");
        // The definition changes too: a start with a file goes the same way.
        (await Zd.Run("start", Locked("reload: { overlap: false }\nenv: { NEXT: yes }"))).Succeeded().Says("generation 3 serves");
        await load.WaitForMoreAsync(100, Soon);
        NothingFailed(await load.StopAsync());
        Assert.NotEqual(before, (await PidsThatAnswer(1)).Single());
        Assert.False(File.Exists(Path.Combine(Zd.Folder, "refused")), "a second worker ran beside the first");
        Assert.Contains("slot by slot and the old worker first", DaemonLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_without_a_socket_is_reloaded_by_a_flag_at_the_reload()
    {
        Zd.Write("bot.sh", "exec 9>lock\nflock -n 9 || { echo 'another one runs already' >&2; echo >refused; exit 0; }\nexec sleep 1000\n");
        (await Zd.Run("start", Zd.Write("bot.yaml", App("bot", "bot.sh", "min_ready: 2s")))).Succeeded();
        (await Zd.Run("reload", "bot")).Exited(7).Says("another one runs already", "overlap: false");
        File.Delete(Path.Combine(Zd.Folder, "refused"));
        (await Zd.Run("reload", "bot", "--overlap", "false")).Succeeded();
        (await Zd.Run("reload", "bot")).Succeeded();
        Assert.False(File.Exists(Path.Combine(Zd.Folder, "refused")), "a second worker ran beside the first");
    }

    [Fact]
    public async Task Without_overlap_a_bad_version_is_followed_by_the_old_definition()
    {
        (await Zd.Run("start", Locked("reload: { overlap: false }"))).Succeeded();
        (await Zd.Run("reload", Zd.Write("bad.yaml", App("web", "/bin/false", $"interpreter: none\nlisten: 127.0.0.1:{Port}\nreload: {{ overlap: false }}")))).Exited(7)
            .Says("The old worker was stopped first (reload: { overlap: false })", "generation 1 serves again with its old config").HasNoStackTrace();
        await PidsThatAnswer(1);
    }

    [Fact]
    public async Task With_auto_changed_files_stop_the_old_worker_first_at_the_second_try()
    {
        Zd.Write("lib/a.txt", "1");
        (await Zd.Run("start", Locked("watch: lib"))).Succeeded();
        await LogSays("[Watch] Start watching web");
        var before = (await PidsThatAnswer(1)).Single();
        Zd.Write("lib/a.txt", "2");
        await LogSays("-reload- App web failed, generation 1 serves on; the new worker exited while the old one ran");
        await LogSays("set reload: { overlap: false }. The next automatic restart stops the old one first");
        Assert.Equal(before, (await PidsThatAnswer(1)).Single());

        Zd.Write("lib/a.txt", "3");
        await Zd.ListUntil(rows => rows is [{ Restarts: 1, Status: "online" }] && rows[0].Pid != before, "the second try succeeds");
        Assert.NotEqual(before, (await PidsThatAnswer(1)).Single());
    }

    private string DaemonLog => File.ReadAllText(Directory.EnumerateFiles(Zd.Home, "zd*.log").Single());

    private Task LogSays(string text) =>
        Eventually.Holds(() => Task.FromResult(DaemonLog.Contains(text, StringComparison.Ordinal)), $"the log says '{text}'", Zd.Evidence);

    private string Locked(string options = "")
    {
        var script = Zd.Write("app.sh", $"#!/bin/sh\nexec 9>lock\n{Lock} -n 9 || {{ echo 'another one runs already' >&2; echo >refused; exit 4; }}\nexec {Programs.TestWorker} serve\n", executable: true);
        return Zd.Write("ecosystem.yaml", App("web", script, $"interpreter: none\nlisten: 127.0.0.1:{Port}\n{options}"));
    }
}
