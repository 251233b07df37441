using System.Collections.Concurrent;
using System.Text;
using Xunit;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Workers;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Daemon;

/// <summary>What the daemon makes of the bytes that a worker writes on <c>ZD_CHANNEL_FD</c>.</summary>
public sealed class DrainChannelTests : IDisposable
{
    private readonly FdPoller _poller;
    private readonly DrainChannel _channel;
    private readonly FdHandle _worker;
    private readonly ConcurrentQueue<SupervisorEvent> _news = new();
    private readonly ConcurrentQueue<Exception> _faults = new();

    public DrainChannelTests()
    {
        _poller = new FdPoller("drain channel test", _faults.Enqueue);
        var (ours, theirs) = StreamChannel.CreatePair();
        _worker = theirs;
        _channel = Channel(ours);
    }

    [Fact]
    public void A_line_in_two_pieces_is_one_message()
    {
        Write("{\"hello\":{\"library\":\"Zero");
        Write("Down\",\"version\":\"1\"}}\n{\"drained\":{}}\n");
        Hears(nameof(WorkerOpenedChannel), nameof(WorkerDrained));
    }

    /// <summary>To a daemon that is dead, for the next one.</summary>
    [Fact]
    public void What_was_said_before_the_channel_is_taken_up_is_heard_and_what_follows_too()
    {
        var (ours, theirs) = StreamChannel.CreatePair();
        using var worker = theirs;
        worker.Write("{\"hello\":{\"library\":\"ZeroDown\",\"version\":\"1\"}}\n"u8);
        using var next = Channel(ours);
        Hears(nameof(WorkerOpenedChannel));
        worker.Write("{\"drained\":{}}\n"u8);
        Hears(nameof(WorkerOpenedChannel), nameof(WorkerDrained));
        Assert.Empty(_faults);
    }

    [Fact]
    public void Half_a_line_and_then_the_end_is_the_end()
    {
        Write("{\"drained\":{}}\n{\"draini");
        _worker.Dispose();
        Hears(nameof(WorkerDrained), nameof(WorkerClosedChannel));
    }

    [Fact]
    public void What_is_no_message_of_ours_is_passed_over()
    {
        Write("not json\n{\"later\":{\"version\":9}}\n\n{\"draining\":{\"requests\":2,\"idle\":3}}\n");
        Hears(nameof(WorkerSaidDraining));
        Assert.Equal(5, Assert.IsType<WorkerSaidDraining>(_news.Single()).Connections);
    }

    [Fact]
    public void A_worker_that_floods_without_a_line_end_loses_its_channel_and_nothing_else()
    {
        Write(new string('x', 20 * 1024));
        Hears(nameof(WorkerClosedChannel));
        Assert.Empty(_faults);
    }

    public void Dispose()
    {
        _channel.Dispose();
        _poller.Dispose();
        _worker.Dispose();
    }

    private DrainChannel Channel(StreamChannel ours) => new(new WorkerId(7), ours, _poller, (news, handled) =>
    {
        if (news is not null)
            _news.Enqueue(news);
        handled?.Invoke();
    });

    private void Write(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Assert.Equal(bytes.Length, (int)_worker.Write(bytes));
    }

    private void Hears(params string[] expected) => Eventually.Equal(
        string.Join(", ", expected),
        () => string.Join(", ", _news.Select(news => news.GetType().Name)),
        "the loop hears of what the worker said, once each and in order",
        () => string.Join('\n', _faults));
}
