using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Boot;

/// <summary>The keeper as the main process of a unit: what it says to the init system, and what it does when it is told to stop.</summary>
public sealed class ServiceSpecs : EndToEndTest
{
    [Fact]
    public async Task It_says_ready_when_the_saved_apps_run_and_stopping_while_it_drains()
    {
        await SaveAnApp("slow-drain, 500, serve");
        using var init = new Init(Zd);
        using var unit = Zd.Begin("resurrect", "--service");
        await init.Hears("READY=1", "every saved app runs");
        Assert.All(await Zd.List(), worker => Assert.Equal("online", worker.Status));
        Assert.Equal(unit.Pid, ProcessTable.OfHome(Zd.Home, " keeper ").Single().Pid);
        await PidsThatAnswer(2);
        unit.Signal("TERM");
        await init.Hears("STOPPING=1", "EXTEND_TIMEOUT_USEC=");
        (await unit.Finished(Soon)).Succeeded();
        Assert.Empty(ProcessTable.OfHome(Zd.Home));
    }

    [Fact]
    public async Task An_app_that_does_not_start_is_said_and_the_others_run()
    {
        await SaveAnApp("serve");
        ZdHome.Edit(Path.Combine(Zd.Home, "dump.json"), text => text.Replace("\"serve\"", "\"exit-at-once\",\"3\"", StringComparison.Ordinal));
        using var init = new Init(Zd);
        using var unit = Zd.Begin("resurrect", "--service");
        await init.Hears("READY=1", "not every saved app");
        Assert.False(unit.HasExited);
        unit.Signal("TERM");
        (await unit.Finished(Soon)).Succeeded();
    }

    [Fact]
    public async Task With_nothing_saved_it_is_ready_and_waits_for_zd_start()
    {
        using var init = new Init(Zd);
        using var unit = Zd.Begin("resurrect", "--service");
        await init.Hears("READY=1");
        (await Zd.Run("start", WriteApp())).Succeeded();
        Assert.Equal(unit.Pid, ProcessTable.OfHome(Zd.Home, " keeper ").Single().Pid);
        (await Zd.Run("kill")).Succeeded();
        (await unit.Finished(Soon)).Succeeded();
    }

    /// <summary>Restarted after its keeper was killed, it finds the one that the daemon has brought meanwhile. Here: one that runs in the same control group.</summary>
    [Fact]
    public async Task A_keeper_that_is_there_already_becomes_the_main_process()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var keeper = ProcessTable.OfHome(Zd.Home, " keeper ").Single().Pid;
        using var init = new Init(Zd);
        using var unit = Zd.Begin("resurrect", "--service");
        await init.Hears("READY=1", $"MAINPID={keeper}");
        (await unit.Finished(Soon)).Succeeded();
        await PidsThatAnswer(2);
    }

    [Fact]
    public async Task Workers_do_not_inherit_the_way_to_the_init_system()
    {
        using var init = new Init(Zd);
        using var unit = Zd.Begin("resurrect", "--service");
        await init.Hears("READY=1");
        (await Zd.Run("start", WriteApp("print-env, NOTIFY_SOCKET, serve"))).Succeeded();
        var log = "";
        await Eventually.Holds(
            async () => (log = (await Zd.Run("logs", "web", "--nostream")).Succeeded().Out).Split("env NOTIFY_SOCKET=").Length > 2, "both have printed it", Zd.Evidence);
        Assert.DoesNotContain(init.Path, log, StringComparison.Ordinal);
        unit.Signal("TERM");
        (await unit.Finished(Soon)).Succeeded();
    }

    [Fact]
    public async Task Startup_shows_what_it_would_do_and_touches_nothing()
    {
        var result = (await Zd.Run("startup", "systemd", "--dry-run", "--service-name", "zd-of-a-test")).Succeeded();
        result.Says("# would write /etc/systemd/system/zd-of-a-test.service", "Type=notify", $"ZD_HOME={Zd.Home}", "# would run: systemctl enable zd-of-a-test.service");
        Assert.False(File.Exists("/etc/systemd/system/zd-of-a-test.service"));
        (await Zd.Run("unstartup", "systemd", "--dry-run", "--service-name", "zd-of-a-test")).Succeeded().Says("# would remove");
        (await Zd.Run("startup", "upstart")).Exited(2).Says("systemd, systemd-user, launchd, openrc, runit").HasNoStackTrace();
        (await Zd.Run("startup", "systemd", "--dry-run", "-u", "ghost-of-zd")).Exited(2).Says("no user 'ghost-of-zd'").HasNoStackTrace();
    }

    [Fact]
    public async Task Who_is_not_root_gets_the_line_to_copy()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root can become somebody else here");
        using var startup = Zd.BeginUnder(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], "startup", "systemd");
        var result = (await startup.Finished(Soon)).Exited(1);
        Assert.Matches($"(?m)^sudo env PATH=.* ZD_HOME={Zd.Home} .*zd startup systemd -u nobody --hp /nonexistent$", result.Out);
        Assert.Contains("zd startup systemd-user", result.Err, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_unit_of_ones_own_is_written_and_a_foreign_file_is_not_replaced()
    {
        var home = Path.Combine(Zd.Folder, "user");
        var unit = Path.Combine(home, ".config/systemd/user/zd-x.service");
        // systemctl of the test: it writes down what it was asked.
        Zd.Write("bin/systemctl", $"#!/bin/sh\necho \"$@\" >> {Zd.Folder}/asked\n", executable: true);
        Zd.Write("bin/loginctl", "#!/bin/sh\necho no such session >&2\nexit 1\n", executable: true);
        Zd.Environment["PATH"] = $"{Zd.Folder}/bin:{Environment.GetEnvironmentVariable("PATH")}";
        (await Zd.Run("startup", "systemd-user", "--hp", home, "--service-name", "zd-x")).Succeeded().Says($"wrote {unit}", "warning:", "enable-linger", "no such session", "zd save");
        Assert.Equal(["--user daemon-reload", "--user enable zd-x.service"], File.ReadAllLines(Path.Combine(Zd.Folder, "asked")));
        Assert.DoesNotContain("User=", File.ReadAllText(unit), StringComparison.Ordinal);

        (await Zd.Run("unstartup", "systemd-user", "--hp", home, "--service-name", "zd-x")).Succeeded();
        Assert.False(File.Exists(unit));
        File.WriteAllText(unit, "[Unit]\n");
        (await Zd.Run("startup", "systemd-user", "--hp", home, "--service-name", "zd-x")).Exited(1).Says("was not written by zd").HasNoStackTrace();
        (await Zd.Run("unstartup", "systemd-user", "--hp", home, "--service-name", "zd-x")).Exited(1).Says("was not written by zd").HasNoStackTrace();
        Assert.Equal("[Unit]\n", File.ReadAllText(unit));
    }

    private async Task SaveAnApp(string steps)
    {
        (await Zd.Run("start", WriteApp(steps))).Succeeded();
        (await Zd.Run("save")).Succeeded();
        (await Zd.Run("kill")).Succeeded();
    }

    /// <summary>The socket on which systemd would listen.</summary>
    private sealed class Init : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        private readonly ConcurrentQueue<string> _heard = new();

        public Init(ZdHome zd)
        {
            Path = System.IO.Path.Combine(zd.Folder, "init");
            _socket.Bind(new UnixDomainSocketEndPoint(Path));
            zd.Environment["NOTIFY_SOCKET"] = Path;
            _ = Task.Run(ListenAsync);
        }

        public string Path { get; }

        public Task Hears(params string[] words) => Eventually.Holds(
            () => Task.FromResult(_heard.Any(text => words.All(word => text.Contains(word, StringComparison.Ordinal)))),
            $"the init system hears {string.Join(" and ", words)}",
            () => string.Join("\n--\n", _heard));

        public void Dispose() => _socket.Dispose();

        private async Task ListenAsync()
        {
            var buffer = new byte[4096];
            try
            {
                while (true)
                    _heard.Enqueue(Encoding.UTF8.GetString(buffer, 0, await _socket.ReceiveAsync(buffer)));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
