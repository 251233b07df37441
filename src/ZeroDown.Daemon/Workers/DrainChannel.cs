using System.Text;
using ZeroDown.Core.Supervision;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// Our end of <c>ZD_CHANNEL_FD</c>, over which the library in a worker says hello, is told to drain, and says when it has let go.
/// </summary>
/// <remarks>
/// Bytes are looked at, their meaning goes through the loop, and only then are they taken: a daemon that is killed in between
/// leaves them for its successor, and a message that is read twice does no harm. Half a line stays where it is, so the poller is
/// asked for news only: told of what holds, it would tell of that half line for ever. All callbacks run on the poller's thread.
/// </remarks>
internal sealed class DrainChannel : IDisposable
{
    private const int LongestLook = 16 * 1024;

    private readonly WorkerId _worker;
    private readonly StreamChannel _channel;
    private readonly FdPoller _poller;
    private readonly Action<SupervisorEvent?, Action?> _post;
    private readonly FdRegistration _registration;
    private readonly Queue<byte[]> _unsent = new();
    private bool _underWay;
    private bool _closed;

    /// <param name="worker">Whose channel it is.</param>
    /// <param name="channel">Owned from now on.</param>
    /// <param name="poller">Whose thread reads and writes.</param>
    /// <param name="post">Where news goes, and what is to be called when the news before it has been acted upon.</param>
    public DrainChannel(WorkerId worker, StreamChannel channel, FdPoller poller, Action<SupervisorEvent?, Action?> post)
    {
        _worker = worker;
        _channel = channel;
        _poller = poller;
        _post = post;
        _registration = poller.Prepare(channel.Handle, OnEvents);
        _registration.Begin(FdInterest.Read | FdInterest.NewsOnly); // what was said to a daemon before us is told at once
    }

    /// <summary>Tells the library to drain; from any thread.</summary>
    public void Tell(DrainOrder order) => _poller.Post(() =>
    {
        _unsent.Enqueue(DrainMessages.Drain(order));
        SendWhatFits();
    });

    public void Dispose()
    {
        _registration.Dispose();
        _poller.Post(_channel.Dispose);
    }

    private void OnEvents(FdEvents events)
    {
        if (_closed)
            return;
        if ((events & FdEvents.Writable) != 0)
            SendWhatFits();
        if (_underWay || (events & (FdEvents.Readable | FdEvents.HangUp | FdEvents.Error)) == 0)
            return;

        Span<byte> buffer = stackalloc byte[LongestLook];
        switch (_channel.Peek(buffer, out var count))
        {
            case ReceiveOutcome.Closed:
                Close();
                break;
            case ReceiveOutcome.Message when buffer[..count].LastIndexOf((byte)'\n') is >= 0 and var end:
                Read(buffer[..(end + 1)]);
                break;
            case ReceiveOutcome.Message when count == buffer.Length:
                // No line of ours is that long. Whoever writes it is not our library.
                Close();
                break;
            case ReceiveOutcome.Message when (events & FdEvents.HangUp) != 0:
                // The rest of this line will never come.
                Close();
                break;
        }
    }

    private void Read(ReadOnlySpan<byte> lines)
    {
        foreach (var line in Encoding.UTF8.GetString(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (DrainMessages.Parse(line))
            {
                case { Hello: not null }:
                    _post(new WorkerOpenedChannel(_worker), null);
                    break;
                case { Draining: { } draining }:
                    _post(new WorkerSaidDraining(_worker, draining.Requests + draining.Idle), null);
                    break;
                case { Drained: not null }:
                    _post(new WorkerDrained(_worker), null);
                    break;
            }
        }

        var length = lines.Length;
        _underWay = true;
        Watch();
        _post(null, () => _poller.Post(() =>
        {
            _underWay = false;
            if (_closed)
                return;
            _channel.Consume(length);
            Watch();
        }));
    }

    private void SendWhatFits()
    {
        try
        {
            while (!_closed && _unsent.TryPeek(out var message) && _channel.TrySend(message))
                _unsent.Dequeue();
            if (!_closed)
                Watch();
        }
        catch (ChannelClosedException)
        {
            Close();
        }
    }

    private void Watch() => _registration.Change(
        FdInterest.NewsOnly
        | (_underWay ? FdInterest.None : FdInterest.Read)
        | (_unsent.Count > 0 ? FdInterest.Write : FdInterest.None));

    private void Close()
    {
        _closed = true;
        _registration.Dispose();
        _post(new WorkerClosedChannel(_worker), null);
    }
}
