using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Node;

namespace ZeroDown.EndToEnd.Roll;

/// <summary>
/// <c>zd reload web &amp;&amp; curl …</c> shows the new version: where workers have a channel, nobody of the old generation is given a connection that was opened after the answer.
/// The command is sent by the test itself, because a <c>zd</c> that has its answer takes longer to end than an old worker to take notice.
/// </summary>
[Collection(nameof(HeavyLoad))]
public sealed class AnsweredReloadSpecs : EndToEndTest
{
    private const int Reloads = 8;

    [Theory]
    [MemberData(nameof(Variant.WithChannel), MemberType = typeof(Variant))]
    public Task Of_ASP_NET_Core_workers(Variant worker)
    {
        worker.OrSkip();
        return OnlyTheNewOnesAnswerAfter(App("web", worker.Program, $"{worker.Options()}\ninstances: 2\nlisten: 127.0.0.1:{Port}"));
    }

    [Theory]
    [InlineData("inject: true")]
    [InlineData("inject: false")]
    public Task Of_workers_of_a_Node_cluster(string options) => OnlyTheNewOnesAnswerAfter(
        App("web", NodeApps.Plain("http.cjs"), $"instances: 2\nexec_mode: cluster\nenv: {{ PORT: \"{Port}\" }}\n{options}"));

    [Fact]
    public async Task An_old_worker_that_stands_still_holds_the_answer_for_two_seconds_and_not_for_its_drain()
    {
        var file = App("web", NodeApps.Plain("http.cjs"), $"instances: 1\nexec_mode: cluster\nenv: {{ PORT: \"{Port}\" }}\ndrain_timeout: 20s");
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", file))).Succeeded();
        var old = (await Zd.List()).Single().Pid;
        Assert.Equal(0, Tool.Run("kill", "-STOP", $"{old}"));
        var (_, waited) = await Reload();
        Assert.InRange(waited, TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(15));
        Assert.Equal(0, Tool.Run("kill", "-CONT", $"{old}"));
    }

    private async Task OnlyTheNewOnesAnswerAfter(string file)
    {
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", file))).Succeeded();
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 20, Think = TimeSpan.FromMilliseconds(10) });
        await load.WaitForRequestsAsync(200, Soon);
        var times = new List<(TimeSpan Whole, TimeSpan Waited)>();
        for (var reload = 1; reload <= Reloads; reload++)
        {
            var before = (await Zd.List()).Select(worker => worker.Pid).ToHashSet();
            times.Add(await Reload());
            await using var after = LoadRun.Start(new LoadPlan(Url) { Fresh = 8, Seed = reload });
            await after.WaitForRequestsAsync(50, Soon);
            var answered = await after.StopAsync();
            NothingFailed(answered);
            Assert.NotEmpty(answered.ByPid);
            Assert.Empty(before.Intersect(answered.ByPid.Keys));
        }

        NothingFailed(await load.StopAsync());
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"from the command to the answer: {Sorted(times.Select(time => time.Whole))} ms; of it after the last one was told: {Sorted(times.Select(time => time.Waited))} ms");
        // What was waited for is their word, not the end of patience.
        Assert.InRange(times.Select(time => time.Waited).Order().ElementAt(Reloads / 2), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    private static string Sorted(IEnumerable<TimeSpan> times) => string.Join(' ', times.Order().Select(time => $"{time.TotalMilliseconds:0.0}"));

    /// <returns>The time from the command to the answer, and how much of it passed after the last old worker was told.</returns>
    private async Task<(TimeSpan Whole, TimeSpan Waited)> Reload()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(Zd.Home, "zd.pipe")));
        using var lines = new StreamReader(new NetworkStream(socket));
        var clock = Stopwatch.StartNew();
        var told = TimeSpan.Zero;
        await socket.SendAsync(Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":1,"method":"reload","params":{"targets":["web"]}}""" + "\n"));
        while (await lines.ReadLineAsync().WaitAsync(Soon) is { } line)
        {
            if (line.Contains("Stopping app:web id:_old_", StringComparison.Ordinal))
                told = clock.Elapsed;
            if (!line.Contains("\"id\":1", StringComparison.Ordinal))
                continue;
            Assert.Contains("\"result\"", line, StringComparison.Ordinal);
            Assert.NotEqual(TimeSpan.Zero, told);
            return (clock.Elapsed, clock.Elapsed - told);
        }

        throw new EndOfStreamException("the daemon hung up without an answer");
    }
}
