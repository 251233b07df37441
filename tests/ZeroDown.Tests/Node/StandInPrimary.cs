using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Xunit;

namespace ZeroDown.Tests.Node;

/// <summary>
/// A Node program with the preload in it, under tests/node-apps/stand-in-primary.cjs: Node's own cluster primary, which speaks our drain
/// messages. What the daemon adds is tested elsewhere.
/// </summary>
internal sealed class StandInPrimary : IAsyncDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly TempFolder _folder = new();
    private readonly Process _process;
    private readonly Channel<PrimaryEvent> _events = Channel.CreateUnbounded<PrimaryEvent>();
    private readonly List<PrimaryEvent> _waiting = [];
    private readonly List<PrimaryEvent> _seen = [];

    private StandInPrimary(string program, bool forked, string extension, string nodeOptions)
    {
        var script = _folder["program" + extension];
        File.WriteAllText(script, program);
        var primary = Path.Combine(RepositoryRoot(), "tests", "node-apps", "stand-in-primary.cjs");
        var start = new ProcessStartInfo(Interpreter, forked ? [primary, "--fork", script] : [primary, script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        if (nodeOptions.Length > 0)
            start.Environment["NODE_OPTIONS"] = nodeOptions;
        _process = Process.Start(start)!;
        _ = ReadAsync();
    }

    /// <summary>The Node to test with: ZD_TEST_NODE, else the one on PATH.</summary>
    public static string Interpreter => Environment.GetEnvironmentVariable("ZD_TEST_NODE") is { Length: > 0 } given ? given : "node";

    /// <summary>Where the first worker listens.</summary>
    public int Port { get; private set; }

    public Uri Url => new($"http://127.0.0.1:{Port}/");

    /// <summary>Starts the program; returns when each worker listens (in a cluster), or has the preload in it (forked).</summary>
    public static async Task<StandInPrimary> StartAsync(
        string program, int workers = 1, bool forked = false, string extension = ".cjs", string nodeOptions = "")
    {
        Assert.SkipUnless(Interpreter != "node" || Platform.Tool.Exists("node"), "node is not installed here");
        var primary = new StandInPrimary(program, forked, extension, nodeOptions);
        try
        {
            await primary.OrderAsync(new { @do = "start", workers });
            await primary.NextAsync("done");
        }
        catch
        {
            await primary.DisposeAsync();
            throw;
        }

        return primary;
    }

    public static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ZeroDown.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    /// <summary>A newcomer beside each worker; returns when the old ones have been told to drain.</summary>
    public async Task ReloadAsync(int drainMs = 10_000)
    {
        await OrderAsync(new { @do = "reload", why = "reload", idleMs = drainMs, drainMs });
        await NextAsync("done");
    }

    /// <summary>All drain, nobody takes their place; returns the first word of one of them.</summary>
    public async Task<PrimaryEvent> DrainAsync(string why = "reload", int idleMs = 10_000, int drainMs = 10_000, bool stay = false)
    {
        await OrderAsync(new { @do = "drain", why, idleMs, drainMs, stay });
        return await NextAsync("draining");
    }

    /// <summary>Tells the one that drains already.</summary>
    public Task DrainAgainAsync(string why, int idleMs, int drainMs) => OrderAsync(new { @do = "drainAgain", why, idleMs, drainMs });

    /// <summary>Sends one datagram to <see cref="Port"/> and returns the text of the answer.</summary>
    public async Task<string> AskUdpAsync(string text)
    {
        using var deadline = new CancellationTokenSource(Long);
        using var client = new UdpClient();
        await client.SendAsync(Encoding.ASCII.GetBytes(text), "127.0.0.1", Port, deadline.Token);
        return Encoding.ASCII.GetString((await client.ReceiveAsync(deadline.Token)).Buffer);
    }

    public Task HangUpAsync() => OrderAsync(new { @do = "hangUp" });

    /// <summary>The next event of this kind; others stay for whoever asks for them.</summary>
    public async Task<PrimaryEvent> NextAsync(string kind, Func<PrimaryEvent, bool>? which = null)
    {
        bool Fits(PrimaryEvent seen) => seen.Kind == kind && which?.Invoke(seen) is not false;
        using var deadline = new CancellationTokenSource(Long);
        try
        {
            while (true)
            {
                if (_waiting.Find(Fits) is { } found)
                {
                    _waiting.Remove(found);
                    return found;
                }

                _waiting.Add(await _events.Reader.ReadAsync(deadline.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            throw new Xunit.Sdk.XunitException($"'{kind}' never came. Seen:\n{Evidence()}");
        }
    }

    /// <summary>The next line that a worker prints and that begins so.</summary>
    public async Task<string> NextLineAsync(string beginning) =>
        (await NextAsync("out", line => line.Text.StartsWith(beginning, StringComparison.Ordinal))).Text;

    public string Evidence()
    {
        lock (_seen)
            return string.Join('\n', _seen.Select(seen => seen.Json));
    }

    public int Count(string kind)
    {
        lock (_seen)
            return _seen.Count(seen => seen.Kind == kind);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    private async Task OrderAsync<T>(T order)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(order));
        await _process.StandardInput.FlushAsync();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var seen = PrimaryEvent.Parse(line);
            if (seen.Kind == "listening" && Port == 0)
                Port = seen.Port;
            lock (_seen)
                _seen.Add(seen);
            _events.Writer.TryWrite(seen);
        }

        _events.Writer.Complete();
    }
}

/// <summary>One line of the stand-in's.</summary>
internal sealed record PrimaryEvent(string Kind, int Pid, string Text, int Port, string Signal, int? Code, int Requests, int Idle, string Json)
{
    public static PrimaryEvent Parse(string line)
    {
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        string Word(string name) => root.TryGetProperty(name, out var value) ? value.ToString() : "";
        int? Number(string name) => int.TryParse(Word(name), CultureInfo.InvariantCulture, out var number) ? number : null;
        return new PrimaryEvent(
            Word("event"), Number("pid") ?? 0, Word("text"), Number("port") ?? 0, Word("signal"), Number("code"), Number("requests") ?? 0, Number("idle") ?? 0, line);
    }
}
