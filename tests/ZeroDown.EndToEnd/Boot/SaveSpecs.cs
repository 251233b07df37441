using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Boot;

/// <summary><c>zd save</c>, <c>zd resurrect</c>, <c>zd cleardump</c>.</summary>
public sealed class SaveSpecs : EndToEndTest
{
    private string Dump => Path.Combine(Zd.Home, "dump.json");

    private string Previous => Path.Combine(Zd.Home, "dump.previous.json");

    [Fact]
    public async Task What_was_saved_comes_back_with_its_number_of_workers_its_variables_and_what_was_stopped()
    {
        Zd.Environment["COLOUR"] = "green";
        await StartTwoApps();
        (await Zd.Run("scale", "web", "3")).Succeeded();
        (await Zd.Run("stop", "job")).Succeeded();
        (await Zd.Run("stop", "1")).Succeeded();
        (await Zd.Run("save")).Succeeded().Says("saved 2 apps to", Dump);
        (await Zd.Run("kill")).Succeeded();

        Zd.Environment["COLOUR"] = "red";
        (await Zd.Run("resurrect")).Succeeded().Says("resurrected 2 of 2", Dump);
        var workers = await Zd.List();
        Assert.Equal(
            ["web 0 online", "web 1 stopped", "web 2 online", "job 3 stopped"],
            workers.Select(worker => $"{worker.Name} {worker.PmId} {worker.Status}"));
        (await Zd.Run("env", "0")).Succeeded().Says("COLOUR: green");
        (await Zd.Run("start", "job")).Succeeded();
        await PidsThatAnswer(2);
    }

    [Fact]
    public async Task What_runs_is_left_alone()
    {
        await StartTwoApps();
        (await Zd.Run("save")).Succeeded();
        var web = (await Zd.List()).Where(worker => worker.Name == "web").ToList();
        (await Zd.Run("delete", "job")).Succeeded();
        (await Zd.Run("resurrect")).Succeeded().Says("resurrected 1 of 2");
        var now = await Zd.List();
        Assert.Equal(web, now.Where(worker => worker.Name == "web"));
        Assert.Equal("online", now.Single(worker => worker.Name == "job").Status);
        (await Zd.Run("resurrect")).Succeeded().Says("every saved app is there already");
        Assert.Equal(now, await Zd.List());
    }

    [Fact]
    public async Task An_empty_list_is_saved_only_by_force()
    {
        await StartTwoApps();
        (await Zd.Run("save")).Succeeded();
        (await Zd.Run("delete", "all")).Succeeded();
        (await Zd.Run("save")).Exited(1).Says("--force").HasNoStackTrace();
        (await Zd.Run("save", "--force")).Succeeded().Says("saved 0 apps");
        (await Zd.Run("resurrect")).Succeeded().Says("the saved list is empty");
        Assert.Empty(await Zd.List());
    }

    [Fact]
    public async Task Cleardump_empties_what_was_saved_and_touches_nothing_else()
    {
        await StartTwoApps();
        (await Zd.Run("save")).Succeeded();
        (await Zd.Run("cleardump")).Succeeded().Says(Dump, Previous);
        await PidsThatAnswer(2);
        (await Zd.Run("kill")).Succeeded();
        (await Zd.Run("resurrect")).Succeeded().Says("the saved list is empty");
        Assert.Empty(await Zd.List());
    }

    [Fact]
    public async Task Without_zd_save_what_last_ran_comes_back_and_what_was_stopped_stays_stopped()
    {
        await StartTwoApps();
        (await Zd.Run("stop", "job")).Succeeded();
        (await Zd.Run("kill")).Succeeded();
        (await Zd.Run("resurrect")).Succeeded().Says("nothing was saved with `zd save`", "resurrected 2 of 2", "state.last.json");
        Assert.Equal(["web online", "web online", "job stopped"], (await Zd.List()).Select(worker => $"{worker.Name} {worker.Status}"));
        await PidsThatAnswer(2);
    }

    [Fact]
    public async Task What_last_ran_comes_back_although_something_else_was_started_first()
    {
        await StartTwoApps();
        (await Zd.Run("kill")).Succeeded();
        (await Zd.Run("start", "/bin/sh", "--name", "other", "--", "-c", "sleep 600")).Succeeded();
        (await Zd.Run("resurrect")).Succeeded().Says("this is what last ran", "resurrected 2 of 2");
        Assert.Equal(["job", "other", "web", "web"], (await Zd.List()).Select(worker => worker.Name).Order());
    }

    [Fact]
    public async Task With_nothing_saved_there_is_nothing_to_do() =>
        (await Zd.Run("resurrect")).Succeeded().Says("nothing was saved", "zd save");

    [Fact]
    public async Task Without_a_daemon_there_is_nothing_to_save() =>
        (await Zd.Run("save")).Exited(6).Says("no daemon is running").HasNoStackTrace();

    [Theory]
    [InlineData("{\"format\":1,\"version\":\"0.1", "damaged")]
    [InlineData("garbage", "damaged")]
    [InlineData("", "damaged")]
    [InlineData("{\"format\":99,\"version\":\"7.0.0\",\"fleet\":{},\"desk\":{},\"specs\":[]}", "version 7.0.0")]
    public async Task A_dump_that_cannot_be_read_is_named_and_the_one_before_is_used(string text, string why)
    {
        await SaveTwice();
        File.WriteAllText(Dump, text);
        (await Zd.Run("resurrect")).Succeeded().Says("warning:", Dump, why, Previous, "is used instead", "resurrected 2 of 2").HasNoStackTrace();
        // The last good one is not given up for a damaged one.
        var good = File.ReadAllText(Previous);
        (await Zd.Run("save")).Succeeded();
        Assert.Equal(good, File.ReadAllText(Previous));
        await PidsThatAnswer(2);
    }

    [Fact]
    public async Task A_symbolic_link_in_its_place_is_not_followed()
    {
        await SaveTwice();
        var elsewhere = Zd.Write("elsewhere.json", File.ReadAllText(Dump));
        File.Delete(Dump);
        File.CreateSymbolicLink(Dump, elsewhere);
        (await Zd.Run("resurrect")).Succeeded().Says("symbolic link", Previous, "resurrected 2 of 2").HasNoStackTrace();
        (await Zd.Run("save")).Succeeded();
        Assert.Null(new FileInfo(Dump).LinkTarget);
        Assert.NotEqual(0, new FileInfo(elsewhere).Length);
    }

    [Fact]
    public async Task A_dump_of_somebody_else_is_not_obeyed()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root can give a file away");
        await SaveTwice();
        Tool.Run("chown", "65534", Dump);
        (await Zd.Run("resurrect")).Succeeded().Says("another user", "65534", Previous).HasNoStackTrace();
    }

    [Fact]
    public async Task With_no_good_one_left_it_is_an_error_that_says_what_to_do()
    {
        await SaveTwice();
        File.WriteAllText(Dump, "no");
        File.WriteAllText(Previous, "neither");
        foreach (var state in Directory.GetFiles(Zd.Home, "state*.json"))
            File.Delete(state);
        (await Zd.Run("resurrect")).Exited(1).Says(Dump, Previous, "zd save").HasNoStackTrace();
    }

    /// <summary>Two good dumps, and no daemon.</summary>
    private async Task SaveTwice()
    {
        await StartTwoApps();
        (await Zd.Run("save")).Succeeded();
        (await Zd.Run("save")).Succeeded();
        (await Zd.Run("kill")).Succeeded();
        Assert.True(File.Exists(Previous));
    }

    private async Task StartTwoApps()
    {
        var web = App("web", Programs.TestWorker, $"args: [serve]\ninstances: 2\nlisten: 127.0.0.1:{Port}");
        var job = App("job", "/bin/sh", "args: ['-c', 'exec sleep 600']\ncwd: /")["apps:\n".Length..];
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", web + job))).Succeeded();
    }
}
