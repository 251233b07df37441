using System.Net;
using System.Net.Sockets;
using LoadClient;
using Xunit;

namespace ZeroDown.Tests.AspNetCore;

/// <summary>What it is all for: workers replaced under load, by hand, and not one request lost.</summary>
public sealed class RollTests
{
    private const int Rolls = 3;

    /// <summary>The program, and whether it is drained by message or has only the signal.</summary>
    public static TheoryData<string, bool> Programs => new()
    {
        { "builder=full", true },
        { "builder=slim zd=true", false },
        { "builder=generic", true },
    };

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Loses_no_request_of_keep_alive_fresh_and_silent_clients(string program, bool channel)
    {
        using var listener = Listening.OnLoopback();
        var plan = Plan(program, channel);
        var fast = new LoadPlan(Url(listener, "/")) { KeepAlive = 10, Fresh = 5, Silent = 5 };
        var slow = new LoadPlan(Url(listener, "/?delay=100")) { KeepAlive = 10, ExpectedDelay = TimeSpan.FromMilliseconds(100), Seed = 2 };
        var thoughtful = new LoadPlan(Url(listener, "/")) { KeepAlive = 10, Think = TimeSpan.FromMilliseconds(20), Seed = 3 };
        await RollAsync(plan, listener, () => Task.CompletedTask, fast, slow, thoughtful);
    }

    [Fact]
    public async Task Loses_no_request_on_a_unix_domain_socket()
    {
        using var folder = new TempFolder();
        using var listener = Listening.On(folder["s"]);
        await RollAsync(
            Plan("builder=full", channel: true),
            listener,
            () => Task.CompletedTask,
            new LoadPlan(new Uri("http://localhost/")) { UnixPath = folder["s"], KeepAlive = 10, Fresh = 5, Silent = 5 });
    }

    [Theory]
    [InlineData("builder=full http2=true", true)]
    [InlineData("builder=slim zd=true http2=true", false)]
    public async Task Loses_no_request_over_HTTP_2(string program, bool channel)
    {
        using var listener = Listening.OnLoopback();
        var fast = new LoadPlan(Url(listener, "/")) { Http2 = 5 };
        var slow = new LoadPlan(Url(listener, "/?delay=100")) { Http2 = 5, ExpectedDelay = TimeSpan.FromMilliseconds(100), Seed = 2 };
        using var stop = new CancellationTokenSource();
        var ordinary = AskWithHttpClientAsync(Url(listener, "/"), stop.Token);
        var results = await RollAsync(Plan(program, channel), listener, EndOrdinaryClientAsync, fast, slow);

        // Refused streams may be asked again, by the protocol; the drain does not even need that.
        Assert.All(results, result => Assert.Equal(0, result.RefusedByGoAway));

        async Task EndOrdinaryClientAsync()
        {
            await stop.CancelAsync();
            Assert.True(await ordinary > 0);
        }
    }

    private static WorkerPlan Plan(string program, bool channel) => new()
    {
        Arguments = [.. program.Split(' '), "--Logging:LogLevel:Default=Warning"],
        Hook = program.Contains("zd=", StringComparison.Ordinal) ? null : BuiltProgram.LibraryOfWebWorker,
        Channel = channel,
    };

    private static Uri Url(Socket listener, string path) => new($"http://127.0.0.1:{listener.Port()}{path}");

    private static async Task<List<LoadResult>> RollAsync(WorkerPlan plan, Socket listener, Func<Task> beforeTheEnd, params LoadPlan[] loads)
    {
        var old = await WorkerProcess.StartReadyAsync(plan, listener);
        var running = loads.Select(LoadRun.Start).ToList();
        var results = new List<LoadResult>();
        try
        {
            for (var roll = 0; roll < Rolls; roll++)
            {
                await Task.WhenAll(running.Select(load => load.WaitForMoreAsync(20, Eventually.Deadline)));
                AllMeet(old);
                var young = await WorkerProcess.StartReadyAsync(plan, listener);
                if (plan.Channel)
                {
                    old.Drain();
                    await old.MessageAsync("drained");
                }

                await old.StopAsync();
                await old.DisposeAsync();
                old = young;
            }

            AllMeet(old);
            await beforeTheEnd();
            foreach (var load in running)
            {
                results.Add(await load.StopAsync());
            }
        }
        finally
        {
            await Task.WhenAll(running.Select(load => load.DisposeAsync().AsTask()));
            await old.DisposeAsync();
        }

        Assert.All(results, result =>
        {
            Assert.True(result.Failed == 0, result.ToString());
            Assert.True(result.ByPid.Count > Rolls, $"the load must have met every generation: {result}");
        });
        return results;

        void AllMeet(WorkerProcess worker) => running.ForEach(load => Eventually.True(
            () => load.Snapshot().ByPid.ContainsKey(worker.Pid), $"the load meets {worker.Pid}", () => load.Snapshot().ToString()));
    }

    private static async Task<int> AskWithHttpClientAsync(Uri url, CancellationToken stop)
    {
        using var http = new HttpClient();
        var answered = 0;
        while (!stop.IsCancellationRequested)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url)
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using var answer = await http.SendAsync(request, CancellationToken.None);
            answer.EnsureSuccessStatusCode();
            answered++;
        }

        return answered;
    }
}
