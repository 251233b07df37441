using System.Text;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Survival;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// Our end of a Node worker's channel: the parent of <c>child_process.fork</c>, and for workers of a cluster its primary. Words become
/// events; answers and sockets go back.
/// </summary>
/// <remarks>
/// Bytes are looked at, their meaning goes through the loop, the answers go out, and only then are the bytes taken: a daemon that is
/// killed in between leaves them for its successor. A doubled answer does no harm, a lost one would hang a <c>listen()</c> for ever; so one
/// that finds no room is written down (<see cref="Keepsakes"/>) before its question is taken. Of a socket the core knows until the worker listens.
/// A worker that does not read what it is told is not read from any more, so it can only fill its own buffers.
/// All callbacks run on the poller's thread.
/// </remarks>
internal sealed class NodeChannel : IDisposable
{
    private const int MostUnsent = 64;
    private const int MostRetries = 3;
    private static readonly ChannelKeepsake Nothing = new();

    [ThreadStatic]
    private static byte[]? _scratch;

    private readonly WorkerId _worker;
    private readonly string _name;
    private readonly bool _endsByMessage;
    private readonly string _stopSignal;
    private readonly StreamChannel _channel;
    private readonly FdPoller _poller;
    private readonly Action<SupervisorEvent?, Action?> _post;
    private readonly Keepsakes _keepsakes;
    private readonly DaemonLog _log;
    private readonly FdRegistration _registration;
    private readonly NodeLines _lines;
    private readonly Queue<Letter> _unsent = new();
    private readonly Queue<Letter> _notConfirmed = new();
    private ChannelKeepsake _kept;
    private bool _isToKeep;
    private FdInterest _interest = FdInterest.Read | FdInterest.NewsOnly;
    private bool _saidReady;
    private bool _complained;
    private bool _underWay;
    private bool _closed;

    /// <param name="order">Whose channel it is.</param>
    /// <param name="channel">Owned from now on.</param>
    /// <param name="poller">Whose thread reads and writes.</param>
    /// <param name="post">Where news goes, and what is to be called when the news before it has been acted upon.</param>
    /// <param name="keepsakes">Where a daemon before us may have left something about it, and where we do.</param>
    /// <param name="log">Hears, once, of a worker that misuses it.</param>
    public NodeChannel(LaunchWorker order, StreamChannel channel, FdPoller poller, Action<SupervisorEvent?, Action?> post, Keepsakes keepsakes, DaemonLog log)
    {
        _worker = order.Worker;
        _name = $"{order.Spec.Name}:{order.PmId}";
        _endsByMessage = order.Spec.Stop.ByMessage;
        _stopSignal = order.Spec.Stop.Signal;
        _channel = channel;
        _poller = poller;
        _post = post;
        _keepsakes = keepsakes;
        _log = log;
        _kept = keepsakes.OfChannel(_worker.Number) ?? new ChannelKeepsake();
        _lines = new NodeLines(_kept.Skipping);
        foreach (var owed in _kept.Owed)
            _unsent.Enqueue(Letter.Answer(Encoding.UTF8.GetBytes(owed)));
        // Then the first news is that it can be written to.
        _interest |= _unsent.Count > 0 ? FdInterest.Write : FdInterest.None;
        _registration = poller.Prepare(channel.Handle, OnEvents);
        _registration.Begin(_interest);
    }

    /// <summary>Gives the worker a socket that it asked for; from any thread, as all that follows.</summary>
    /// <param name="ask">The question.</param>
    /// <param name="socket">A duplicate that is ours to close.</param>
    /// <param name="datagrams">It is a UDP socket.</param>
    /// <param name="data">What the first who asked for it sent along.</param>
    public void HandOver(ListenAsk ask, FdHandle socket, bool datagrams, string? data) =>
        Post(new Letter(NodeMessages.HandOver(ask, datagrams, data)) { Ask = ask, Socket = socket });

    public void Refuse(ListenAsk ask, Errno errno) => Post(Letter.Answer(NodeMessages.Refuse(ask, errno.Value)));

    /// <summary>Tells the worker to take no new connection and to finish: our preload where it lives, else Node's cluster module.</summary>
    public void Tell(DrainOrder order) => _poller.Post(() =>
    {
        if (_kept.Preloaded)
            Send(new Letter(NodeMessages.Drain(order, _stopSignal, stay: _endsByMessage)));
        else if (!_kept.Disconnecting)
            Send(new Letter(NodeMessages.Disconnect()) { Once = kept => kept with { Disconnecting = true } });
        Keep();
    });

    /// <summary>Sends the text <c>shutdown</c>.</summary>
    /// <param name="otherwise">Called instead when there is no channel any more.</param>
    public void Shutdown(Action otherwise) => _poller.Post(() =>
    {
        if (!_kept.ShuttingDown)
            Send(new Letter(NodeMessages.Shutdown()) { Once = kept => kept with { ShuttingDown = true } });
        Keep();
        if (_closed)
            otherwise();
    });

    public void Dispose()
    {
        _registration.Dispose();
        _poller.Post(() =>
        {
            _closed = true;
            Drop(_unsent);
            Drop(_notConfirmed);
            _channel.Dispose();
        });
    }

    private void OnEvents(FdEvents events)
    {
        if (_closed)
            return;
        SendWhatFits();
        Keep();
        if (!_closed && !_underWay && _unsent.Count <= MostUnsent)
            Look(hangsUp: (events & (FdEvents.HangUp | FdEvents.Error)) != 0);
    }

    private void Look(bool hangsUp)
    {
        var buffer = _scratch ??= new byte[NodeLines.LongestLine];
        switch (_channel.Peek(buffer, out var count))
        {
            case ReceiveOutcome.Closed:
                Close();
                break;
            case ReceiveOutcome.Message:
                var messages = new List<NodeMessage>();
                var length = _lines.Look(buffer.AsSpan(0, count), messages);
                if (_lines.WasTooLong)
                    Complain("a line of more than 64 KiB is passed over");
                if (length > 0)
                    Take(messages, length);
                else if (hangsUp)
                    Close(); // half a line, and nobody is left to write the rest
                break;
        }
    }

    private void Take(List<NodeMessage> messages, int length)
    {
        var answers = new List<Letter>();
        var news = messages.Select(message => Meaning(message, answers)).OfType<SupervisorEvent>().ToList();
        if (news.Count == 0)
        {
            Finish(answers, length);
            return;
        }

        _underWay = true;
        news.ForEach(one => _post(one, null));
        // A listener that is opened for the first who asks is one more event, which stands in the mailbox by the first turn.
        _post(null, () => _post(null, () => _poller.Post(() =>
        {
            _underWay = false;
            if (!_closed)
                Finish(answers, length);
        })));
    }

    /// <summary>What the core ordered because of these bytes was posted before this, so it goes out first.</summary>
    private void Finish(List<Letter> answers, int length)
    {
        foreach (var answer in answers)
            Send(answer);
        if (_closed)
            return;
        Remember(_kept with { Skipping = _lines.Skipping });
        Keep();
        _channel.Consume(length);
        Watch(lookAgain: true);
    }

    private SupervisorEvent? Meaning(NodeMessage message, List<Letter> answers)
    {
        switch (message)
        {
            case NodeMessage.Ready when !_saidReady:
                _saidReady = true;
                return new WorkerSaidReady(_worker);
            case NodeMessage.Online when _endsByMessage:
                return null; // told to disconnect it would close the channel, and the message that ends it could not reach it
            case NodeMessage.Online:
                return new WorkerOpenedChannel(_worker);
            case NodeMessage.Hello:
                Remember(_kept with { Preloaded = true });
                return new WorkerOpenedChannel(_worker);
            case NodeMessage.Asks asks:
                return new WorkerAskedToListen(_worker, asks.Ask);
            case NodeMessage.Listening listening:
                return new WorkerListensOn(_worker, listening.Point);
            case NodeMessage.Closed closed:
                return new WorkerStoppedListening(_worker, closed.Key);
            case NodeMessage.LeavesByItself leaves:
                answers.Add(Letter.Answer(NodeMessages.Acknowledge(leaves.Seq)));
                return new WorkerSaidStopping(_worker);
            case NodeMessage.WantsAnswer wants:
                answers.Add(Letter.Answer(NodeMessages.Acknowledge(wants.Seq)));
                return null;
            case NodeMessage.Draining draining:
                return new WorkerSaidDraining(_worker, draining.Requests + draining.Idle);
            case NodeMessage.Drained:
                return new WorkerDrained(_worker);
            case NodeMessage.SendsHandle:
                answers.Add(Letter.Answer(NodeMessages.HandleTaken()));
                return null;
            case NodeMessage.HandleTaken:
                if (_notConfirmed.TryDequeue(out var taken))
                    taken.Dispose();
                return null;
            case NodeMessage.HandleLost:
                SendAgain(answers);
                return null;
            case NodeMessage.Nonsense nonsense:
                Complain($"a message on it makes no sense: {nonsense.Problem}");
                return null;
            default:
                return null; // ready, once more
        }
    }

    /// <summary>The worker had no descriptor free for the socket. When that stays so, its <c>listen()</c> fails instead of hanging.</summary>
    private void SendAgain(List<Letter> answers)
    {
        if (!_notConfirmed.TryDequeue(out var letter))
            return;
        if (letter.Tries < MostRetries)
        {
            answers.Add(letter with { Tries = letter.Tries + 1 });
            return;
        }

        letter.Dispose();
        answers.Add(Letter.Answer(NodeMessages.Refuse(letter.Ask!, Errno.EMFILE.Value)));
    }

    private void Post(Letter letter) => _poller.Post(() =>
    {
        Send(letter);
        Keep();
    });

    private void Send(Letter letter)
    {
        if (_closed)
        {
            letter.Dispose();
            return;
        }

        _unsent.Enqueue(letter);
        SendWhatFits();
        _isToKeep |= letter.IsAnswer && _unsent.Count > 0;
    }

    private void SendWhatFits()
    {
        try
        {
            while (_unsent.TryPeek(out var letter) && _channel.TrySend(letter.Bytes, letter.Socket is null ? [] : [letter.Socket]))
            {
                _unsent.Dequeue();
                Remember(letter.Once(_kept));
                _isToKeep |= letter.IsAnswer && !_kept.Owed.IsEmpty;
                if (letter.Socket is not null)
                    _notConfirmed.Enqueue(letter);
            }

            Watch();
        }
        catch (ChannelClosedException)
        {
            Close();
        }
    }

    /// <param name="lookAgain">What is there already is told again. Not without need: half a line that nobody takes would be told for ever.</param>
    private void Watch(bool lookAgain = false)
    {
        var interest = FdInterest.NewsOnly;
        if (!_underWay && _unsent.Count <= MostUnsent)
            interest |= FdInterest.Read;
        if (_unsent.Count > 0)
            interest |= FdInterest.Write;
        if (_closed || (interest == _interest && !lookAgain))
            return;
        _interest = interest;
        _registration.Change(interest);
    }

    private void Remember(ChannelKeepsake now)
    {
        _isToKeep |= now != _kept;
        _kept = now;
    }

    /// <summary>Leaves for a successor what is so now.</summary>
    private void Keep()
    {
        if (!_isToKeep || _closed)
            return;
        _isToKeep = false;
        _kept = _kept with { Owed = [.. _unsent.Where(letter => letter.IsAnswer).Select(letter => Encoding.UTF8.GetString(letter.Bytes))] };
        _keepsakes.OfChannel(_worker.Number, _kept == Nothing ? null : _kept);
    }

    private void Complain(string problem)
    {
        if (_complained)
            return;
        _complained = true;
        _log.ChannelMisused(_name, problem);
    }

    private void Close()
    {
        _closed = true;
        _registration.Dispose();
        Drop(_unsent);
        Drop(_notConfirmed);
        _post(new WorkerClosedChannel(_worker), null);
    }

    private static void Drop(Queue<Letter> letters)
    {
        while (letters.TryDequeue(out var letter))
            letter.Dispose();
    }

    /// <summary>One message to the worker.</summary>
    /// <param name="Bytes">With the line's end.</param>
    private sealed record Letter(byte[] Bytes) : IDisposable
    {
        /// <summary>The question that it answers with a socket.</summary>
        public ListenAsk? Ask { get; init; }

        /// <summary>Goes along.</summary>
        public FdHandle? Socket { get; init; }

        /// <summary>Somebody waits for it, and only this channel knows.</summary>
        public bool IsAnswer { get; private init; }

        /// <summary>What is to be remembered once it has gone out, because it must not go out again.</summary>
        public Func<ChannelKeepsake, ChannelKeepsake> Once { get; init; } = kept => kept;

        public int Tries { get; init; }

        public static Letter Answer(byte[] bytes) => new(bytes) { IsAnswer = true };

        public void Dispose() => Socket?.Dispose();
    }
}
