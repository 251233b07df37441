using System.Net.Sockets;
using System.Runtime.Versioning;
using Xunit;
using ZeroDown.Protocol;
using ZeroDown.Protocol.Wire;

namespace ZeroDown.Tests.Protocol;

[UnsupportedOSPlatform("windows")]
public sealed class DaemonListenerTests
{
    private const string List = """{"jsonrpc":"2.0","id":7,"method":"list","params":{}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_comes_back_with_what_the_daemon_answered()
    {
        await using var daemon = new FakeDaemon(new FakeService
        {
            OnFleet = (_, command, _) => Task.FromResult(new CommandReply
            {
                ExitCode = 7,
                Apps = [new AppReply { App = command.Targets[0], Outcome = "rolledBack", Message = "ä\u001b[31m\n" }],
            }),
        });
        await using var connection = await daemon.ConnectAsync();

        var reply = await connection.Daemon.ReloadAsync(new FleetCommand { Targets = ["api"] }, Cancellation);

        Assert.Equal(7, reply.ExitCode);
        Assert.Equal(("api", "ä\u001b[31m\n"), (reply.Apps[0].App, reply.Apps[0].Message));
    }

    [Fact]
    public async Task The_folder_of_the_pipe_is_the_owners_alone()
    {
        await using var daemon = new FakeDaemon();

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(daemon.Home.Path));
    }

    [Fact]
    public async Task Progress_comes_before_the_answer_and_only_to_the_one_who_asked()
    {
        await using var daemon = new FakeDaemon(new FakeService
        {
            OnFleet = (service, _, _) =>
            {
                service.Notices.Progress(new ProgressNote { Text = "one" });
                service.Notices.Progress(new ProgressNote { Text = "two" });
                return Task.FromResult(new CommandReply());
            },
        });
        var (mine, other) = (new RecordedNotices(), new RecordedNotices());
        await using var connection = await daemon.ConnectAsync(mine);
        await using var bystander = await daemon.ConnectAsync(other);

        await connection.Daemon.StartAsync(new FleetCommand(), Cancellation);
        await bystander.Daemon.PingAsync(new PingCommand(), Cancellation);

        Assert.Equal(["one", "two"], mine.Steps.Select(step => step.Text));
        Assert.Empty(other.Steps);
    }

    [Fact]
    public async Task One_line_of_JSON_is_enough_and_closing_the_sending_half_does_not_lose_the_answer()
    {
        var go = new TaskCompletionSource<CommandReply>();
        await using var daemon = new FakeDaemon(new FakeService { OnFleet = (_, _, _) => go.Task });
        using var client = daemon.Raw();

        client.Send("""{"jsonrpc":"2.0","id":"a","method":"stop","params":{"targets":["web"]}}""");
        client.EndOfInput();
        go.SetResult(new CommandReply { ExitCode = 1 });

        Assert.Equal("""{"jsonrpc":"2.0","id":"a","result":{"exitCode":1,"apps":[],"errors":[]}}""", await client.ReadLineAsync());
        Assert.Null(await client.ReadLineAsync());
    }

    [Theory]
    [InlineData("garbage", RpcError.ParseError)]
    [InlineData("[]", RpcError.InvalidRequest)]
    [InlineData("null", RpcError.InvalidRequest)]
    [InlineData("""{"id":1}""", RpcError.InvalidRequest)]
    [InlineData("""{"id":1,"method":3}""", RpcError.InvalidRequest)]
    [InlineData("""{"id":1,"method":"lisst"}""", RpcError.MethodNotFound)]
    [InlineData("""{"id":1,"method":"stop","params":{"targets":"web"}}""", RpcError.InvalidParams)]
    [InlineData("""{"id":1,"method":"stop","params":{"target":["web"]}}""", RpcError.InvalidParams)]
    [InlineData("""{"id":1,"method":"stop","params":{"targets":null}}""", RpcError.InvalidParams)]
    [InlineData("""{"id":1,"method":"stop","params":[{},{}]}""", RpcError.InvalidParams)]
    [InlineData("""{"id":1,"method":"stop","params":3}""", RpcError.InvalidParams)]
    [InlineData("""{"id":1,"method":"scale","params":{}}""", RpcError.InvalidParams)]
    [InlineData("""{"id":1,"method":"stop","params":{"protocol":99,"newThing":true}}""", RpcError.OtherVersion)]
    public async Task A_bad_line_gets_an_error_object_and_the_connection_goes_on(string line, int code)
    {
        await using var daemon = new FakeDaemon();
        using var client = daemon.Raw();

        client.Send(line + "\n");
        Assert.Contains($"\"error\":{{\"code\":{code},", await client.ReadLineAsync(), StringComparison.Ordinal);

        client.Send(List + "\n");
        Assert.Contains("\"result\"", await client.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_get_an_error_object()
    {
        await using var daemon = new FakeDaemon();
        using var client = daemon.Raw();

        client.Send([.. "{\"id\":1,\"method\":\""u8, 0xff, 0xfe, .. "\"}\n"u8]);

        Assert.Contains("UTF-8", await client.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ping")]
    [InlineData("kill")]
    public async Task A_zd_of_another_version_may_still_ask_who_is_there_and_end_it(string method)
    {
        await using var daemon = new FakeDaemon();
        using var client = daemon.Raw();

        client.Send($$$"""{"id":1,"method":"{{{method}}}","params":{"protocol":99}}""" + "\n");

        Assert.Contains("\"result\"", await client.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_throws_is_an_error_object_and_a_line_in_the_log()
    {
        await using var daemon = new FakeDaemon(new FakeService { OnFleet = (_, _, _) => throw new InvalidOperationException("boom") });
        await using var connection = await daemon.ConnectAsync();

        var refused = await Assert.ThrowsAsync<DaemonRefusedException>(
            () => connection.Daemon.StopAsync(new FleetCommand(), Cancellation));

        Assert.Equal(RpcError.InternalError, refused.Code);
        Assert.Equal("boom", Assert.Single(daemon.Problems).Message);
    }

    [Fact]
    public async Task A_refusal_of_the_daemon_arrives_in_its_own_words()
    {
        await using var daemon = new FakeDaemon(new FakeService
        {
            OnFleet = (_, _, _) => Task.FromException<CommandReply>(new DaemonRefusedException("shutting down")),
        });
        await using var connection = await daemon.ConnectAsync();

        var refused = await Assert.ThrowsAsync<DaemonRefusedException>(
            () => connection.Daemon.StopAsync(new FleetCommand(), Cancellation));

        Assert.Equal(("shutting down", RpcError.Refused), (refused.Message, refused.Code));
    }

    [Fact]
    public async Task A_hundred_clients_at_once_are_all_served()
    {
        await using var daemon = new FakeDaemon();

        var versions = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
        {
            await using var connection = await daemon.ConnectAsync();
            return (await connection.Daemon.PingAsync(new PingCommand(), Cancellation)).Version;
        }));

        Assert.All(versions, version => Assert.Equal(FakeService.Version, version));
    }

    [Fact]
    public async Task A_line_of_100_MB_is_cut_off_and_hurts_nobody_else()
    {
        await using var daemon = new FakeDaemon();
        using var flooder = daemon.Raw();
        await using var other = await daemon.ConnectAsync();

        var block = new byte[1024 * 1024];
        Array.Fill(block, (byte)'x');
        var sent = 0;
        Assert.Throws<SocketException>(() =>
        {
            for (; sent < 100; sent++)
                flooder.Send(block);
        });

        // What is read, and not half a block more, which is what sockets hold.
        Assert.Equal(4, sent);
        Assert.Contains("longer than the 4 MiB", await flooder.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Equal(FakeService.Version, (await other.Daemon.PingAsync(new PingCommand(), Cancellation)).Version);
    }

    [Fact]
    public async Task Half_a_line_waits_for_its_other_half_and_disturbs_nobody()
    {
        await using var daemon = new FakeDaemon();
        using var slow = daemon.Raw();
        slow.Send(List[..20]);
        await using var other = await daemon.ConnectAsync();
        await other.Daemon.PingAsync(new PingCommand(), Cancellation);

        slow.Send(List[20..] + "\r\n");

        Assert.Contains("\"id\":7,\"result\"", await slow.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_never_reads_loses_notices_with_a_mark_but_not_its_answer()
    {
        const int Notes = 20_000;
        var told = new TaskCompletionSource();
        await using var daemon = new FakeDaemon(new FakeService
        {
            OnLogs = (service, _, _) =>
            {
                for (var i = 0; i < Notes; i++)
                    service.Notices.Log(new LogNote { Stream = "out", Lines = [$"line {i}: {new string('x', 200)}"] });
                told.SetResult();
                return Task.FromResult(new CommandReply());
            },
        });
        using var client = daemon.Raw();
        client.Send("""{"id":1,"method":"logs","params":{}}""" + "\n");

        // The handler never waits, and another client is served, while nobody reads here.
        await told.Task.WaitAsync(Eventually.Deadline, Cancellation);
        await using var other = await daemon.ConnectAsync();
        await other.Daemon.PingAsync(new PingCommand(), Cancellation);

        var (read, dropped) = (0L, 0L);
        while (await client.ReadLineAsync() is { } line && !line.Contains("\"result\"", StringComparison.Ordinal))
        {
            using var note = System.Text.Json.JsonDocument.Parse(line);
            var parameters = note.RootElement.GetProperty("params");
            read += parameters.GetProperty("lines").GetArrayLength();
            dropped += parameters.GetProperty("dropped").GetInt64();
        }

        Assert.True(dropped > 0, "nothing was dropped: the test did not outrun the outbox");
        Assert.Equal(Notes, read + dropped);
    }

    [Fact]
    public async Task A_client_that_asks_without_reading_is_not_read_any_more()
    {
        var calls = 0;
        await using var daemon = new FakeDaemon(new FakeService
        {
            OnFleet = (_, _, _) =>
            {
                Interlocked.Increment(ref calls);
                return new TaskCompletionSource<CommandReply>().Task;
            },
        });
        using var client = daemon.Raw();

        for (var i = 0; i < 200; i++)
            client.Send($$$"""{"id":{{{i}}},"method":"stop","params":{}}""" + "\n");

        Eventually.Equal(ClientSession.MaxOpenRequests, () => Volatile.Read(ref calls), "as many as may be open are taken");
        await using var other = await daemon.ConnectAsync();
        await other.Daemon.PingAsync(new PingCommand(), Cancellation);
        Assert.Equal(ClientSession.MaxOpenRequests, Volatile.Read(ref calls));
    }

    [Fact]
    public async Task A_client_that_asks_for_long_answers_without_reading_them_is_not_read_any_more()
    {
        var calls = 0;
        await using var daemon = new FakeDaemon(new FakeService
        {
            OnFleet = (_, _, _) =>
            {
                Interlocked.Increment(ref calls);
                return Task.FromResult(new CommandReply { Errors = [new string('x', 600_000)] });
            },
        });
        using var client = daemon.Raw();
        for (var i = 0; i < 40; i++)
            client.Send($$$"""{"id":{{{i}}},"method":"stop","params":{}}""" + "\n");
        Eventually.True(() => Volatile.Read(ref calls) >= 2, "the first are answered");
        await using var other = await daemon.ConnectAsync();
        for (var i = 0; i < 20; i++)
            await other.Daemon.PingAsync(new PingCommand(), Cancellation);
        Assert.InRange(Volatile.Read(ref calls), 2, 5);

        for (var i = 0; i < 40; i++)
            Assert.Contains($"\"id\":{i},", await client.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Equal(40, Volatile.Read(ref calls));
    }

    [Fact]
    public async Task Whoever_waits_for_room_goes_on_when_the_client_has_read()
    {
        const int Pieces = 2_000;
        await using var daemon = new FakeDaemon(new FakeService
        {
            OnLogs = async (service, _, cancellation) =>
            {
                for (var i = 0; i < Pieces; i++)
                {
                    await service.Notices.RoomAsync(cancellation);
                    service.Notices.Log(new LogNote { Stream = "out", Lines = [new string('x', 16 * 1024)] });
                }

                return new CommandReply();
            },
        });
        var notices = new RecordedNotices();
        await using var connection = await daemon.ConnectAsync(notices);

        await connection.Daemon.LogsAsync(new LogsCommand(), Cancellation);

        // 32 MB through an outbox of 8: nothing was dropped.
        Assert.Equal((Pieces, 0), (notices.Logs.Count, notices.Logs.Sum(note => note.Dropped)));
    }

    [Fact]
    public async Task When_the_client_leaves_its_requests_are_cancelled()
    {
        var (began, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var daemon = new FakeDaemon(new FakeService
        {
            OnLogs = async (_, _, cancellation) =>
            {
                using var registration = cancellation.Register(cancelled.SetResult);
                began.SetResult();
                await cancelled.Task;
                return new CommandReply();
            },
        });
        var client = daemon.Raw();
        client.Send("""{"id":1,"method":"logs","params":{"follow":true}}""" + "\n");
        await began.Task.WaitAsync(Eventually.Deadline, Cancellation);

        client.Dispose();

        await cancelled.Task.WaitAsync(Eventually.Deadline, Cancellation);
    }

    [Fact]
    public async Task A_request_that_is_taken_back_is_cancelled_and_the_connection_lives_on()
    {
        var (began, cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var daemon = new FakeDaemon(new FakeService
        {
            OnFleet = async (_, _, cancellation) =>
            {
                using var registration = cancellation.Register(cancelled.SetResult);
                began.SetResult();
                await cancelled.Task;
                return new CommandReply();
            },
        });
        await using var connection = await daemon.ConnectAsync();
        using var takeBack = new CancellationTokenSource();

        var call = connection.Daemon.StopAsync(new FleetCommand(), takeBack.Token);
        await began.Task.WaitAsync(Eventually.Deadline, Cancellation);
        await takeBack.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await cancelled.Task.WaitAsync(Eventually.Deadline, Cancellation);
        await connection.Daemon.PingAsync(new PingCommand(), Cancellation);
    }

    [Fact]
    public async Task A_daemon_that_ends_tells_those_who_wait()
    {
        var began = new TaskCompletionSource();
        var daemon = new FakeDaemon(new FakeService
        {
            OnFleet = async (_, _, cancellation) =>
            {
                began.SetResult();
                await Task.Delay(Timeout.Infinite, cancellation);
                return new CommandReply();
            },
        });
        await using var connection = await daemon.ConnectAsync();
        var call = connection.Daemon.StopAsync(new FleetCommand(), Cancellation);
        await began.Task.WaitAsync(Eventually.Deadline, Cancellation);

        await daemon.DisposeAsync();

        var refused = await Assert.ThrowsAsync<DaemonRefusedException>(() => call);
        Assert.Equal(RpcError.Cancelled, refused.Code);
        await Assert.ThrowsAsync<DaemonLeftException>(() => connection.Daemon.PingAsync(new PingCommand(), Cancellation));
    }

    [Fact]
    public async Task A_pipe_path_that_the_kernel_does_not_take_is_refused_with_the_way_out()
    {
        using var folder = new TempFolder();
        var home = new HomeFolder(folder[new string('a', 120)]);

        var refused = Assert.Throws<HomeFolderException>(() => DaemonListener.Start(home, notices => new FakeService { Notices = notices }));
        Assert.Contains("Set ZD_HOME to a path of", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HomeFolderException>(() => DaemonConnection.ConnectAsync(home, new RecordedNotices(), Cancellation));
    }

    [Fact]
    public void A_home_that_is_a_file_is_refused_by_name()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["home"], "");

        var refused = Assert.Throws<HomeFolderException>(
            () => DaemonListener.Start(new HomeFolder(folder["home"]), notices => new FakeService { Notices = notices }));

        Assert.Contains(folder["home"], refused.Message, StringComparison.Ordinal);
    }
}
