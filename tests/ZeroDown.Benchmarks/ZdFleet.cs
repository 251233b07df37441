using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ZeroDown.Benchmarks;

/// <summary>A daemon in a home of its own, with one app of two workers.</summary>
internal sealed class ZdFleet : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("zdbench-").FullName;
    private readonly Dictionary<string, string?> _environment;
    private readonly string _zd;

    private ZdFleet(string zd, int port)
    {
        _zd = zd;
        Port = port;
        _environment = new() { ["ZD_HOME"] = Path.Combine(_folder, "home"), ["NO_COLOR"] = "1" };
    }

    public int Port { get; }

    public Uri Url => new($"http://127.0.0.1:{Port}/");

    /// <summary>Starts two workers and returns when they are ready.</summary>
    /// <param name="options">Lines of the ecosystem file beside name, instances and listen.</param>
    public static async Task<ZdFleet> StartAsync(string zd, params string[] options)
    {
        var fleet = new ZdFleet(zd, FreePort());
        var file = Path.Combine(fleet._folder, "ecosystem.yaml");
        await File.WriteAllTextAsync(file, $"apps:\n  - name: web\n    instances: 2\n    listen: 127.0.0.1:{fleet.Port}\n" + string.Concat(options.Select(line => $"    {line}\n")));
        await fleet.RunAsync("start", file);
        return fleet;
    }

    public async Task<TimeSpan> RunAsync(params string[] arguments) => (await Commands.RunAsync(_zd, arguments, _environment, _folder)).Took;

    /// <summary>Keeper and daemon: everything of this home that is neither a worker nor a client.</summary>
    public IReadOnlyList<int> ResidentPids() => ResidentPids(_folder);

    /// <summary>The same for a home in another folder.</summary>
    public static IReadOnlyList<int> ResidentPids(string folder) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0 && IsOfHome(pid, folder)),
    ];

    /// <summary>The daemon of a home in another folder.</summary>
    public static int DaemonPid(string folder) => ResidentPids(folder).Single(pid => File.ReadAllText($"/proc/{pid}/cmdline").Split('\0').Contains("daemon"));

    public async ValueTask DisposeAsync()
    {
        await RunAsync("kill");
        Directory.Delete(_folder, recursive: true);
    }

    public static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static bool IsOfHome(int pid, string folder)
    {
        try
        {
            var words = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
            return (words.Contains("keeper") || words.Contains("daemon"))
                && (words.Any(word => word.Contains(folder, StringComparison.Ordinal))
                    || File.ReadAllText($"/proc/{pid}/environ").Contains($"ZD_HOME={folder}/", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
