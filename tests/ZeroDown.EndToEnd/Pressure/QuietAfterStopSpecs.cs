using System.Globalization;
using System.Text;
using Xunit;
using ZeroDown.EndToEnd.BadVersions;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Pressure;

/// <summary>What was started and stopped leaves nothing behind in keeper and daemon: no work, no descriptor.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class QuietAfterStopSpecs : EndToEndTest
{
    /// <summary>A heartbeat of the keeper costs well below a tick; a loop costs the whole window.</summary>
    private const int TicksAllowed = 2;

    private static TimeSpan Window => TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("ZD_SOAK") == "1" ? 10 : 3);

    [Fact]
    public async Task After_a_start_and_a_stop_of_every_kind_of_app_keeper_and_daemon_rest()
    {
        var file = WriteEverything();
        await StartAndStop(file);
        await TheyRest();
        var before = Descriptors();

        await StartAndStop(file);
        await TheyRest();
        await Eventually.Holds(() => Task.FromResult(Descriptors() is var now && now.Keeper <= before.Keeper && now.Daemon <= before.Daemon), $"as many descriptors as before ({before})", ListDescriptors);
    }

    /// <summary>Apps that fail to start are among them, so the exit code says nothing here.</summary>
    private async Task StartAndStop(string file)
    {
        var start = await Zd.Run("start", file);
        TestContext.Current.TestOutputHelper?.WriteLine(start.ToString());
        start.HasNoStackTrace();
        (await Zd.Run("stop", "all")).Succeeded();
        await Zd.ListUntil(workers => workers.All(worker => worker.Pid == 0), "every worker has ended");
    }

    private async Task TheyRest()
    {
        var spent = "";
        await Eventually.Holds(
            async () =>
            {
                var (keeper, daemon) = (Ticks(Keeper), Ticks(Daemon));
                await Task.Delay(Window, TestContext.Current.CancellationToken); // what is measured is this very time
                (keeper, daemon) = (Ticks(Keeper) - keeper, Ticks(Daemon) - daemon);
                spent = $"keeper {keeper}, daemon {daemon} ticks in {Window.TotalSeconds} s";
                return keeper <= TicksAllowed && daemon <= TicksAllowed;
            },
            $"keeper and daemon use no CPU for {Window.TotalSeconds} s", () => $"{spent}\n{Zd.Evidence()}");
    }

    private int Keeper => ProcessTable.OfHome(Zd.Home, " keeper ").Single().Pid;

    private int Daemon => ProcessTable.OfHome(Zd.Home, " daemon ").Single().Pid;

    /// <summary>utime and stime.</summary>
    private static long Ticks(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    }

    private (int Keeper, int Daemon) Descriptors() => (Open(Keeper).Length, Open(Daemon).Length);

    private static string[] Open(int pid) => Directory.GetFiles($"/proc/{pid}/fd");

    private string ListDescriptors() => string.Join('\n', Open(Keeper).Append("daemon").Concat(Open(Daemon)).Select(path => $"{path} {new FileInfo(path).LinkTarget}")) + Zd.Evidence();

    /// <summary>One app of each kind of the table of bad versions, good and bad; a job, a static site, a log that cannot be opened.</summary>
    private string WriteEverything()
    {
        var text = new StringBuilder("apps:\n");
        foreach (var kind in Enum.GetValues<Kind>())
        {
            var (good, bad) = (AppOf(kind, "good"), AppOf(kind, "bad"));
            if (Tool.Run(good.Needs, "--version") == 0)
                text.Append(good.Entry($"good-{kind}", isBad: false)).Append(bad.Entry($"bad-{kind}", isBad: true));
        }

        Zd.Write("site/index.html", "here is my voice");
        Zd.Write("no-folder", "");
        text.Append(CultureInfo.InvariantCulture, $"""
              - name: job
                script: {Programs.TestWorker}
                args: [say, done, exit, '0']
                autorestart: false
              - name: site
                script: serve
                env: {"{"} PM2_SERVE_PATH: {Path.Combine(Zd.Folder, "site")}, PM2_SERVE_PORT: "{Ports.Free()}" {"}"}
              - name: mute
                script: {Programs.TestWorker}
                args: [count, '10', hang]
                out_file: {Path.Combine(Zd.Folder, "no-folder", "out.log")}
                error_file: {Zd.Folder}

            """);
        return Zd.Write("everything.yaml", text.ToString());
    }

    private TableApp AppOf(Kind kind, string which) =>
        TableApp.Create(Zd, new Cell(kind, BadWay.ExitsWithZero, Deployment.Start), new AppPorts(Ports.Free(), Ports.Free()), $"{which}/{kind}");
}
