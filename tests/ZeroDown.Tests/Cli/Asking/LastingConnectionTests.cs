using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;
using ZeroDown.Cli;
using ZeroDown.Cli.Asking;
using ZeroDown.Protocol;
using ZeroDown.Tests.Protocol;

namespace ZeroDown.Tests.Cli.Asking;

public sealed class LastingConnectionTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly HomeFolder _home;
    private readonly RecordedNotices _notices = new();

    public LastingConnectionTests()
    {
        _home = new HomeFolder(_folder["home"]);
        _home.Prepare();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_command_whose_daemon_dies_is_sent_to_the_next_one_in_the_same_words()
    {
        using var first = new DyingDaemon(_home, answersPing: true);
        await using var connection = await ConnectAsync();
        var asking = connection.Daemon.ReloadAsync(new FleetCommand { Targets = ["web"] }, TestContext.Current.CancellationToken);
        var sent = await first.TakeOneAndDieAsync();
        var taken = new List<FleetCommand>();
        await using var next = Next(new FakeService
        {
            OnFleet = (_, command, _) =>
            {
                taken.Add(command);
                return Task.FromResult(new CommandReply { ExitCode = 7 });
            },
        });

        var reply = await asking.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);

        Assert.Equal(7, reply.ExitCode);
        var again = Assert.Single(taken);
        Assert.Equal(32, again.Token!.Length);
        Assert.Equal(sent["params"]!.ToJsonString(), Encoding.UTF8.GetString(again.Wording.Span));
        Assert.Equal("the daemon was replaced; waiting for the answer of the new one to `zd reload`", Assert.Single(_notices.Steps).Text);
    }

    /// <summary>The kernel takes connections for it until its last descriptor is closed.</summary>
    [Fact]
    public async Task A_daemon_that_is_still_dying_is_not_taken_for_the_next_one()
    {
        using var first = new DyingDaemon(_home, answersPing: true);
        await using var connection = await ConnectAsync();
        var asking = connection.Daemon.ReloadAsync(new FleetCommand { Targets = ["web"] }, TestContext.Current.CancellationToken);
        await first.TakeOneAndDieAsync();
        using var dying = new DyingDaemon(_home);
        await dying.TakeOneAndDieAsync();
        await using var next = Next(new FakeService());

        await asking.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);

        Assert.Single(_notices.Steps);
    }

    /// <summary>Likewise the first one: its end is known at once, and not only after everybody has waited for a next one.</summary>
    [Fact]
    public async Task A_daemon_that_ends_before_it_has_answered_is_not_connected_to()
    {
        using var dying = new DyingDaemon(_home);
        var connecting = ConnectAsync();
        await dying.TakeOneAndDieAsync();

        var problem = await Assert.ThrowsAsync<DaemonUnreachableException>(() => connecting);

        Assert.Equal(UnreachableReason.StalePipe, problem.Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Where_keeper_and_daemon_are_gone_whoever_asks_decides_whether_one_is_started_again(bool starts)
    {
        using var first = new DyingDaemon(_home, answersPing: true);
        DaemonListener? next = null;
        await using var connection = await ConnectAsync(TimeSpan.FromMinutes(1), bringBack: _ =>
        {
            if (starts)
                next ??= Next(new FakeService());
            return Task.FromResult(starts);
        });
        var asking = connection.Daemon.StartAsync(new FleetCommand { Targets = ["web"] }, TestContext.Current.CancellationToken);
        await first.TakeOneAndDieAsync();

        if (starts)
            Assert.Equal(0, (await asking.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken)).ExitCode);
        else
            Assert.Contains("none has come back", (await Assert.ThrowsAsync<CommandException>(() => asking.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
        await (next?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Fact]
    public async Task A_question_is_put_again_without_a_word()
    {
        using var first = new DyingDaemon(_home, answersPing: true);
        await using var connection = await ConnectAsync();
        var asking = connection.Daemon.PingAsync(new PingCommand(), TestContext.Current.CancellationToken);
        Assert.Null((await first.TakeOneAndDieAsync())["params"]!["token"]);
        await using var next = Next(new FakeService());

        Assert.Equal(FakeService.Version, (await asking.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken)).Version);
        Assert.Empty(_notices.Steps);
    }

    [Fact]
    public async Task Two_commands_do_not_share_a_token_and_one_keeps_its_own()
    {
        using var first = new DyingDaemon(_home, answersPing: true);
        await using var connection = await ConnectAsync();
        var (one, other) = (new FleetCommand { Targets = ["a"] }, new FleetCommand { Targets = ["a"], Token = "mine" });
        var asking = (connection.Daemon.StopAsync(one, TestContext.Current.CancellationToken), connection.Daemon.StopAsync(other, TestContext.Current.CancellationToken));
        await first.TakeOneAndDieAsync();
        await using var next = Next(new FakeService());
        await asking.Item1;
        await asking.Item2;

        Assert.NotEqual(one.Token, other.Token);
        Assert.Equal("mine", other.Token);
    }

    [Fact]
    public async Task Where_no_daemon_comes_back_the_waiting_ends_and_says_what_is_not_known()
    {
        using var first = new DyingDaemon(_home, answersPing: true);
        await using var connection = await ConnectAsync(TimeSpan.FromMilliseconds(50));
        var asking = connection.Daemon.RestartAsync(new FleetCommand { Targets = ["web"] }, TestContext.Current.CancellationToken);
        await first.TakeOneAndDieAsync();

        var problem = await Assert.ThrowsAsync<CommandException>(() => asking);

        Assert.Equal(ExitCode.DaemonNotReachable, problem.ExitCode);
        Assert.Contains("none has come back", problem.Message, StringComparison.Ordinal);
        Assert.Contains("what became of `zd restart` is not known", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_every_daemon_dies_of_is_not_sent_for_ever()
    {
        List<DyingDaemon> daemons = [new(_home, answersPing: true)];
        await using var connection = await ConnectAsync();
        var asking = connection.Daemon.StartAsync(new FleetCommand(), TestContext.Current.CancellationToken);
        // Which of the two is told first, the last death or the end of the asking, is nobody's business.
        while (await Task.WhenAny(asking, daemons[^1].TakeOneAndDieAsync()) != asking)
            daemons.Add(new DyingDaemon(_home, answersPing: true));

        var problem = await Assert.ThrowsAsync<CommandException>(() => asking);
        Assert.Contains("ended one after the other", problem.Message, StringComparison.Ordinal);
        Assert.Equal(21, daemons.Count(daemon => daemon.HasTaken));
        daemons[^1].Dispose();
    }

    [Fact]
    public async Task Whoever_waits_through_many_daemons_that_lived_long_waits_on()
    {
        var dying = new DyingDaemon(_home, answersPing: true);
        await using var connection = await ConnectAsync(clock: new MinutesPass());
        var asking = connection.Daemon.LogsAsync(new LogsCommand { Targets = ["web"], Follow = true }, TestContext.Current.CancellationToken);
        for (var deaths = 0; deaths < 25; deaths++)
        {
            await dying.TakeOneAndDieAsync();
            dying = new DyingDaemon(_home, answersPing: true);
        }

        Assert.False(asking.IsCompleted);
        await dying.TakeOneAndDieAsync();
        await using var last = Next(new FakeService());
        await asking.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Whoever_leaves_hears_that_what_was_sent_goes_on()
    {
        using var daemon = new DyingDaemon(_home, answersPing: true);
        await using var connection = await ConnectAsync();
        using var leaving = new CancellationTokenSource();
        var command = connection.Daemon.ReloadAsync(new FleetCommand { Targets = ["web"] }, leaving.Token);
        var question = connection.Daemon.ListAsync(new ListCommand(), leaving.Token);
        await leaving.CancelAsync();

        Assert.Equal("reload", (await Assert.ThrowsAsync<UnderWayException>(() => command)).Verb);
        Assert.IsNotType<UnderWayException>(await Assert.ThrowsAnyAsync<OperationCanceledException>(() => question));
    }

    [Fact]
    public async Task A_line_for_a_worker_is_not_sent_twice()
    {
        using var first = new DyingDaemon(_home, answersPing: true);
        await using var connection = await ConnectAsync();
        var asking = connection.Daemon.SendLineAsync(new SendLineCommand { Target = "0", Line = "x" }, TestContext.Current.CancellationToken);
        await first.TakeOneAndDieAsync();
        await using var next = Next(new FakeService());

        var problem = await Assert.ThrowsAsync<CommandException>(() => asking);

        Assert.Contains("it was not sent again", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_follows_logs_goes_on_behind_the_last_line_that_was_shown()
    {
        using var first = new DyingDaemon(_home, answersPing: true);
        await using var connection = await ConnectAsync();
        var asking = connection.Daemon.LogsAsync(new LogsCommand { Targets = ["web"], Lines = 15, Follow = true }, TestContext.Current.CancellationToken);
        await first.TakeOneAndDieAsync(
            """{"jsonrpc":"2.0","method":"log","params":{"stream":"out","lines":["a"],"source":"/logs/out","end":7}}""",
            """{"jsonrpc":"2.0","method":"log","params":{"stream":"err","lines":[],"source":"/logs/err","end":0}}""",
            """{"jsonrpc":"2.0","method":"log","params":{"stream":"out","lines":["b"],"source":"/logs/out","end":9}}""");
        LogsCommand? again = null;
        await using var next = Next(new FakeService
        {
            OnLogs = (_, command, _) =>
            {
                again = command;
                return Task.FromResult(new CommandReply());
            },
        });
        await asking.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);

        Assert.Equal(0, again!.Lines);
        Assert.Equal([new("/logs/err", 0), new("/logs/out", 9)], again.From!.OrderBy(place => place.Key, StringComparer.Ordinal));
        Assert.Equal(["a", "b"], _notices.Logs.SelectMany(note => note.Lines));
    }

    private Task<LastingConnection> ConnectAsync(TimeSpan? patience = null, TimeProvider? clock = null, Func<CancellationToken, Task<bool>>? bringBack = null) =>
        LastingConnection.ConnectAsync(_home, _notices, TestContext.Current.CancellationToken, patience, bringBack, clock);

    private DaemonListener Next(FakeService service)
    {
        File.Delete(_home.Pipe);
        return DaemonListener.Start(_home, service.For);
    }

    /// <summary>Whenever it is looked at, another minute is over.</summary>
    private sealed class MinutesPass : TimeProvider
    {
        private long _minutes;

        public override long GetTimestamp() => Interlocked.Increment(ref _minutes) * 60 * TimestampFrequency;
    }

    /// <summary>Listens, takes one line, and is gone without a word, as a process that is killed.</summary>
    private sealed class DyingDaemon : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        private readonly Task<(Socket Client, StreamReader Lines)> _met;

        public DyingDaemon(HomeFolder home, bool answersPing = false)
        {
            File.Delete(home.Pipe);
            _listener.Bind(new UnixDomainSocketEndPoint(home.Pipe));
            _listener.Listen();
            _met = MeetAsync(answersPing);
        }

        /// <summary>Known before anybody can see its death.</summary>
        public bool HasTaken { get; private set; }

        /// <param name="words">What it says before.</param>
        public async Task<JsonNode> TakeOneAndDieAsync(params string[] words)
        {
            var (client, lines) = await _met;
            using var held = client;
            using var reader = lines;
            var line = await lines.ReadLineAsync(TestContext.Current.CancellationToken);
            HasTaken = true;
            foreach (var word in words)
                await client.SendAsync(Encoding.UTF8.GetBytes(word + "\n"), TestContext.Current.CancellationToken);
            Dispose();
            return JsonNode.Parse(line!)!;
        }

        public void Dispose() => _listener.Dispose();

        private async Task<(Socket Client, StreamReader Lines)> MeetAsync(bool answersPing)
        {
            var client = await _listener.AcceptAsync(TestContext.Current.CancellationToken);
            var lines = new StreamReader(new NetworkStream(client));
            if (answersPing)
            {
                var ping = await lines.ReadLineAsync(TestContext.Current.CancellationToken);
                var pong = $"{{\"jsonrpc\":\"2.0\",\"id\":{JsonNode.Parse(ping!)!["id"]!.ToJsonString()},\"result\":{{\"version\":\"1\",\"home\":\"/\"}}}}\n";
                await client.SendAsync(Encoding.UTF8.GetBytes(pong), TestContext.Current.CancellationToken);
            }

            return (client, lines);
        }
    }
}
