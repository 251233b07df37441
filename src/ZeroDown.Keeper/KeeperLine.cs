using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>
/// The daemon's line to its keeper. Messages come from any thread, go out in the order in which they were given, and wait here while the keeper does not read; what each
/// of them changes is noted in the mirror in the same moment.
/// </summary>
internal sealed class KeeperLine : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly FdChannel _channel;
    private readonly Outbox _outbox;
    private readonly WakePipe _wake = new();
    private readonly Queue<KeeperEvent> _ownEvents = new();
    private readonly KeeperMirror _mirror;
    private volatile bool _isClosed;

    /// <summary>Says hello and waits for the give-back.</summary>
    /// <param name="channel">Owned from now on.</param>
    /// <exception cref="IOException">The keeper is gone, or speaks another version; the message is for people.</exception>
    internal KeeperLine(FdChannel channel)
    {
        _channel = channel;
        _outbox = new Outbox(channel);
        _outbox.Post(new WireWriter().U8((byte)Order.Hello).I32(KeeperClient.ContractVersion));
        var reader = new GiveBackReader();
        GiveBack = reader.Receive(channel, "the keeper");
        (Keeper, _mirror) = (reader.Keeper, new KeeperMirror(GiveBack, reader.Launches));
    }

    internal GiveBack GiveBack { get; }

    /// <summary>What it says of itself.</summary>
    internal KeeperFields Keeper { get; }

    internal bool IsClosed => _isClosed;

    internal FdHandle Wake => _wake.ReadEnd;

    internal void Post(WireWriter message, params ReadOnlySpan<FdHandle> fds) => Post(message, null, fds);

    /// <param name="message">Whole.</param>
    /// <param name="note">What the mirror is to remember of it.</param>
    /// <param name="fds">Stay the caller's.</param>
    internal void Post(WireWriter message, Action<KeeperMirror>? note, params ReadOnlySpan<FdHandle> fds)
    {
        bool mustWait;
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }

            note?.Invoke(_mirror);
            _outbox.Post(message, fds);
            mustWait = _outbox.HasWaiting;
        }

        if (mustWait)
        {
            _wake.Ring();
        }
    }

    /// <summary>An event that does not come from the keeper; told like all others.</summary>
    internal void TellOurselves(KeeperEvent news)
    {
        lock (_lock)
        {
            _ownEvents.Enqueue(news);
        }

        _wake.Ring();
    }

    internal KeeperEvent? NextOwnEvent()
    {
        lock (_lock)
        {
            return _ownEvents.TryDequeue(out var own) ? own : null;
        }
    }

    /// <summary>While nobody else touches the mirror.</summary>
    internal void Note(Action<KeeperMirror> note)
    {
        lock (_lock)
        {
            note(_mirror);
        }
    }

    /// <inheritdoc cref="Note"/>
    internal T Ask<T>(Func<KeeperMirror, T> ask)
    {
        lock (_lock)
        {
            return ask(_mirror);
        }
    }

    internal void AddTo(PollList list)
    {
        lock (_lock)
        {
            list.Add(_channel.Handle, _outbox.HasWaiting ? FdInterest.Read | FdInterest.Write : FdInterest.Read);
        }
    }

    internal void Hush() => _wake.Hush();

    internal void Flush()
    {
        lock (_lock)
        {
            _outbox.Flush();
        }
    }

    internal ReceiveOutcome TryReceive(out FdMessage? message) => _channel.TryReceive(out message);

    /// <summary>Waits until everything has gone out.</summary>
    /// <returns>False if nobody takes it.</returns>
    internal bool SendTheRest()
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return false;
            }

            SendWhatWaits();
            return !_outbox.IsClosed && !_outbox.HasWaiting;
        }
    }

    /// <summary>Nothing is posted any more; what was goes out.</summary>
    internal void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            SendWhatWaits();
        }

        _wake.Ring();
    }

    /// <summary>To the keeper that looks like the daemon's death.</summary>
    public void Dispose()
    {
        _outbox.Dispose();
        _channel.Dispose();
        _wake.Dispose();
    }

    /// <summary>A last order may wait behind many; the keeper takes them as fast as it can read.</summary>
    private void SendWhatWaits()
    {
        var list = new PollList();
        var deadline = MonotonicClock.Now + Patience;
        _outbox.Flush();
        while (_outbox.HasWaiting && MonotonicClock.Now < deadline)
        {
            list.Clear();
            list.Add(_channel.Handle, FdInterest.Write);
            list.Wait(deadline - MonotonicClock.Now);
            _outbox.Flush();
        }
    }
}
