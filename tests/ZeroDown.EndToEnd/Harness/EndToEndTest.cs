using System.Net;
using System.Net.Sockets;
using LoadClient;
using Xunit;

// Two cores: one heavy test (see HeavyLoad) and one light one side by side. (Three were tried: no faster.)
[assembly: Xunit.v3.Parallelization(MaxThreads = 2)]

namespace ZeroDown.EndToEnd.Harness;

/// <summary>A test with a home of its own and, when it fails, with the evidence in its output.</summary>
public abstract class EndToEndTest : IAsyncLifetime
{
    protected ZdHome Zd { get; } = new();

    /// <summary>A port that was free a moment ago.</summary>
    protected int Port { get; } = Ports.Free();

    protected Uri Url => new($"http://127.0.0.1:{Port}/");

    protected static TimeSpan Soon => TimeSpan.FromSeconds(30);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            TestContext.Current.TestOutputHelper?.WriteLine(Zd.Evidence());
        await Zd.DisposeAsync();
    }

    /// <summary>Writes an ecosystem file with one app of two TestWorkers on <see cref="Port"/>, and returns its path.</summary>
    /// <param name="steps">What TestWorker is told to do, as a YAML flow list's content.</param>
    /// <param name="options">Further options, one per line, not indented.</param>
    protected string WriteApp(string steps = "serve", string options = "", string name = "web", int instances = 2) =>
        Zd.Write("ecosystem.yaml", App(name, Programs.TestWorker, $"args: [{steps}]\ninstances: {instances}\nlisten: 127.0.0.1:{Port}\n{options}"));

    /// <summary>An ecosystem file's text for one app. Its workers count as soon as their sign of readiness is there, unless the options say otherwise.</summary>
    protected static string App(string name, string script, string options) =>
        $"apps:\n  - name: {name}\n    script: {script}\n" + string.Concat(options.Split('\n').Where(line => line.Length > 0).Select(line => $"    {line}\n"))
        + (options.Contains("min_ready:", StringComparison.Ordinal) ? "" : "    min_ready: 0\n");

    protected async Task<string> Get(string pathAndQuery = "/")
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        return await client.GetStringAsync(new Uri(Url, pathAndQuery));
    }

    /// <summary>Nobody tells when a program without <c>listen:</c> has bound its port; it counts as online because it lives.</summary>
    protected Task ItAnswers() => Eventually.Holds(
        async () =>
        {
            try
            {
                return (await Get()).Contains("pid=", StringComparison.Ordinal);
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        "it answers", Zd.Evidence);

    /// <summary>A worker of a Node cluster that has lived for three seconds without a socket is online too, and a framework may take longer to come to its <c>listen()</c>.</summary>
    protected Task ItListens() => Eventually.Holds(
        async () =>
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, Port).WaitAsync(Soon);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        },
        $"somebody listens on port {Port}", Zd.Evidence);

    /// <summary>So many connections to <see cref="Port"/> are in the hands of workers; one that only waits in the kernel's queue is nobody's and has no inode.</summary>
    protected Task Accepted(int connections) => Eventually.Holds(
        () => Task.FromResult(File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(fields => fields[1].EndsWith($":{Port:X4}", StringComparison.Ordinal) && fields[3] == "01" && fields[9] != "0") >= connections),
        $"{connections} connections are accepted", Zd.Evidence);

    protected Task NothingIsLeft() => Eventually.Holds(() => Task.FromResult(ProcessTable.OfHome(Zd.Home).Count == 0), "everything ends", Zd.Evidence);

    /// <summary>Asks, each time on a new connection, until so many different workers have answered.</summary>
    protected async Task<IReadOnlyCollection<int>> PidsThatAnswer(int atLeast)
    {
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 4 });
        await Eventually.Holds(
            () => Task.FromResult(load.Snapshot().ByPid.Count >= atLeast),
            $"{atLeast} workers answer",
            () => load.Snapshot().ToString());
        var result = await load.StopAsync();
        Assert.Equal(0, result.Failed);
        return [.. result.ByPid.Keys];
    }

    /// <summary>
    /// A worker without a channel accepts until it has read its signal, and the answer of a reload cannot wait for that.
    /// </summary>
    protected Task OnlyOthersAnswer(IReadOnlyCollection<int> before) => Eventually.Holds(
        async () => !before.Intersect(await PidsThatAnswer(2)).Any(), "only the new ones are given new connections", Zd.Evidence);

    protected static void NothingFailed(LoadResult result)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(result.ToString());
        if (result.Failed > 0)
            Assert.Fail($"{result.Failed} requests failed: {result}");
    }
}

/// <summary>Tests that load the machine run one after the other.</summary>
[CollectionDefinition(nameof(HeavyLoad))]
public sealed class HeavyLoad;
