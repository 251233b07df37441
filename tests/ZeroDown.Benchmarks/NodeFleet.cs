using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace ZeroDown.Benchmarks;

/// <summary>
/// The scenario's server as a cluster app named <c>web</c>, under zd or under pm2: the same program, the same ecosystem file, the same
/// verbs, each supervisor in a home of its own.
/// </summary>
internal sealed class NodeFleet : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nodebench-").FullName;
    private readonly Dictionary<string, string?> _environment;
    private readonly string _program;
    private readonly bool _isPm2;

    private NodeFleet(string program, bool isPm2)
    {
        _program = program;
        _isPm2 = isPm2;
        Port = ZdFleet.FreePort();
        _environment = new()
        {
            [isPm2 ? "PM2_HOME" : "ZD_HOME"] = Path.Combine(_folder, "home"),
            ["PM2_DISABLE_VERSION_CHECK"] = "1",
            ["NO_COLOR"] = "1",
        };
    }

    public int Port { get; }

    public bool IsPm2 => _isPm2;

    public Uri Url => new($"http://127.0.0.1:{Port}/");

    /// <summary>Both, each with so many workers that answer; null for pm2 when it is not to be had.</summary>
    public static async Task<(NodeFleet Zd, NodeFleet? Pm2)> StartBothAsync(string zd, int instances)
    {
        var ours = await StartAsync(zd, isPm2: false, instances);
        return (ours, await Pm2Fleet.FindOrInstallAsync() is { } pm2 ? await StartAsync(pm2, isPm2: true, instances) : null);
    }

    /// <summary>pm2 alone; null when it is not to be had.</summary>
    public static async Task<NodeFleet?> StartPm2Async(int instances) =>
        await Pm2Fleet.FindOrInstallAsync() is { } pm2 ? await StartAsync(pm2, isPm2: true, instances) : null;

    public async Task<TimeSpan> RunAsync(params string[] arguments) => (await Commands.RunAsync(_program, arguments, _environment, _folder)).Took;

    /// <summary>The workers, as <c>jlist</c> tells it (in pm2's shape on both sides).</summary>
    public async Task<IReadOnlyList<int>> WorkersAsync()
    {
        var (output, _) = await Commands.RunAsync(_program, ["jlist"], _environment, _folder);
        using var json = JsonDocument.Parse(output[output.IndexOf('[', StringComparison.Ordinal)..]);
        return [.. json.RootElement.EnumerateArray().Select(row => row.GetProperty("pid").GetInt32())];
    }

    /// <summary>Those of them that are online.</summary>
    public async Task<IReadOnlyList<int>> OnlineAsync()
    {
        var (output, _) = await Commands.RunAsync(_program, ["jlist"], _environment, _folder);
        using var json = JsonDocument.Parse(output[output.IndexOf('[', StringComparison.Ordinal)..]);
        return
        [
            .. json.RootElement.EnumerateArray()
                .Where(row => row.GetProperty("pm2_env").GetProperty("status").GetString() == "online")
                .Select(row => row.GetProperty("pid").GetInt32()),
        ];
    }

    /// <summary>SIGKILL to the supervisor: pm2's daemon, or zd's daemon and not its keeper.</summary>
    public void KillDaemon()
    {
        using var daemon = Process.GetProcessById(_isPm2 ? Pm2Pid : ZdFleet.DaemonPid(_folder));
        daemon.Kill();
    }

    private int Pm2Pid => int.Parse(File.ReadAllText(Path.Combine(_folder, "home", "pm2.pid")).Trim(), CultureInfo.InvariantCulture);

    /// <summary>What stays resident beside the workers.</summary>
    public long ResidentBytes() => _isPm2
        ? Commands.ResidentBytes(Pm2Pid)
        : ZdFleet.ResidentPids(_folder).Sum(Commands.ResidentBytes);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("kill");
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<NodeFleet> StartAsync(string program, bool isPm2, int instances)
    {
        var fleet = new NodeFleet(program, isPm2);
        var file = Path.Combine(fleet._folder, "ecosystem.json");
        await File.WriteAllTextAsync(file, $$"""
            { "apps": [{
              "name": "web", "script": "{{Path.Combine(Settings.Root, "tests", "node-apps", "http.cjs")}}",
              "instances": {{instances}}, "exec_mode": "cluster", "env": { "PORT": "{{fleet.Port}}" }
            }] }
            """);
        await fleet.RunAsync("start", file);
        await fleet.AllAnswerAsync(instances);
        return fleet;
    }

    // pm2 calls a cluster worker online before it listens.
    private async Task AllAnswerAsync(int instances)
    {
        var seen = new HashSet<string>();
        for (var attempt = 0; seen.Count < instances; attempt++)
        {
            using var client = new HttpClient();
            try
            {
                var answer = await client.GetStringAsync(Url);
                seen.Add(answer[answer.IndexOf("pid:", StringComparison.Ordinal)..].Trim());
            }
            catch (HttpRequestException) when (attempt < 2000)
            {
                await Task.Delay(20);
            }

            if (attempt >= 2000)
                throw new InvalidOperationException($"only {seen.Count} of {instances} workers answer on {new IPEndPoint(IPAddress.Loopback, Port)}");
        }
    }
}
