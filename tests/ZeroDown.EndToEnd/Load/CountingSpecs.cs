using System.Net;
using System.Net.Sockets;
using System.Text;
using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Load;

/// <summary>The load client is the judge of all claims, so it is judged first: every way in which a server can fail a request is counted, under its name.</summary>
public sealed class CountingSpecs : IDisposable
{
    private const string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 26\r\n\r\npid=7 generation=3 slot=0\n";
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);

    public CountingSpecs()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    private Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/");

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Answers_are_counted_by_worker_and_generation()
    {
        var result = await RunAgainst(_ => Answer, new LoadPlan(Url) { KeepAlive = 1, Fresh = 1 });
        Assert.Equal(0, result.Failed);
        Assert.Equal([7], result.ByPid.Keys);
        Assert.Equal(result.Requests, result.ByGeneration[3]);
    }

    [Fact]
    public async Task A_kept_connection_that_closes_without_a_word_costs_a_request()
    {
        var result = await RunAgainst(exchange => exchange == 0 ? Answer : null, new LoadPlan(Url) { KeepAlive = 1 });
        Assert.Equal(result.Requests - result.Answered, result.Failed);
        Assert.InRange(result.Failed, 1, result.Requests);
        Assert.Subset(new HashSet<FailureKind> { FailureKind.EndOfFile, FailureKind.Reset }, result.Failures.Keys.ToHashSet());
        Assert.Contains("pid 7@g3", result.Examples[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kept_connection_whose_end_was_announced_costs_nothing()
    {
        var last = Answer.Replace("OK\r\n", "OK\r\nConnection: close\r\n", StringComparison.Ordinal);
        var result = await RunAgainst(exchange => exchange < 2 ? Answer : last, new LoadPlan(Url) { KeepAlive = 1 }, closeAfter: 3);
        Assert.Equal(0, result.Failed);
        Assert.True(result.Connections > 1);
    }

    [Fact]
    public async Task A_short_body_a_wrong_status_and_a_chunked_one_are_told_apart()
    {
        var cut = await RunAgainst(_ => Answer[..^5], new LoadPlan(Url) { Fresh = 1 });
        Assert.Equal([FailureKind.WrongBody], cut.Failures.Keys);
        var status = await RunAgainst(_ => "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", new LoadPlan(Url) { Fresh = 1 });
        Assert.Equal([FailureKind.WrongStatus], status.Failures.Keys);
        var chunked = await RunAgainst(_ => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\npid=8 \r\n3\r\n...\r\n0\r\n\r\n", new LoadPlan(Url) { KeepAlive = 1 });
        Assert.Equal(0, chunked.Failed);
        Assert.Equal([8], chunked.ByPid.Keys);
    }

    [Fact]
    public async Task A_refused_connection_is_a_failure_of_its_own_kind()
    {
        // Bound and not listened on: nobody else can be given the port, and nobody answers there.
        using var silent = new Socket(SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var url = new Uri($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndPoint!).Port}/");
        await using var load = LoadRun.Start(new LoadPlan(url) { Fresh = 1, KeepAlive = 1 });
        await load.WaitForRequestsAsync(2, TimeSpan.FromSeconds(10));
        var result = await load.StopAsync();
        Assert.Equal(result.Requests, result.Failures[FailureKind.Connect]);
    }

    [Fact]
    public async Task Silence_is_a_failure_after_its_time_limit()
    {
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 1, ExpectedDelay = TimeSpan.FromSeconds(-4.7) });
        // On a machine that stands still, the time of one may be over before it is connected, and that has another name.
        await Eventually.Holds(() => Task.FromResult(load.Snapshot().Failures.ContainsKey(FailureKind.Timeout)), "a request has waited in vain", () => load.Snapshot().ToString());
        var result = await load.StopAsync();
        Assert.Equal(result.Requests, result.Failed);
        Assert.Subset(new HashSet<FailureKind> { FailureKind.Timeout, FailureKind.Connect }, result.Failures.Keys.ToHashSet());
    }

    /// <param name="answer">The bytes for the nth exchange of a connection; null closes it.</param>
    private async Task<LoadResult> RunAgainst(Func<int, string?> answer, LoadPlan plan, int closeAfter = int.MaxValue)
    {
        using var stop = new CancellationTokenSource();
        var accepting = AcceptAsync(answer, closeAfter, stop.Token);
        await using var load = LoadRun.Start(plan);
        await load.WaitForRequestsAsync(20, TimeSpan.FromSeconds(20));
        var result = await load.StopAsync();
        await stop.CancelAsync();
        await accepting;
        return result;
    }

    private async Task AcceptAsync(Func<int, string?> answer, int closeAfter, CancellationToken stop)
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptAsync(stop), answer, closeAfter);
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private static async Task ServeAsync(Socket connection, Func<int, string?> answer, int closeAfter)
    {
        using var socket = connection;
        var buffer = new byte[4096];
        for (var exchange = 0; exchange < closeAfter && await socket.ReceiveAsync(buffer) > 0 && answer(exchange) is { } text; exchange++)
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(text));
            if (Encoding.ASCII.GetString(buffer).Contains("Connection: close", StringComparison.Ordinal) || text == Answer[..^5])
                break;
        }
    }
}
