using System.Globalization;
using System.Text.RegularExpressions;
using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Survival;

namespace ZeroDown.EndToEnd.Pressure;

/// <summary>The disk below the home folder is full: everything goes on, it is said, and what was missed is written when there is room.</summary>
public sealed partial class FullDiskSpecs : SurvivalTest
{
    private const int Page = 4096;

    private string Ballast => Path.Combine(Zd.Home, "ballast");

    [Fact]
    public async Task The_state_is_kept_in_memory_and_said_once_and_written_when_there_is_room()
    {
        Zd.MountHome("8m");
        (await Zd.Run("start", WriteApp())).Succeeded();
        using var logs = Zd.Begin("logs", "--lines", "1");
        await logs.Says("listening on");
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 2, KeepAlive = 2 });
        await load.WaitForRequestsAsync(50, Soon);
        Fill();

        (await Zd.Run("reload", "web")).Succeeded();
        (await Zd.Run("scale", "web", "3")).Succeeded();
        await logs.Says("kept in memory only");
        await Eventually.Holds(
            async () => (await Zd.Run("list")).Succeeded() is var list && list.Err.Contains("kept in memory only", StringComparison.Ordinal) && list.Err.Contains("ENOSPC", StringComparison.Ordinal),
            "list warns too", Zd.Evidence);
        (await Zd.Run("scale", "web", "2")).Succeeded();
        (await Zd.Run("save")).Exited(1).Says("no space left").HasNoStackTrace();
        (await Zd.Run("doctor")).Exited(1).Says("make room").HasNoStackTrace();
        var workers = await Zd.List();

        // What is only in memory is in the keeper's memory too.
        await ReplaceDaemon();
        Assert.Equal(workers, await Zd.List());
        await ReplaceKeeper();
        Assert.Equal(workers, await Zd.List());
        (await Zd.Run("reload", "web")).Succeeded();
        NothingFailed(await load.StopAsync());

        File.Delete(Ballast);
        await StateIsOnDisk();
        await Eventually.Holds(async () => !(await Zd.Run("list")).All.Contains("kept in memory only", StringComparison.Ordinal), "it is no problem any more", Zd.Evidence);
        (await Zd.Run("save")).Succeeded();
    }

    [Fact]
    public async Task It_is_said_once_and_not_with_each_try()
    {
        Zd.MountHome("8m");
        (await Zd.Run("start", WriteApp())).Succeeded();
        using var logs = Zd.Begin("logs", "--lines", "1");
        await logs.Says("listening on");
        Fill();
        for (var i = 3; i <= 8; i++)
            (await Zd.Run("scale", "web", i % 2 == 0 ? "2" : "3")).Succeeded();
        File.Delete(Ballast);
        await logs.Says("The state is on the disk again");

        Assert.Single(Regex.Matches(logs.SoFar, "kept in memory only"));
    }

    [Fact]
    public async Task Workers_go_on_printing_and_what_is_lost_is_counted()
    {
        Zd.MountHome("8m");
        (await Zd.Run("start", WriteApp("count, '1', serve", instances: 1))).Succeeded();
        var log = Path.Combine(Zd.Home, "logs", "web-out-0.log");
        var worker = (await Zd.List())[0];
        await Eventually.Holds(() => Task.FromResult(LastCount(Read(log)) > 20), "it prints", Zd.Evidence);
        Fill();
        var length = 0L;
        await Eventually.Holds(() => Task.FromResult(length == (length = new FileInfo(log).Length) && length % Page == 0), "its last page is full too", Zd.Evidence);
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 2, KeepAlive = 2 });
        await load.WaitForRequestsAsync(500, Soon);
        NothingFailed(await load.StopAsync());
        Assert.Equal(worker, (await Zd.List())[0]);

        var before = LastCount(Read(log));
        File.Delete(Ballast);
        await Eventually.Holds(() => Task.FromResult(LastCount(Read(log)) > before && Dropped().IsMatch(Read(log))), "it prints again, and the gap is marked", Zd.Evidence);
        var text = Read(log);
        text = text[..(text.LastIndexOf('\n') + 1)];
        var markers = Dropped().Matches(text);
        var lost = markers.Sum(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        Assert.True(lost > 0);
        // One more line says where it listens.
        Assert.Equal(LastCount(text), text.Count(one => one == '\n') - 1 - markers.Count + lost);
    }

    [Fact]
    public async Task zd_kill_ends_everything_on_a_full_disk_too()
    {
        Zd.MountHome("8m");
        (await Zd.Run("start", WriteApp())).Succeeded();
        Fill();
        (await Zd.Run("kill")).Succeeded();
        await ProcessesOf(Programs.TestWorker, 0);
        Assert.Empty(ProcessTable.OfHome(Zd.Home));
        Assert.DoesNotContain("Unhandled exception", Read(Path.Combine(Zd.Home, "keeper.log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_start_says_that_there_is_no_room()
    {
        Zd.MountHome("1m");
        Fill();
        (await Zd.Run("start", WriteApp())).Exited(6).Says("No space left on device").HasNoStackTrace();
        File.Delete(Ballast);
        await NothingIsLeft();
    }

    /// <summary>To the last page. A state that gets to the disk at the end of it frees those of an older one, and all that come later would find room in these.</summary>
    private void Fill()
    {
        var state = Path.Combine(Zd.Home, "state.json");
        DateTime before;
        do
        {
            before = File.GetLastWriteTimeUtc(state);
            FillWhatIsFree();
        }
        while (File.Exists(state + ".new") || File.GetLastWriteTimeUtc(state) != before);
    }

    private void FillWhatIsFree()
    {
        using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[Page];
        try
        {
            while (true)
                file.Write(page);
        }
        catch (IOException full)
        {
            Assert.Contains("No space left", full.Message, StringComparison.Ordinal);
        }
    }

    private static int LastCount(string text) => Counts().Matches(text) is [.., var last] ? int.Parse(last.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"\d+ counts (\d+)$", RegexOptions.Multiline)]
    private static partial Regex Counts();

    [GeneratedRegex(@"ZD \| (\d+) lines \(\d+ bytes\) were dropped here: .*ENOSPC")]
    private static partial Regex Dropped();
}
