using System.Globalization;

namespace ZeroDown.Benchmarks;

/// <summary>pm2 7 with one cluster app of two workers, in a PM2_HOME of its own; installed from npm when it is not there yet.</summary>
internal sealed class Pm2Fleet : IAsyncDisposable
{
    // The scenario's server: one line of text, no code for its supervisor.
    private const string Server = """
        const http = require('http');
        let count = 0;
        http.createServer((request, response) => {
          const delay = Number(new URL(request.url, 'http://x').searchParams.get('delay') || 0);
          const answer = () => response.end(`here is my voice: Hello World! now is: ${new Date().toISOString()} cnt: ${++count} pid: ${process.pid}\n`);
          delay ? setTimeout(answer, delay) : answer();
        }).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('httpserver is listening on ' + process.env.PORT));
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("pm2bench-").FullName;
    private readonly Dictionary<string, string?> _environment;
    private readonly string _program;

    private Pm2Fleet(string program, int port)
    {
        _program = program;
        Port = port;
        _environment = new() { ["PM2_HOME"] = Path.Combine(_folder, "home"), ["PORT"] = $"{port}", ["PM2_DISABLE_VERSION_CHECK"] = "1" };
    }

    public int Port { get; }

    public Uri Url => new($"http://127.0.0.1:{Port}/");

    public int DaemonPid => int.Parse(File.ReadAllText(Path.Combine(_folder, "home", "pm2.pid")).Trim(), CultureInfo.InvariantCulture);

    /// <summary>Null when neither pm2 nor npm is there.</summary>
    public static async Task<Pm2Fleet?> StartAsync()
    {
        if (await FindOrInstallAsync() is not { } program)
            return null;
        var fleet = new Pm2Fleet(program, ZdFleet.FreePort());
        var script = Path.Combine(fleet._folder, "server.js");
        await File.WriteAllTextAsync(script, Server);
        await fleet.RunAsync("start", script, "-i", "2", "--name", "web");
        await fleet.ListensAsync();
        return fleet;
    }

    public async Task<TimeSpan> RunAsync(params string[] arguments) => (await Commands.RunAsync(_program, arguments, _environment, _folder)).Took;

    public async ValueTask DisposeAsync()
    {
        await RunAsync("kill");
        Directory.Delete(_folder, recursive: true);
    }

    // pm2 calls a cluster worker online before it listens.
    private async Task ListensAsync()
    {
        using var client = new HttpClient();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await client.GetStringAsync(Url);
                return;
            }
            catch (HttpRequestException) when (attempt < 200)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>The program, installed when npm is there; null when it is not to be had.</summary>
    public static async Task<string?> FindOrInstallAsync()
    {
        var folder = Path.Combine(Settings.Root, "artifacts", "pm2");
        var program = Path.Combine(folder, "node_modules", ".bin", "pm2");
        if (!File.Exists(program) && Commands.Find("npm") is { } npm)
        {
            Directory.CreateDirectory(folder);
            await Commands.RunAsync(npm, ["install", "--prefix", folder, "--no-audit", "--no-fund", "--loglevel=error", "pm2@7"]);
        }

        return File.Exists(program) ? program : null;
    }
}
