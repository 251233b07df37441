using System.Diagnostics;
using System.Globalization;
using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Workers;

/// <summary>
/// Two workers of another user do at random what would make them root, give them another app's traffic or stop the fleet (<c>tests/node-apps/hostile.cjs</c>), beside a good
/// app under the strict client. <c>ZD_SOAK=1</c>: for 60 s, with fresh dice. <c>ZD_SEED=N</c> throws the same dice again.
/// </summary>
[Collection(nameof(HeavyLoad))]
public sealed class HostileWorkerSpecs : EndToEndTest
{
    private static readonly bool Soak = Environment.GetEnvironmentVariable("ZD_SOAK") == "1";

    /// <summary>In kB; of the native program, whose resident pair is what is promised.</summary>
    private const long MostMemory = 60 * 1024;

    private static readonly string[] Names = ["secret", "readable", "shadow"];

    [Fact]
    public async Task It_gets_nothing_and_stops_nobody()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root can become somebody else");
        Assert.SkipUnless(Tool.Run("node", "--version") == 0, "node is not on PATH");
        var seed = Environment.GetEnvironmentVariable("ZD_SEED") ?? (Soak ? Random.Shared.Next(1_000_000) : 1).ToString(CultureInfo.InvariantCulture);
        TestContext.Current.TestOutputHelper?.WriteLine($"ZD_SEED={seed}");
        using var places = new Places();
        var before = places.Canary();
        var length = Soak ? TimeSpan.FromSeconds(60) : TimeSpan.FromSeconds(10);

        (await Zd.Run("start", WriteApp("serve"))).Succeeded();
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 4, KeepAlive = 4 });
        await load.WaitForRequestsAsync(50, Soon);
        await Zd.Run("start", Zd.Write("hostile.yaml", App("app", Path.Combine(places.Own, "hostile.cjs"),
            $"cwd: {places.Own}\nexec_mode: cluster\ninstances: 2\nuid: nobody\nout_file: {places.Own}/out.log\nerror_file: {places.Own}/error.log\npid_file: {places.Own}/app.pid\n"
            + $"log_date_format: YYYY-MM-DD\nwatch: [{places.Own}/watched]\nautorestart: true\nrestart_delay: 100\nmax_restarts: 100000\nkill_timeout: 500\n"
            + $"env: {{SEED: '{seed}', VICTIM: '{Port}', CANARY: {places.Root}}}")));

        var clock = Stopwatch.StartNew();
        var (reloads, slowest, peak) = (0, TimeSpan.Zero, 0L);
        while (clock.Elapsed < length)
        {
            var began = clock.Elapsed;
            (await Zd.Run("reload", "web")).Succeeded();
            reloads++;
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, (clock.Elapsed - began).Ticks));
            peak = Math.Max(peak, Resident());
            await Zd.Run("logs", "app", "--lines", "5", "--nostream");
            await Zd.Run(reloads % 3 == 0 ? ["flush", "app"] : reloads % 3 == 1 ? ["reload-logs"] : ["describe", "app"]);
        }

        var result = await load.StopAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"{reloads} reloads, the slowest {slowest.TotalSeconds:0.00} s; keeper or daemon had {peak / 1024} MB at most; {result}");
        NothingFailed(result);
        Assert.Equal(before, places.Canary());
        Assert.Equal(2, (await Zd.List()).Count(worker => worker is { Name: "web", Status: "online" }));
        if (Programs.IsNative)
            Assert.True(peak < MostMemory, $"keeper or daemon had {peak} kB");
        (await Zd.Run("delete", "app")).Succeeded();
    }

    /// <summary>What the larger of keeper and daemon has in memory, in kB.</summary>
    private long Resident() => ProcessTable.OfHome(Zd.Home, "daemon").Concat(ProcessTable.OfHome(Zd.Home, "keeper")).Select(process => Resident(process.Pid)).DefaultIfEmpty().Max();

    private static long Resident(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line[6..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>A folder of the hostile user, and one of root's with canaries in it.</summary>
    private sealed class Places : IDisposable
    {
        public Places()
        {
            Own = Directory.CreateTempSubdirectory("zdhostile-").FullName;
            Root = Directory.CreateTempSubdirectory("zdcanary-").FullName;
            Directory.CreateDirectory(Path.Combine(Own, "watched"));
            File.Copy(Path.Combine(Programs.Root, "tests/node-apps/hostile.cjs"), Path.Combine(Own, "hostile.cjs"));
            Assert.Equal(0, Tool.Run("chown", "-R", "nobody", Own));
            Assert.Equal(0, Tool.Run("chmod", "755", Root));
            foreach (var name in Names)
            {
                File.WriteAllText(Path.Combine(Root, name), $"{name} of root\n");
                Assert.Equal(0, Tool.Run("chmod", name == "readable" ? "644" : "600", Path.Combine(Root, name)));
            }
        }

        public string Own { get; }

        public string Root { get; }

        /// <summary>Each file with its mode, its age and its content.</summary>
        public string Canary() => string.Join('\n', Directory.GetFileSystemEntries(Root).Order(StringComparer.Ordinal)
            .Select(path => $"{path} {File.GetUnixFileMode(path)} {File.GetLastWriteTimeUtc(path):O} {File.ReadAllText(path)}"));

        public void Dispose()
        {
            Tool.Run("rm", "-rf", Own, Root);
        }
    }
}
