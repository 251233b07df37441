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

    /// <summary>Held while everything is given to another keeper: what is on its way must not end under our hands. Taken before the line's own lock.</summary>
    private readonly Lock _leaving = new();
    private readonly KeeperLine _line;
    private KeeperListener? _listener;

    private KeeperClient(KeeperLine line) => _line = line;

    /// <summary>What the keeper kept for us. The handles are the caller's: take over, or dispose, every one of them.</summary>
    public GiveBack GiveBack => _line.GiveBack;

    /// <summary>Takes over the inherited channel. Call it once, early: it also marks the number close-on-exec.</summary>
    /// <exception cref="SystemCallException">EBADF: this process was not started by a keeper.</exception>
    public static FdHandle InheritedChannel() => FdHandle.Adopt(ChannelNumber);

    /// <summary>Says hello and waits for the give-back (a few milliseconds; the keeper answers at once).</summary>
    /// <param name="channel">Owned by the client from now on.</param>
    /// <exception cref="IOException">The keeper is gone, or speaks another version; the message is for people.</exception>
    public static KeeperClient Attach(FdHandle channel) => new(new KeeperLine(new FdChannel(channel)));

    /// <summary>From now on every event goes to <paramref name="handler"/>, one at a time, on a thread of the client. It must not block and must not throw.</summary>
    public void Start(Action<KeeperEvent> handler)
    {
        _listener = new KeeperListener(_line, _leaving, handler);
        _listener.Start();
    }

    /// <summary>The daemon listens: whoever waits in the CLI may go on.</summary>
    /// <param name="tookOver">False: it only looks after what there is, and the one that takes over is still to come.</param>
    public void Ready(bool tookOver = true) => _line.Post(New(Order.Ready).Flag(tookOver));

    /// <summary>The daemon cannot start, and ends after this. If it is the first of its keeper, the waiting CLI shows the line and the keeper ends too.</summary>
    /// <param name="line">One line for the user.</param>
    /// <param name="onlyLacks">Something is lacking that may come back, and the next one may find it: no failure of the daemon's own.</param>
    public void CannotStart(string line, bool onlyLacks = false) => _line.Post(New(Order.CannotStart).Text(line).Flag(onlyLacks));

    /// <summary>Answered with <see cref="KeeperEvent.Spawned"/> or <see cref="KeeperEvent.LaunchFailed"/>.</summary>
    public void Launch(LaunchOrder order)
    {
        try
        {
            _line.Note(mirror => mirror.Launch(order));
            using var settings = MemoryFile.Holding(SettingsFile.Encode(LaunchOrderRules.ToSettings(order)));
            var message = New(Order.Launch).I64(order.LaunchId).Flag(order.KillGroupOnExit).Bytes(order.Note.Span).I32(order.Fds.Count);
            var fds = new FdHandle[order.Fds.Count + 1];
            fds[0] = settings;
            for (var i = 0; i < order.Fds.Count; i++)
            {
                message.I32(order.Fds[i].ChildNumber);
                fds[i + 1] = order.Fds[i].Source;
            }

            _line.Post(message, fds);
        }
        catch (ArgumentException e)
        {
            _line.TellOurselves(new KeeperEvent.LaunchFailed(order.LaunchId, LaunchStep.Order, Errno.EINVAL, e.Message));
        }
        catch (SystemCallException e)
        {
            _line.TellOurselves(new KeeperEvent.LaunchFailed(order.LaunchId, LaunchStep.Spawn, e.Errno, e.Message));
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
    public void Adopt(long launchId, ProcessIdentity process, FdHandle? pidFd, bool killGroupOnExit, ReadOnlyMemory<byte> note) => _line.Post(
        New(Order.Adopt).I64(launchId).I32(process.Pid).I64(process.StartTime).Flag(killGroupOnExit).Bytes(note.Span),
        mirror => mirror.Adopt(launchId, process, killGroupOnExit, note),
        pidFd is null ? [] : [pidFd]);

    /// <summary>Processes that a worker has left behind and that live on: the keeper does not end them when it ends.</summary>
    public void Spare(IReadOnlyCollection<ProcessIdentity> processes)
    {
        var order = New(Order.Spare).I32(processes.Count);
        foreach (var process in processes)
        {
            order.I32(process.Pid).I64(process.StartTime);
        }

        _line.Post(order);
    }

    /// <summary>Lets the trampoline go on to execve. Answered with <see cref="KeeperEvent.Started"/> or <see cref="KeeperEvent.LaunchFailed"/>.</summary>
    public void OpenGate(long launchId) => _line.Post(New(Order.OpenGate).I64(launchId), mirror => mirror.OpenGate(launchId));

    /// <summary>Answered with <see cref="KeeperEvent.Signalled"/>. A worker that has exited is never signalled.</summary>
    /// <param name="signalId">The daemon's number for this one signal; a repeated one for the same worker is answered, not sent again.</param>
    /// <param name="launchId">To whom.</param>
    /// <param name="signal">The number.</param>
    /// <param name="scope">SIGKILL to a <see cref="SignalScope.Group"/> is repeated when the worker exits, so that a child which it forks meanwhile dies too.</param>
    public void Signal(long signalId, long launchId, int signal, SignalScope scope)
    {
        _line.Post(New(Order.Signal).I64(signalId).I64(launchId).I32(signal).U8((byte)scope), mirror => mirror.Signal(launchId, signal, scope));
        if (_line.Ask(mirror => mirror.SignalOrphan(launchId, signal, scope)) is { } errno)
        {
            var answer = errno == Errno.None ? SignalAnswer.Sent : errno == Errno.ESRCH ? SignalAnswer.Gone : SignalAnswer.Refused;
            _line.TellOurselves(new KeeperEvent.Signalled(signalId, launchId, answer, errno));
        }
    }

    /// <summary>The exit (or failure) is dealt with. For a worker that lives on it counts from its exit.</summary>
    public void Forget(long launchId) => _line.Post(New(Order.Forget).I64(launchId), mirror => mirror.Forget(launchId));

    /// <summary>The keeper keeps a duplicate for the next daemon. A key that is already there is replaced.</summary>
    /// <param name="key">The daemon's name for it, at most 1 KiB.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="fd">Stays the caller's, who keeps it open until it is released: should the keeper be killed, the next one gets it from us.</param>
    public void Hold(string key, HoldKind kind, FdHandle fd)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, Contract.LongestKey);
        _line.Post(New(Order.Hold).Text(key).U8((byte)kind), mirror => mirror.Hold(key, kind, fd), fd);
    }

    /// <summary>The keeper closes its duplicate. No such key: nothing happens.</summary>
    public void Release(string key) => _line.Post(New(Order.Release).Text(key), mirror => mirror.Release(key));

    /// <summary>Replaces the note of a worker, at most 16 KiB, opaque to the keeper. Orders that were given before it were executed before it.</summary>
    public void Note(long launchId, ReadOnlyMemory<byte> note)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(note.Length, Contract.LongestNote);
        _line.Post(New(Order.Note).I64(launchId).Bytes(note.Span), mirror => mirror.Note(launchId, note));
    }

    /// <summary>Asks the keeper, who is every worker's ancestor and may therefore read what Yama hides from us, how the worker stands to these listeners (inodes of the sockets). Answered with <see cref="KeeperEvent.Looked"/>.</summary>
    public void Look(long lookId, long launchId, IReadOnlyList<long> inodes)
    {
        var message = New(Order.Look).I64(lookId).I64(launchId).I32(inodes.Count);
        foreach (var inode in inodes)
        {
            message.I64(inode);
        }

        _line.Post(message);
    }

    /// <summary>The answer to <see cref="KeeperEvent.BeatWanted"/>, from the daemon's loop.</summary>
    public void Beat() => _line.Post(New(Order.Beat));

    /// <summary>No daemon is started any more, and the keeper ends as soon as this one has exited and no worker lives. Every held descriptor closes then.</summary>
    public void Shutdown() => _line.Post(New(Order.Shutdown));

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
        _line.Post(New(Order.Update).Text(token).Text(version).Texts(program));
        return _line.SendTheRest();
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
            try
            {
                SuccessorStart.Run(home, self, more, _line.Keeper, _line.Ask(mirror => mirror.Leave()));
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
        _line.Close();
        _listener?.Join();
        _line.Dispose();
    }

    private static WireWriter New(Order order) => new WireWriter().U8((byte)order);
}
