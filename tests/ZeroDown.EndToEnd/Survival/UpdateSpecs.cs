using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Roll;

namespace ZeroDown.EndToEnd.Survival;

/// <summary><c>zd update</c>: another program in place of daemon and keeper, and no worker or client notices.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class UpdateSpecs : SurvivalTest
{
    private static readonly int Updates = Soak ? 20 : 3;

    [Theory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Clients_and_workers_notice_nothing(Variant worker)
    {
        await StartWeb(worker);
        await NobodyNotices(Update, Updates);
    }

    [Fact]
    public async Task Nor_does_Node()
    {
        await StartNode();
        await NobodyNotices(Update, Updates);
    }

    [Fact]
    public async Task The_keeper_is_the_same_process_and_the_workers_are_still_its_children()
    {
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "args: [count, '3', hang]\nautorestart: false")))).Succeeded();
        var log = Path.Combine(Zd.Home, "logs", "web-out.log");
        await Eventually.Holds(() => Task.FromResult(File.Exists(log) && Read(log).Contains(" counts ", StringComparison.Ordinal)), "the worker counts", Zd.Evidence);
        var (keeper, daemon) = (Keeper, Daemon);
        (await Zd.Run("update")).Succeeded().Says("updated", $"pid {daemon}");
        Assert.Equal(keeper, Keeper);
        Assert.NotEqual(daemon, Daemon);
        Kill((await Zd.List())[0].Pid);

        await Eventually.Holds(async () => (await Zd.List())[0].Status == "stopped", "its end is noticed", Zd.Evidence);
        await Logs("via signal [SIGKILL]");
        NoLineIsLost(Read(log));
    }

    [Theory]
    [InlineData("exit 1", "ended before it listened: exit code 1")]
    [InlineData("kill -9 $$", "ended before it listened: signal 9")]
    [InlineData("echo broken >&2; exit 127", "exit code 127")]
    public async Task A_program_whose_daemon_does_not_start_gives_way_to_the_old_one(string asDaemon, string why)
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var (keeper, before) = (Keeper, await Fleet());
        var broken = Zd.Write("broken-zd", $"#!/bin/sh\ncase \"$2\" in --preflight) echo 9.9.9; exit 0;; esac\n{asDaemon}\n", executable: true);

        (await Zd.Run("update", "--with", broken)).Exited(1).Says("did not start", why, "the old one is back", "no worker was touched").HasNoStackTrace();
        Assert.Equal(keeper, Keeper);
        Assert.Equal(before, await Fleet());
        (await Zd.Run("update")).Succeeded();
    }

    [Fact]
    public async Task A_program_that_cannot_even_be_asked_touches_nothing()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var (keeper, daemon) = (Keeper, Daemon);
        var noProgram = Zd.Write("no-zd", "this is no program", executable: true);
        var cannot = Zd.Write("old-zd", "#!/bin/sh\necho 'it is of a version that I do not know' >&2; exit 1\n", executable: true);

        (await Zd.Run("update", "--with", "/no/such/zd")).Exited(2).Says("there is no /no/such/zd").HasNoStackTrace();
        (await Zd.Run("update", "--with", noProgram)).Exited(1).Says("was not begun", "nothing was touched").HasNoStackTrace();
        (await Zd.Run("update", "--with", cannot)).Exited(1).Says("was not begun", "a version that I do not know").HasNoStackTrace();
        Assert.Equal((keeper, daemon), (Keeper, Daemon));
    }

    [Fact]
    public async Task Without_a_daemon_there_is_nothing_to_update() => (await Zd.Run("update")).Succeeded().Says("nothing to update");

    [Fact]
    public async Task pm2_s_word_for_it_works()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        (await Zd.Run("updatePM2")).Succeeded().Says("updated");
    }

    private async Task Update() => (await Zd.Run("update")).Succeeded().Says("updated");
}
