using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>
/// The daemon's end of the keeper's contract. Orders never wait and never throw because the keeper is gone (then <see cref="KeeperEvent.Lost"/> has been
/// or will be told); they may come from any thread and arrive in the order in which they were given.
/// </summary>
/// <remarks>
/// A daemon is born with its channel as fd <see cref="ChannelNumber"/>. Its life: <see cref="Attach"/>, take over <see cref="GiveBack"/>, <see cref="Start"/>,
/// listen for the CLI, then <see cref="Ready"/> (or <see cref="CannotStart"/> and exit).
/// </remarks>
public sealed class KeeperClient : IDisposable
{
    /// <summary>Rises when an old peer could not understand a new one; added fields and messages alone do not count.</summary>
    public const int ContractVersion = 1;

    /// <summary>Where the keeper puts the channel of a daemon that it starts.</summary>
    public const int ChannelNumber = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();

    /// <summary>Held while everything is given to another keeper: what is on its way must not end under our hands. Taken before <see cref="_lock"/>.</summary>
    private readonly Lock _leaving = new();
    private readonly FdChannel _channel;
    private readonly Outbox _outbox;
    private readonly WakePipe _wake = new();
    private readonly Queue<KeeperEvent> _ownEvents = new();
    private readonly KeeperFields _keeper;
    private readonly KeeperMirror _mirror;
    private Thread? _thread;
    private Action<KeeperEvent> _handler = _ => { };
    private volatile bool _disposed;
    private bool _isLost;

    private KeeperClient(FdChannel channel)
    {
        _channel = channel;
        _outbox = new Outbox(channel);
        Post(New(Order.Hello).I32(ContractVersion));
        var reader = new GiveBackReader();
        GiveBack = Receive(channel, reader, "the keeper");
        (_keeper, _mirror) = (reader.Keeper, new KeeperMirror(GiveBack, reader.Launches));
    }

    /// <summary>What the keeper kept for us. The handles are the caller's: take over, or dispose, every one of them.</summary>
    public GiveBack GiveBack { get; }

    /// <summary>Takes over the inherited channel. Call it once, early: it also marks the number close-on-exec.</summary>
    /// <exception cref="SystemCallException">EBADF: this process was not started by a keeper.</exception>
    public static FdHandle InheritedChannel() => FdHandle.Adopt(ChannelNumber);

    /// <summary>Says hello and waits for the give-back (a few milliseconds; the keeper answers at once).</summary>
    /// <param name="channel">Owned by the client from now on.</param>
    /// <exception cref="IOException">The keeper is gone, or speaks another version; the message is for people.</exception>
    public static KeeperClient Attach(FdHandle channel) => new(new FdChannel(channel));

    /// <summary>From now on every event goes to <paramref name="handler"/>, one at a time, on a thread of the client. It must not block and must not throw.</summary>
    public void Start(Action<KeeperEvent> handler)
    {
        _handler = handler;
        _thread = new Thread(Listen) { IsBackground = true, Name = "keeper" };
        _thread.Start();
    }

    /// <summary>The daemon listens: whoever waits in the CLI may go on.</summary>
    /// <param name="tookOver">False: it only looks after what there is, and the one that takes over is still to come.</param>
    public void Ready(bool tookOver = true) => Post(New(Order.Ready).Flag(tookOver));

    /// <summary>The daemon cannot start, and ends after this. If it is the first of its keeper, the waiting CLI shows the line and the keeper ends too.</summary>
    /// <param name="line">One line for the user.</param>
    /// <param name="onlyLacks">Something is lacking that may come back, and the next one may find it: no failure of the daemon's own.</param>
    public void CannotStart(string line, bool onlyLacks = false) => Post(New(Order.CannotStart).Text(line).Flag(onlyLacks));

    /// <summary>Answered with <see cref="KeeperEvent.Spawned"/> or <see cref="KeeperEvent.LaunchFailed"/>.</summary>
    public void Launch(LaunchOrder order)
    {
        try
        {
            lock (_lock)
            {
                // Not mirrored: to the next keeper this launch has not happened, and its daemon orders it again.
                if (_isLost)
                {
                    throw new SystemCallException("launch without a keeper", Errno.EAGAIN);
                }

                _mirror.Launch(order);
            }

            using var settings = MemoryFile.Holding(SettingsFile.Encode(LaunchOrderRules.ToSettings(order)));
            var message = New(Order.Launch).I64(order.LaunchId).Flag(order.KillGroupOnExit).Bytes(order.Note.Span).I32(order.Fds.Count);
            var fds = new FdHandle[order.Fds.Count + 1];
            fds[0] = settings;
            for (var i = 0; i < order.Fds.Count; i++)
            {
                message.I32(order.Fds[i].ChildNumber);
                fds[i + 1] = order.Fds[i].Source;
            }

            Post(message, fds);
        }
        catch (ArgumentException e)
        {
            TellOurselves(new KeeperEvent.LaunchFailed(order.LaunchId, LaunchStep.Order, Errno.EINVAL, e.Message));
        }
        catch (SystemCallException e)
        {
            TellOurselves(new KeeperEvent.LaunchFailed(order.LaunchId, LaunchStep.Spawn, e.Errno, e.Message));
        }
    }

    /// <summary>
    /// A process that lives and that no keeper knows any more, because keeper and daemon were killed both: from now on it is a worker like any other, and its end is told as
    /// <see cref="KeeperEvent.Exited"/>.
    /// </summary>
    /// <param name="launchId">Its number from before.</param>
    /// <param name="process">Which.</param>
    /// <param name="pidFd">Opened while it was certain to be that process. Stays the caller's. Null where there are no pidfds.</param>
    /// <param name="killGroupOnExit">As in <see cref="LaunchOrder"/>.</param>
    /// <param name="note">Its note.</param>
    public void Adopt(long launchId, ProcessIdentity process, FdHandle? pidFd, bool killGroupOnExit, ReadOnlyMemory<byte> note) => Post(
        New(Order.Adopt).I64(launchId).I32(process.Pid).I64(process.StartTime).Flag(killGroupOnExit).Bytes(note.Span),
        mirror => mirror.Adopt(launchId, process, killGroupOnExit, note),
        pidFd is null ? [] : [pidFd]);

    /// <summary>Lets the trampoline go on to execve. Answered with <see cref="KeeperEvent.Started"/> or <see cref="KeeperEvent.LaunchFailed"/>.</summary>
    public void OpenGate(long launchId) => Post(New(Order.OpenGate).I64(launchId), mirror => mirror.OpenGate(launchId));

    /// <summary>Answered with <see cref="KeeperEvent.Signalled"/>. A worker that has exited is never signalled.</summary>
    /// <param name="signalId">The daemon's number for this one signal; a repeated one for the same worker is answered, not sent again.</param>
    /// <param name="launchId">To whom.</param>
    /// <param name="signal">The number.</param>
    /// <param name="scope">SIGKILL to a <see cref="SignalScope.Group"/> is repeated when the worker exits, so that a child which it forks meanwhile dies too.</param>
    public void Signal(long signalId, long launchId, int signal, SignalScope scope)
    {
        Post(New(Order.Signal).I64(signalId).I64(launchId).I32(signal).U8((byte)scope), mirror => mirror.Signal(launchId, signal, scope));
        SignalWithoutKeeper(signalId, launchId, signal, scope);
    }

    /// <summary>The exit (or failure) is dealt with. For a worker that lives on it counts from its exit.</summary>
    public void Forget(long launchId) => Post(New(Order.Forget).I64(launchId), mirror => mirror.Forget(launchId));

    /// <summary>The keeper keeps a duplicate for the next daemon. A key that is already there is replaced.</summary>
    /// <param name="key">The daemon's name for it, at most 1 KiB.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="fd">Stays the caller's, who keeps it open until it is released: should the keeper be killed, the next one gets it from us.</param>
    public void Hold(string key, HoldKind kind, FdHandle fd)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, Contract.LongestKey);
        Post(New(Order.Hold).Text(key).U8((byte)kind), mirror => mirror.Hold(key, kind, fd), fd);
    }

    /// <summary>The keeper closes its duplicate. No such key: nothing happens.</summary>
    public void Release(string key) => Post(New(Order.Release).Text(key), mirror => mirror.Release(key));

    /// <summary>Replaces the note of a worker, at most 16 KiB, opaque to the keeper. Orders that were given before it were executed before it.</summary>
    public void Note(long launchId, ReadOnlyMemory<byte> note)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(note.Length, Contract.LongestNote);
        Post(New(Order.Note).I64(launchId).Bytes(note.Span), mirror => mirror.Note(launchId, note));
    }

    /// <summary>Asks the keeper, who is every worker's ancestor and may therefore read what Yama hides from us, how the worker stands to these listeners (inodes of the sockets). Answered with <see cref="KeeperEvent.Looked"/>.</summary>
    public void Look(long lookId, long launchId, IReadOnlyList<long> inodes)
    {
        var message = New(Order.Look).I64(lookId).I64(launchId).I32(inodes.Count);
        foreach (var inode in inodes)
        {
            message.I64(inode);
        }

        Post(message);
    }

    /// <summary>The answer to <see cref="KeeperEvent.BeatWanted"/>, from the daemon's loop.</summary>
    public void Beat() => Post(New(Order.Beat));

    /// <summary>No daemon is started any more, and the keeper ends as soon as this one has exited and no worker lives. Every held descriptor closes then.</summary>
    public void Shutdown() => Post(New(Order.Shutdown));

    /// <summary>
    /// The keeper is to go on with another program: daemon first, then itself. The daemon leaves after this order, without touching a worker; what becomes of it, the next one
    /// hears (<see cref="GiveBack.Update"/>, <see cref="KeeperEvent.Updated"/>).
    /// </summary>
    /// <param name="token">The asker's word for it.</param>
    /// <param name="version">Of the new program.</param>
    /// <param name="program">The new program, absolute, and its leading arguments.</param>
    /// <returns>False if there is no keeper that takes it: then the daemon must stay, for nobody would come after it.</returns>
    public bool Update(string token, string version, IReadOnlyList<string> program)
    {
        Post(New(Order.Update).Text(token).Text(version).Texts(program));
        lock (_lock)
        {
            if (_disposed)
            {
                return false;
            }

            SendTheRest();
            return !_outbox.IsClosed && !_outbox.HasWaiting;
        }
    }

    /// <summary>
    /// After <see cref="KeeperEvent.Lost"/>: starts another keeper and gives it all that the lost one held. When this returns, the new one has it and waits for us to end,
    /// which must be soon and without touching a worker: then it starts the next daemon. Nothing that is ordered from here on reaches anybody.
    /// </summary>
    /// <param name="home">The home folder.</param>
    /// <returns>Null, or why there is no other keeper; then we go on without, and this may be tried again.</returns>
    public string? StartSuccessor(string home) => StartSuccessor(home, SelfImage.Named, []);

    internal string? StartSuccessor(string home, IReadOnlyList<string> self, IReadOnlyList<string> more)
    {
        lock (_leaving)
        {
            Estate estate;
            lock (_lock)
            {
                estate = _mirror.Leave();
            }

            try
            {
                SuccessorStart.Run(home, self, more, _keeper, estate);
                return null;
            }
            catch (Exception problem) when (problem is IOException or SystemCallException or InvalidDataException)
            {
                return problem.Message;
            }
        }
    }

    /// <summary>Closes the channel after what was ordered has gone out. To the keeper that looks like the daemon's death, so it comes last. No event is told afterwards.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            SendTheRest();
        }

        _wake.Ring();
        if (_thread is not null && Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }

        _outbox.Dispose();
        _channel.Dispose();
        _wake.Dispose();
    }

    /// <summary>A last order may wait behind many; the keeper takes them as fast as it can read.</summary>
    private void SendTheRest()
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

    private static WireWriter New(Order order) => new WireWriter().U8((byte)order);

    private void Post(WireWriter message, params ReadOnlySpan<FdHandle> fds) => Post(message, null, fds);

    private void Post(WireWriter message, Action<KeeperMirror>? note, params ReadOnlySpan<FdHandle> fds)
    {
        bool mustWait;
        lock (_lock)
        {
            if (_disposed)
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

    private void TellOurselves(KeeperEvent news)
    {
        lock (_lock)
        {
            _ownEvents.Enqueue(news);
        }

        _wake.Ring();
    }

    /// <summary>While there is no keeper we can at least do this ourselves: the living are pinned.</summary>
    private void SignalWithoutKeeper(long signalId, long launchId, int signal, SignalScope scope)
    {
        Errno errno;
        lock (_lock)
        {
            if (!_isLost)
            {
                return;
            }

            errno = _mirror.Find(launchId) is { IsAlive: true, Pinned: not null } launch ? launch.Signal(signal, scope) : Errno.ESRCH;
        }

        var answer = errno == Errno.None ? SignalAnswer.Sent : errno == Errno.ESRCH ? SignalAnswer.Gone : SignalAnswer.Refused;
        TellOurselves(new KeeperEvent.Signalled(signalId, launchId, answer, errno));
    }

    internal static GiveBack Receive(FdChannel channel, GiveBackReader reader, string who)
    {
        var list = new PollList();
        var deadline = MonotonicClock.Now + Patience;
        while (true)
        {
            var outcome = channel.TryReceive(out var message);
            using (message)
            {
                if (message is not null && reader.Add(message) is { } complete)
                {
                    return complete;
                }
            }

            if (outcome == ReceiveOutcome.Closed || MonotonicClock.Now > deadline)
            {
                throw new KeeperGoneException(outcome == ReceiveOutcome.Closed ? $"{who} is gone" : $"{who} has not spoken for {Patience.TotalSeconds} s");
            }

            if (outcome == ReceiveOutcome.Empty)
            {
                list.Clear();
                list.Add(channel.Handle, FdInterest.Read);
                list.Wait(deadline - MonotonicClock.Now);
            }
        }
    }

    private void Listen()
    {
        var list = new PollList();
        while (!_disposed)
        {
            list.Clear();
            var wake = list.Add(_wake.ReadEnd, FdInterest.Read);
            lock (_lock)
            {
                list.Add(_channel.Handle, _outbox.HasWaiting ? FdInterest.Read | FdInterest.Write : FdInterest.Read);
            }

            list.Wait(null);
            if (list.Happened(wake) != FdEvents.None)
            {
                _wake.Hush();
            }

            if (!Work())
            {
                GoOnWithoutKeeper(list);
                return;
            }
        }
    }

    /// <summary>Until we have left, or for as long as no other keeper can be started: what becomes of the workers is still told.</summary>
    private void GoOnWithoutKeeper(PollList list)
    {
        lock (_lock)
        {
            _isLost = true;
            _mirror.PinTheLiving();
        }

        _handler(new KeeperEvent.Lost());
        while (!_disposed)
        {
            list.Clear();
            var wake = list.Add(_wake.ReadEnd, FdInterest.Read);
            TimeSpan? look = null;
            lock (_lock)
            {
                foreach (var orphan in _mirror.Orphans)
                {
                    if (orphan.Pinned!.Handle is { } handle)
                    {
                        list.Add(handle, FdInterest.Read);
                    }
                    else
                    {
                        look = PinnedProcess.LookEvery;
                    }
                }
            }

            list.Wait(look);
            if (list.Happened(wake) != FdEvents.None)
            {
                _wake.Hush();
            }

            TellExits();
            while (NextOwnEvent() is { } own)
            {
                Hear(own);
            }
        }
    }

    private void TellExits()
    {
        lock (_leaving)
        {
            List<(long LaunchId, ChildExit Exit)> exits;
            lock (_lock)
            {
                exits = [.. _mirror.Orphans.Where(orphan => orphan.Pinned!.HasEnded).Select(orphan => (orphan.LaunchId, orphan.Pinned!.Exit()))];
            }

            foreach (var (launchId, exit) in exits)
            {
                Hear(new KeeperEvent.Exited(launchId, exit));
            }
        }
    }

    private void Hear(KeeperEvent news)
    {
        lock (_lock)
        {
            _mirror.Hear(news);
        }

        _handler(news);
    }

    /// <returns>False when the keeper is gone.</returns>
    private bool Work()
    {
        while (NextOwnEvent() is { } own)
        {
            Hear(own);
        }

        lock (_lock)
        {
            _outbox.Flush();
        }

        while (!_disposed)
        {
            var outcome = _channel.TryReceive(out var message);
            using (message)
            {
                if (outcome != ReceiveOutcome.Message)
                {
                    return outcome != ReceiveOutcome.Closed;
                }

                if (EventReader.Read(message!.Body.Span) is { } news)
                {
                    Hear(news);
                }
            }
        }

        return true;
    }

    private KeeperEvent? NextOwnEvent()
    {
        lock (_lock)
        {
            return _ownEvents.TryDequeue(out var own) ? own : null;
        }
    }
}

/// <summary>The other side was gone, or silent, before it had given everything back.</summary>
public sealed class KeeperGoneException(string message) : IOException(message);
