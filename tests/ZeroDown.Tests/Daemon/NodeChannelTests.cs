using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using CsCheck;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Survival;
using ZeroDown.Daemon.Workers;
using ZeroDown.Platform;
using ZeroDown.Tests.Platform;

namespace ZeroDown.Tests.Daemon;

/// <summary>The daemon's end of the channel over a real socket pair; the test is the worker, and the loop.</summary>
public sealed class NodeChannelTests : IDisposable
{
    private const string Question = """{"cmd":"NODE_CLUSTER","act":"queryServer","index":0,"data":null,"address":null,"port":4000,"addressType":4,"seq":1}""" + "\n";

    private static readonly string[] Harmless =
    [
        "", "\"online\"", "[1,2,3]", """{"type":"process:msg","data":{}}""", """{"cmd":"NODE_CLUSTER","act":"queryServer"}""", """{"cmd":"NODE_CLUSTER","act":7,"seq":"x"}""",
        """{"cmd":"NODE_HANDLE_ACK"}""", """{"cmd":"NODE_ZD_DRAINING","requests":-1,"idle":"many"}""", """{"cmd":"NODE_ELSE","deep":""" + new string('[', 1000),
    ];

    /// <summary>What a program may write on its channel and nobody has to answer: words of its own, Node's words cut short, garbage, lines beyond all measure.</summary>
    private static readonly Gen<byte[]> Noise = Gen.OneOf(
        Gen.OneOf(Harmless).Select(Encoding.UTF8.GetBytes),
        Gen.Int[0, Question.Length - 3].Select(length => Encoding.UTF8.GetBytes(Question[..length])),
        Gen.Byte.Where(value => value != '\n').Array[0, 200],
        Gen.Int[1, 3].Select(size => Encoding.UTF8.GetBytes("{\"cmd\":\"NODE_CLUSTER\",\"filler\":\"" + new string('x', size * 50_000) + "\"}")));

    private readonly ConcurrentQueue<SupervisorEvent> _news = new();
    private readonly ConcurrentQueue<Action> _handled = new();
    private readonly FdPoller _poller = new("test", _ => { });
    private readonly DaemonLog _log = DaemonLog.Silent();
    private readonly Keepsakes _keepsakes = Keepsakes.Create();
    private readonly StreamChannel _worker;
    private readonly StreamChannel _beside;
    private readonly LaunchWorker _order;
    private readonly NodeChannel _channel;

    public NodeChannelTests()
    {
        var (ours, theirs) = StreamChannel.CreatePair();
        _worker = new StreamChannel(theirs);
        _beside = new StreamChannel(ours.Handle.Duplicate());
        var spec = Some.App() with { ExecMode = ExecMode.Cluster };
        spec = spec with { Launch = spec.Launch with { Runtime = Runtime.Node } };
        _order = new LaunchWorker(new WorkerId(1), spec, 0, 0, 1);
        _channel = new NodeChannel(_order, ours, _poller, Post, _keepsakes, _log);
    }

    private bool LoopRuns { get; set; } = true;

    /// <summary>Whoever asks for a port is refused it, at once.</summary>
    private bool LoopAnswers { get; set; }

    public void Dispose()
    {
        _channel.Dispose();
        _poller.Dispose();
        _worker.Dispose();
        _beside.Dispose();
        _log.Dispose();
        _keepsakes.Dispose();
    }

    [Fact]
    public void A_question_stays_in_the_socket_until_the_loop_has_dealt_with_it()
    {
        LoopRuns = false;
        Say(Question);
        Eventually.True(() => _news.OfType<WorkerAskedToListen>().Any(), "the question is heard");
        Assert.Equal(Question, Lying());
        Turn();
        Assert.Equal(Question, Lying());
        Turn();
        Eventually.Equal("", Lying, "it is taken after the second turn of the loop");
    }

    [Fact]
    public void A_message_that_comes_in_pieces_is_heard_once()
    {
        Say(Question[..40]);
        Eventually.Equal(Question[..40], Lying, "half of it lies there");
        Assert.Empty(_news);
        Say(Question[40..]);
        Eventually.True(() => _news.OfType<WorkerAskedToListen>().Any(), "the question is heard");
        Eventually.Equal("", Lying, "and taken");
        Assert.Single(_news);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(40_000)]
    [InlineData(60_000)]
    [InlineData(150_000)]
    public void A_channel_stays_alive_behind_a_message_with_a_descriptor_of_any_length(int length)
    {
        var (readEnd, writeEnd) = Pipes.Create(nonBlocking: true);
        var message = Encoding.UTF8.GetBytes("{\"filler\":\"" + new string('x', length) + "\"}\n");
        Assert.True(_worker.TrySend(message, writeEnd));
        writeEnd.Dispose();
        Eventually.True(_worker.Flush, "the message is sent");
        Say(Question);

        Eventually.True(() => _news.OfType<WorkerAskedToListen>().Any(), "the question behind it is heard", Lying);
        Eventually.Equal("", Lying, "and everything is taken");
        Fd.AwaitOtherEndClosed(readEnd);
        readEnd.Dispose();
    }

    [Theory]
    [InlineData(100)]
    [InlineData(60_000)]
    [InlineData(150_000)]
    [InlineData(3_000_000)]
    public void A_handle_of_the_program_s_is_confirmed_however_long_the_message_with_it_is(int length)
    {
        var (readEnd, writeEnd) = Pipes.Create(nonBlocking: true);
        var message = Encoding.UTF8.GetBytes($$$"""{"cmd":"NODE_HANDLE","type":"net.Server","msg":{"filler":"{{{new string('x', length)}}}"}}""" + "\n");
        Assert.True(_worker.TrySend(message, writeEnd));
        writeEnd.Dispose();
        Eventually.True(_worker.Flush, "the message is sent");

        Eventually.Equal("""{"cmd":"NODE_HANDLE_ACK"}""" + "\n", Heard, "it is confirmed, once");
        Eventually.Equal("", Lying, "and everything is taken");
        Fd.AwaitOtherEndClosed(readEnd);
        readEnd.Dispose();
    }

    [Fact]
    public void What_wants_only_an_answer_gets_it()
    {
        Say("""{"cmd":"NODE_CLUSTER","act":"exitedAfterDisconnect","seq":5}""" + "\n");
        Eventually.Equal("""{"cmd":"NODE_CLUSTER","ack":5}""" + "\n", Heard, "the acknowledgement arrives");
        Assert.IsType<WorkerSaidStopping>(Assert.Single(_news));
    }

    [Fact]
    public void The_word_ready_is_passed_on_once()
    {
        Say("\"ready\"\n\"ready\"\n");
        Say("\"ready\"\n");
        Eventually.Equal("", Lying, "all is taken");
        Eventually.True(() => _news.OfType<WorkerSaidReady>().Any(), "ready is heard");
        Assert.Single(_news);
    }

    [Fact]
    public void A_socket_that_does_not_arrive_is_sent_again_and_then_refused()
    {
        using var socket = ListenerSocket.Listen(new ListenAddress.Tcp(System.Net.IPAddress.Loopback, 0), 5);
        var ask = new ListenAsk(1, new ListenPoint(null, 4000, "4", null, 0));
        _channel.HandOver(ask, socket.Handle.Duplicate(), datagrams: false, data: null);
        for (var time = 0; time < 4; time++)
        {
            Eventually.True(() => Heard().Contains("net.Native", StringComparison.Ordinal), "the socket is sent");
            _worker.Consume(Heard().Length);
            Say("""{"cmd":"NODE_HANDLE_NACK"}""" + "\n");
        }

        Eventually.True(() => Heard().Contains($"\"errno\":-{Errno.EMFILE.Value}", StringComparison.Ordinal), "it is refused at last", Heard);
    }

    [Fact]
    public void A_worker_that_does_not_read_is_not_read_from_any_more_and_goes_on_where_it_stopped_when_it_does()
    {
        const int count = 60_000;
        var question = Encoding.UTF8.GetBytes("""{"cmd":"NODE_CLUSTER","act":"of old","seq":1}""" + "\n");
        var sent = 0;
        while (sent < count && TrySay(question))
            sent++;
        // What it could say is bounded by what sockets hold, and by our patience.
        Assert.True(sent < count, "it could ask without end");

        var answers = 0;
        Eventually.True(
            () =>
            {
                answers += Heard().Count(letter => letter == '\n') is var lines and > 0 ? Take(lines) : 0;
                return answers == sent;
            },
            "every question is answered once it reads", () => $"{answers} of {sent}");
    }

    [Fact]
    public void Whatever_is_said_around_them_and_however_it_is_cut_every_question_is_heard_once_and_answered_once()
    {
        var asked = 0;
        LoopAnswers = true;
        Gen.Select(Noise.Array[0, 4], Gen.Int[0, 4], Gen.Int[1, 30_000].Array[1, 8]).Array[1, 4].Sample(
            rounds =>
            {
                var (first, heard) = (asked, new List<long>());
                foreach (var (noise, questions, cuts) in rounds)
                {
                    byte[][] lines =
                    [
                        .. Enumerable.Range(0, questions).Select(number => Encoding.UTF8.GetBytes(number % 2 == 0
                            ? Question.TrimEnd().Replace("\"seq\":1", $"\"seq\":{asked++}", StringComparison.Ordinal)
                            : $$"""{"cmd":"NODE_CLUSTER","act":"of old","seq":{{asked++}}}""")),
                        .. noise,
                    ];
                    // A unix socket holds some 270 pieces, of whatever size, and what is not a whole line yet stays in it. libuv writes a line in one piece, or in those that fit;
                    // nobody could say a long line byte by byte.
                    var least = lines.Any(line => line.Length > 250) ? 1_000 : 1;
                    int[] pieces = [.. cuts.Select(cut => Math.Max(cut, least))];
                    SayInPieces([.. lines.OrderBy(line => line.Length % 7).SelectMany(line => line.Append((byte)'\n'))], pieces);
                }

                Eventually.True(() => Answers(heard) >= asked - first && Lying().Length == 0, "every question is answered", () => $"{heard.Count} of {asked - first}");
                Assert.Equal(Enumerable.Range(first, asked - first).Select(seq => (long)seq), heard.Order());
            },
            iter: 60, threads: 1);
    }

    [Fact]
    public void The_end_of_the_channel_is_news_also_behind_half_a_line()
    {
        Say("\"rea");
        _worker.Dispose();
        Eventually.True(() => _news.OfType<WorkerClosedChannel>().Any(), "the end is heard");
    }

    [Fact]
    public void Shutdown_falls_back_to_the_signal_when_there_is_no_channel_any_more()
    {
        using var signalled = new ManualResetEvent(false);
        _channel.Shutdown(() => signalled.Set());
        Eventually.Equal("\"shutdown\"\n", Heard, "the message arrives");
        Assert.False(signalled.WaitOne(0));
        _worker.Dispose();
        Eventually.True(() => _news.OfType<WorkerClosedChannel>().Any(), "the end is heard");
        _channel.Shutdown(() => signalled.Set());
        Eventually.Signalled(signalled, "the fallback is called");
    }

    [Fact]
    public void An_answer_that_found_no_room_is_given_by_the_next_daemon()
    {
        var question = Encoding.UTF8.GetBytes("""{"cmd":"NODE_CLUSTER","act":"of old","seq":1}""" + "\n");
        var sent = 0;
        Eventually.True(
            () =>
            {
                while (TrySay(question))
                    sent++;
                return _keepsakes.OfChannel(1) is { Owed.IsEmpty: false };
            },
            "some answers find no room");
        using var next = Next(out var poller);
        using var also = poller;
        var answers = 0;
        Eventually.True(
            () => (answers += Heard().Count(letter => letter == '\n') is var lines and > 0 ? Take(lines) : 0) >= sent && Lying().Length == 0,
            "every question is answered", () => $"{answers} of {sent}");
        Eventually.True(() => _keepsakes.OfChannel(1) is null, "and nothing is owed any more");
    }

    [Fact]
    public void The_next_daemon_knows_in_whose_way_it_is_to_be_drained()
    {
        Say("""{"cmd":"NODE_ZD_HELLO","version":"1"}""" + "\n");
        Eventually.Equal("", Lying, "the hello is taken");
        using var next = Next(out var poller);
        using var also = poller;
        next.Tell(new DrainOrder(DrainReason.Reload, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)));
        Eventually.True(() => Heard().Contains("NODE_ZD_DRAIN", StringComparison.Ordinal), "it is told in the preload's words", Heard);
    }

    /// <summary>The second one would close the channel while requests are still being answered, and so bring the stop signal too early.</summary>
    [Fact]
    public void A_worker_is_told_to_disconnect_once_whoever_says_it()
    {
        var order = new DrainOrder(DrainReason.Reload, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        _channel.Tell(order);
        Eventually.True(() => Heard().Contains("\"disconnect\"", StringComparison.Ordinal), "it is told", Heard);
        Eventually.True(() => _keepsakes.OfChannel(1) is { Disconnecting: true }, "and that it was");
        using var next = Next(out var poller);
        using var also = poller;
        next.Tell(order);
        next.Refuse(new ListenAsk(9, new ListenPoint(null, 1, "4", null, 0)), Errno.EBADF); // behind it
        Eventually.True(() => Heard().Contains("\"ack\":9", StringComparison.Ordinal), "what comes behind arrives", Heard);
        Assert.Equal(2, Heard().Split("\"disconnect\"").Length);
    }

    [Fact]
    public void A_line_that_is_passed_over_is_passed_over_to_its_end_by_the_next_daemon()
    {
        Say(new string('x', 50_000));
        Say(new string('x', 50_000));
        Eventually.True(() => _keepsakes.OfChannel(1) is { Skipping: true }, "its length is noticed");
        using var next = Next(out var poller);
        using var also = poller;
        Say("\"ready\"\n\"ready\"\n");
        Eventually.Equal("", Lying, "all is taken");
        Assert.IsType<WorkerSaidReady>(Assert.Single(_news));
    }

    /// <summary>The daemon is dead, and another has the channel.</summary>
    private NodeChannel Next(out FdPoller poller)
    {
        _poller.Dispose();
        poller = new FdPoller("next", _ => { });
        return new NodeChannel(_order, new StreamChannel(_beside.Handle.Duplicate()), poller, Post, _keepsakes, _log);
    }

    private void Post(SupervisorEvent? news, Action? handled)
    {
        if (news is not null)
            _news.Enqueue(news);
        if (LoopAnswers && news is WorkerAskedToListen asked)
            _channel.Refuse(asked.Ask, Errno.EADDRINUSE);
        if (handled is null)
            return;
        if (LoopRuns)
            handled();
        else
            _handled.Enqueue(handled);
    }

    private void Turn()
    {
        Eventually.True(() => !_handled.IsEmpty, "the channel waits for the loop");
        _handled.TryDequeue(out var handled);
        handled!();
    }

    private void Say(string text) => Eventually.True(() => TrySay(Encoding.UTF8.GetBytes(text)), "there is room to say it");

    private void SayInPieces(byte[] bytes, int[] pieces)
    {
        for (var (taken, turn) = (0, 0); taken < bytes.Length;)
        {
            var piece = bytes.AsMemory(taken, Math.Min(bytes.Length - taken, pieces[turn++ % pieces.Length])).ToArray();
            Eventually.True(() => TrySay(piece), "there is room to say it");
            taken += piece.Length;
        }
    }

    /// <summary>Takes what the worker has been told so far, and adds the numbers of what was answered.</summary>
    private int Answers(List<long> heard)
    {
        var text = Heard();
        text = text[..(text.LastIndexOf('\n') + 1)];
        _worker.Consume(text.Length);
        heard.AddRange(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("ack").GetInt64()));
        return heard.Count;
    }

    private bool TrySay(byte[] bytes) => _worker.TrySend(bytes);

    /// <summary>What the worker has said and nobody has taken.</summary>
    private string Lying() => Peek(_beside);

    /// <summary>What the worker has been told and has not taken.</summary>
    private string Heard() => Peek(_worker);

    private int Take(int lines)
    {
        var text = Heard();
        var length = 0;
        for (var line = 0; line < lines; line++)
            length = text.IndexOf('\n', length) + 1;
        _worker.Consume(length);
        return lines;
    }

    private static string Peek(StreamChannel channel)
    {
        var buffer = new byte[256 * 1024];
        return channel.Peek(buffer, out var count) == ReceiveOutcome.Message ? Encoding.UTF8.GetString(buffer, 0, count) : "";
    }
}
