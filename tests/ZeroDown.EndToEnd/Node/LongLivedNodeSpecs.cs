using System.Diagnostics;
using System.Text.Json;
using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>Connections of Node programs that live longer than a request: they stay with the worker that they know.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class LongLivedNodeSpecs : EndToEndTest
{
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task A_websocket_stays_on_the_old_worker_until_its_time_is_over_and_is_told_so()
    {
        var before = await StartAsync(await NodeApps.Packaged("ws.cjs"));
        await using var socket = await WebSocketSession.OpenAsync(new Uri($"ws://127.0.0.1:{Port}/"), Soon);
        var first = await socket.AskAsync("before", Soon);

        var clock = Stopwatch.StartNew();
        (await Zd.Run("reload", "web")).Succeeded();
        Assert.Empty(before.Intersect(await PidsThatAnswer(2)));
        Assert.Equal(first.Replace("before", "after", StringComparison.Ordinal), await socket.AskAsync("after", Soon));

        var end = await socket.WaitForEndAsync(Drain + Soon);
        Assert.Equal(EndKind.Complete, end.How);
        Assert.Contains("EndpointUnavailable", end.Detail, StringComparison.Ordinal); // 1001
        Assert.InRange(clock.Elapsed, Drain * 0.8, Drain + TimeSpan.FromSeconds(15));
        await AreGone(before);
    }

    [Fact]
    public async Task In_a_stop_a_request_in_flight_gets_its_time()
    {
        var before = await StartAsync(NodeApps.Plain("http.cjs"), "drain_timeout: 20s");
        await using var slow = await LongAnswer.OpenAsync(new LoadTarget(Url), "/?drip=5000");
        (await Zd.Run("stop", "web")).Succeeded();
        Assert.Equal(EndKind.Complete, (await slow.EndsWithin(Soon)).How);
        await AreGone(before);
    }

    [Fact]
    public async Task In_a_stop_a_websocket_gets_three_seconds()
    {
        var before = await StartAsync(await NodeApps.Packaged("ws.cjs"), "drain_timeout: 60s");
        await using var socket = await WebSocketSession.OpenAsync(new Uri($"ws://127.0.0.1:{Port}/"), Soon);
        await socket.AskAsync("here", Soon);
        var clock = Stopwatch.StartNew();
        using var stop = Zd.Begin("stop", "web");
        Assert.Equal(EndKind.Complete, (await socket.WaitForEndAsync(Soon)).How);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(2.5), Soon);
        (await stop.Finished(Soon)).Succeeded();
        await AreGone(before);
    }

    [Fact]
    public async Task A_socket_io_client_stays_on_the_old_worker_until_its_time_is_over()
    {
        var before = await StartAsync(await NodeApps.Packaged("socketio.cjs"));
        using var client = NodeClient.Start("socketio-client.cjs", Url.ToString());
        Assert.Equal("connected", await client.ReadLineAsync());
        var first = await client.AskAsync("before");

        var clock = Stopwatch.StartNew();
        (await Zd.Run("reload", "web")).Succeeded();
        Assert.Empty(before.Intersect(await PidsThatAnswer(2)));
        Assert.Equal(first.Replace("before", "after", StringComparison.Ordinal), await client.AskAsync("after"));
        Assert.Equal("ended transport close", await client.ReadLineAsync());
        Assert.InRange(clock.Elapsed, Drain * 0.8, Drain + TimeSpan.FromSeconds(15));
        await AreGone(before);
    }

    [Fact]
    public async Task Https_rolls_without_a_loss_and_a_new_generation_resumes_the_sessions_of_the_old()
    {
        Certificates.Write(Path.Combine(Zd.Folder, "key.pem"), Path.Combine(Zd.Folder, "cert.pem"));
        var before = await StartAsync(NodeApps.Plain("https.cjs"), "drain_timeout: 6s", $"TLS_KEY: {Zd.Folder}/key.pem, TLS_CERT: {Zd.Folder}/cert.pem, ");
        using var client = NodeClient.Start("https-client.cjs", $"https://127.0.0.1:{Port}/", "20");
        await client.ReadUntilAsync(seen => seen.GetProperty("requests").GetInt32() > 200);
        for (var reload = 0; reload < 5; reload++)
        {
            (await Zd.Run("reload", "web")).Succeeded();
            var now = await client.ReadUntilAsync(_ => true);
            var enough = now.GetProperty("requests").GetInt32() + 100;
            await client.ReadUntilAsync(seen => seen.GetProperty("requests").GetInt32() > enough);
        }

        client.EndInput();
        var result = await client.ReadUntilAsync(seen => seen.TryGetProperty("failed", out _));
        int Number(string name) => result.GetProperty(name).GetInt32();
        Assert.True(Number("failed") == 0, $"{result}\n{Zd.Evidence()}");
        // A fresh connection offers what it has, so once per reload at least each was taken by a worker that never gave it.
        Assert.True(Number("resumedElsewhere") >= 5, result.ToString());
        Assert.True(Number("resumed") >= Number("offered") * 0.9, result.ToString());
        await AreGone(before);
    }

    private async Task<HashSet<int>> StartAsync(string script, string options = "drain_timeout: 6s", string variables = "")
    {
        var file = Zd.Write("ecosystem.yaml", App("web", script, $"instances: 2\nexec_mode: cluster\nenv: {{ {variables}PORT: \"{Port}\" }}\n{options}"));
        (await Zd.Run("start", file)).Succeeded();
        return [.. (await Zd.List()).Select(worker => worker.Pid)];
    }

    private Task AreGone(IReadOnlyCollection<int> pids) => Eventually.Holds(
        () => Task.FromResult(!pids.Any(ProcessTable.Exists)), "the old workers are gone", Zd.Evidence);
}

/// <summary>A client of tests/node-apps, spoken to by lines.</summary>
internal sealed class NodeClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly Process _process;

    private NodeClient(Process process) => _process = process;

    public static NodeClient Start(string script, params string[] arguments) => new(Process.Start(
        new ProcessStartInfo("node", [Path.Combine(NodeApps.Folder, script), .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true })!);

    public async Task<string> ReadLineAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? throw new EndOfStreamException("the client ended without a word");

    public async Task<string> AskAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await ReadLineAsync();
    }

    /// <summary>Reads lines of JSON until one fits.</summary>
    public async Task<JsonElement> ReadUntilAsync(Func<JsonElement, bool> fits)
    {
        while (true)
        {
            using var json = JsonDocument.Parse(await ReadLineAsync());
            if (fits(json.RootElement))
                return json.RootElement.Clone();
        }
    }

    public void EndInput() => _process.StandardInput.Close();

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
