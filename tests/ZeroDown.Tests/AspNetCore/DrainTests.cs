using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using LoadClient;
using Xunit;

namespace ZeroDown.Tests.AspNetCore;

public sealed class DrainTests : IDisposable
{
    private readonly Socket _listener = Listening.OnLoopback();

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Says_hello_once_the_host_is_built()
    {
        await using var worker = await StartAsync();
        Assert.StartsWith("""{"hello":{"library":"ZeroDown.AspNetCore","version":"0.""", await worker.MessageAsync("hello"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stops_accepting_at_once_and_leaves_the_queue_to_its_siblings()
    {
        await using var worker = await StartAsync();
        using var open = await RawHttp.ConnectAsync(_listener);
        await open.AskAsync("/");
        worker.Drain();
        await worker.MessageAsync("draining");
        using var newcomer = await RawHttp.ConnectAsync(_listener);
        await newcomer.SendAsync("/for-a-sibling");

        // This process is the sibling: the connection is still there for it, whole.
        using var accepted = await _listener.AcceptAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[1024];
        Assert.Contains("/for-a-sibling", Encoding.ASCII.GetString(buffer, 0, await accepted.ReceiveAsync(buffer)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_idle_connection_gets_one_more_answer_that_says_it_was_the_last()
    {
        await using var worker = await StartAsync();
        using var connection = await RawHttp.ConnectAsync(_listener);
        Assert.False((await connection.AskAsync("/")).SaysClose);
        worker.Drain();
        Assert.Equal("""{"draining":{"requests":0,"idle":1}}""", await worker.MessageAsync("draining"));
        var last = await connection.AskAsync("/");
        Assert.Equal((200, true), (last.Status, last.SaysClose));
        await worker.MessageAsync("drained");
        await worker.StopAsync();
    }

    [Fact]
    public async Task A_connection_that_has_not_spoken_yet_is_answered()
    {
        await using var worker = await StartAsync();
        using var silent = await RawHttp.ConnectAsync(_listener);
        using var other = await RawHttp.ConnectAsync(_listener);
        await other.AskAsync("/"); // accepted after the silent one, so that one is accepted too
        worker.Drain();
        Assert.Equal("""{"draining":{"requests":0,"idle":2}}""", await worker.MessageAsync("draining"));
        Assert.Equal(200, (await silent.AskAsync("/")).Status);
        Assert.Equal(200, (await other.AskAsync("/")).Status);
        await worker.MessageAsync("drained");
        await worker.StopAsync();
    }

    [Fact]
    public async Task An_idle_connection_ends_when_its_time_is_over()
    {
        await using var worker = await StartAsync();
        using var connection = await RawHttp.ConnectAsync(_listener);
        await connection.AskAsync("/");
        var clock = Stopwatch.StartNew();
        worker.Drain(idleMs: 400);
        await connection.WaitForEndAsync();
        Assert.InRange(clock.ElapsedMilliseconds, 350, 10_000);
        await worker.MessageAsync("drained");
        await worker.StopAsync();
    }

    [Theory]
    [InlineData("/upload", 200)]
    [InlineData("/clears-headers", 500)]
    public async Task A_request_in_flight_is_answered_and_says_that_it_was_the_last(string target, int status)
    {
        await using var worker = await StartAsync();
        using var connection = await RawHttp.ConnectAsync(_listener);
        await connection.AskAsync("/");
        await connection.SendBytesAsync(Unfinished(target));
        worker.Drain();
        await worker.MessageAsync("\"requests\":1");
        await connection.SendBytesAsync("x");
        var answer = await connection.ReadAnswerAsync();
        Assert.Equal((status, true), (answer.Status, answer.SaysClose));
        await worker.MessageAsync("drained");
        await worker.StopAsync();
    }

    [Fact]
    public async Task A_request_in_flight_is_answered_whole_however_short_the_time_for_idle_connections_is()
    {
        await using var worker = await StartAsync();
        using var connection = await RawHttp.ConnectAsync(_listener);
        await connection.SendAsync("/drip?pieces=5");
        await connection.ReadUntilAsync("\r\n\r\n"); // so it is in flight
        worker.Drain(idleMs: 0);
        await connection.ReadUntilAsync(".....");
        await connection.WaitForEndAsync();
        await worker.MessageAsync("drained");
        await worker.StopAsync();
    }

    [Fact]
    public async Task An_answer_whose_head_was_sent_before_the_drain_leaves_the_client_time_for_one_more()
    {
        await using var worker = await StartAsync();
        using var connection = await RawHttp.ConnectAsync(_listener);
        await connection.SendAsync("/drip?pieces=5");
        await connection.ReadUntilAsync("\r\n\r\n");
        worker.Drain(idleMs: 10_000);
        await connection.ReadUntilAsync(".....");
        Assert.True((await connection.AskAsync("/")).SaysClose);
        await worker.MessageAsync("drained");
    }

    [Fact]
    public async Task A_body_that_is_still_being_uploaded_arrives_whole()
    {
        await using var worker = await StartAsync();
        using var connection = await RawHttp.ConnectAsync(_listener);
        await connection.SendBytesAsync("POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n12345");
        using var probe = await RawHttp.ConnectAsync(_listener);
        await probe.AskAsync("/"); // the worker had time to read what was sent before
        worker.Drain();
        await worker.MessageAsync("draining");
        await connection.SendBytesAsync("67890");
        Assert.Contains("10 bytes", (await connection.ReadAnswerAsync()).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Event_streams_and_websockets_live_until_the_drain_is_over_and_are_cut_after_the_signal()
    {
        await using var worker = await StartAsync();
        var target = new LoadTarget(new Uri($"http://127.0.0.1:{_listener.Port()}/events"));
        await using var stream = await LongAnswer.OpenAsync(target);
        await using var socket = await WebSocketSession.OpenAsync(new Uri($"ws://127.0.0.1:{_listener.Port()}/ws"), Eventually.Deadline);
        await stream.WaitForEventsAsync(1, Eventually.Deadline);
        worker.Drain(idleMs: 100, drainMs: 2_000);
        await worker.MessageAsync("\"requests\":2");
        await stream.WaitForEventsAsync(stream.Events + 3, Eventually.Deadline);
        Assert.Equal("still there?", await socket.AskAsync("still there?", Eventually.Deadline));
        await worker.MessageAsync("drained");
        Assert.False(stream.Ended.IsCompleted);
        await worker.StopAsync();
        await stream.Ended.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_drain_ends_early_when_the_last_stream_ends()
    {
        await using var worker = await StartAsync();
        await using (var stream = await LongAnswer.OpenAsync(new LoadTarget(new Uri($"http://127.0.0.1:{_listener.Port()}/events"))))
        {
            await stream.WaitForEventsAsync(1, Eventually.Deadline);
            worker.Drain();
            await worker.MessageAsync("\"requests\":1");
        }

        await worker.MessageAsync("drained");
    }

    [Fact]
    public async Task A_second_order_replaces_the_deadlines()
    {
        await using var worker = await StartAsync();
        using var idle = await RawHttp.ConnectAsync(_listener);
        await idle.AskAsync("/");
        worker.Drain();
        await worker.MessageAsync("draining");
        worker.Drain(idleMs: 100, why: "stop");
        await idle.WaitForEndAsync();
        await worker.MessageAsync("drained");
    }

    [Fact]
    public async Task Unknown_messages_are_ignored()
    {
        await using var worker = await StartAsync();
        worker.Say("""{"fly":{"to":"the moon"}}""");
        worker.Say("no json at all");
        worker.Say("[1,2]");
        worker.Say("");
        worker.Say("""{"drain":{"why":7,"idleMs":"soon","drainMs":1000,"colour":"blue"}}""");
        await worker.MessageAsync("drained");
    }

    [Fact]
    public async Task A_supervisor_that_is_gone_changes_nothing()
    {
        await using var worker = await StartAsync();
        await worker.MessageAsync("hello");
        worker.CloseChannel();
        using var connection = await RawHttp.ConnectAsync(_listener);
        Assert.False((await connection.AskAsync("/")).SaysClose);
        await worker.StopAsync();
    }

    [Theory]
    [InlineData("zd=true shutdown=200", false)]
    [InlineData("shutdown=200", true)]
    public async Task A_signal_alone_begins_the_same_drain_however_short_the_hosts_own_limit_is(string program, bool injected)
    {
        var plan = new WorkerPlan
        {
            Arguments = program.Split(' '),
            Hook = injected ? BuiltProgram.LibraryOfWebWorker : null,
            Channel = false,
            Environment = [("ZD_DRAIN_TIMEOUT_MS", "20000")],
        };
        await using var worker = await WorkerProcess.StartReadyAsync(plan, _listener);
        using var idle = await RawHttp.ConnectAsync(_listener);
        await idle.AskAsync("/");
        using var busy = await RawHttp.ConnectAsync(_listener);
        await busy.AskAsync("/");
        await busy.SendBytesAsync(Unfinished("/upload"));
        worker.Terminate();
        Assert.Contains("EXTEND_TIMEOUT_USEC=25000000", await worker.NoticeAsync("STOPPING=1"), StringComparison.Ordinal);
        Assert.True((await idle.AskAsync("/")).SaysClose);
        await busy.SendBytesAsync("x");
        Assert.True((await busy.ReadAnswerAsync()).SaysClose);
        await worker.ExpectExitAsync();
    }

    [Fact]
    public async Task A_program_on_a_port_of_its_own_drains_too_and_frees_the_port()
    {
        var port = _listener.Port();
        _listener.Dispose();
        await using var worker = await WorkerProcess.StartReadyAsync(new WorkerPlan { Arguments = [$"--urls=http://127.0.0.1:{port}"] });
        var target = new LoadTarget(new Uri($"http://127.0.0.1:{port}/events"));
        await using var stream = await LongAnswer.OpenAsync(target);
        worker.Drain();
        await worker.MessageAsync("draining");
        Eventually.True(() => CanBind(port), "the port is free for the successor while the old worker still streams");
        Assert.False(stream.Ended.IsCompleted);
    }

    /// <summary>In flight until one more byte has come: so the test, and not a clock, says when it is answered.</summary>
    private static string Unfinished(string target) => $"POST {target} HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n";

    private static bool CanBind(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        try
        {
            socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port));
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private Task<WorkerProcess> StartAsync() => WorkerProcess.StartReadyAsync(new WorkerPlan(), _listener);
}
