using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Workers;

/// <summary>What a worker finds when it starts.</summary>
public sealed class EnvironmentSpecs : EndToEndTest
{
    [Fact]
    public async Task A_worker_gets_its_sockets_its_names_and_nothing_else()
    {
        Zd.Environment["FROM_THE_SHELL"] = "yes";
        Zd.Environment["LISTEN_FDNAMES"] = "inherited-rubbish";
        Zd.Environment["WATCHDOG_USEC"] = "1";
        (await Zd.Run("start", WriteApp("print-env, '*', print-fds, serve", "env: { DECLARED: here }", instances: 1))).Succeeded();
        var words = (await Zd.Run("logs", "web", "--nostream", "--raw", "--lines", "500")).Succeeded().Out;
        var pid = (await Zd.List())[0].Pid;

        Assert.Contains("env LISTEN_FDS=1\n", words, StringComparison.Ordinal);
        Assert.Contains($"env LISTEN_PID={pid}\n", words, StringComparison.Ordinal);
        Assert.Contains($"env SYSTEMD_EXEC_PID={pid}\n", words, StringComparison.Ordinal);
        Assert.Contains("env ZD_APP=web\n", words, StringComparison.Ordinal);
        Assert.Contains("env ZD_SLOT=0\n", words, StringComparison.Ordinal);
        Assert.Contains("env NODE_APP_INSTANCE=0\n", words, StringComparison.Ordinal);
        Assert.Contains("env NOTIFY_SOCKET=", words, StringComparison.Ordinal);
        Assert.Contains("env FROM_THE_SHELL=yes\n", words, StringComparison.Ordinal);
        Assert.Contains("env DECLARED=here\n", words, StringComparison.Ordinal);
        Assert.DoesNotContain("inherited-rubbish", words, StringComparison.Ordinal);
        Assert.DoesNotContain("env WATCHDOG_USEC", words, StringComparison.Ordinal);
        Assert.Matches("fd 3 socket:", words);
    }

    [Fact]
    public async Task A_program_that_is_no_runtime_sees_exactly_the_fds_it_was_given()
    {
        // ls opens the folder that it lists as the next free fd, so there are four: 0, 1, 2 and the folder.
        var file = Zd.Write("ecosystem.yaml", App("fds", "/bin/ls", "args: ['-l', /proc/self/fd]\nautorestart: false"));
        await Zd.Run("start", file);
        await Eventually.Holds(
            async () => (await Zd.Run("logs", "fds", "--nostream", "--raw")).Out.Contains(" 2 -> ", StringComparison.Ordinal),
            "ls has listed its fds",
            Zd.Evidence);
        var fds = (await Zd.Run("logs", "fds", "--nostream", "--raw")).Out.Split('\n').Where(line => line.Contains(" -> ", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, fds.Count);
    }

    [Fact]
    public async Task The_notify_protocol_reaches_the_supervisor()
    {
        var file = WriteApp("notify, 'STATUS=warming up', notify, EXTEND_TIMEOUT_USEC=20000000, sleep, '7000', ready, barrier, serve", "wait_ready: strict\nlisten_timeout: 6s", instances: 1);
        (await Zd.Run("start", file)).Succeeded();
        await Eventually.Holds(
            async () => (await Zd.Run("logs", "web", "--nostream")).Out.Contains("the barrier is passed", StringComparison.Ordinal),
            "the barrier is acknowledged",
            Zd.Evidence);
        (await Zd.Run("describe", "web")).Succeeded().Says("warming up");
    }

    [Fact]
    public async Task A_worker_that_never_says_ready_counts_because_it_listens()
    {
        (await Zd.Run("start", WriteApp("serve", "wait_ready: true\nlisten_timeout: 5s", instances: 1))).Succeeded().Says("never said ready");
        await PidsThatAnswer(1);
    }

    [Fact]
    public async Task A_worker_that_must_say_ready_and_does_not_fails_the_start()
    {
        (await Zd.Run("start", WriteApp("serve", "wait_ready: strict\nlisten_timeout: 1s", instances: 1))).Exited(1);
    }

    [Fact]
    public async Task Several_listeners_arrive_in_their_order_also_unix_ones()
    {
        var path = Path.Combine(Zd.Folder, "s.sock");
        var file = Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, $"args: [serve]\ninstances: 2\nlisten: ['127.0.0.1:{Port}', 'unix:{path}']"));
        (await Zd.Run("start", file)).Succeeded();
        await using var load = LoadClient.LoadRun.Start(new LoadClient.LoadPlan(Url) { KeepAlive = 4, Fresh = 4, UnixPath = path });
        await load.WaitForRequestsAsync(200, Soon);
        (await Zd.Run("reload", "web")).Succeeded();
        await load.WaitForMoreAsync(200, Soon);
        NothingFailed(await load.StopAsync());
        await PidsThatAnswer(2);
    }
}
