using ZeroDown.Platform;

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

    /// <summary>Takes over the inherited channel. Call it once, early: it also marks the number close-on-exec.</summary>
    /// <exception cref="SystemCallException">EBADF: this process was not started by a keeper.</exception>
    public static FdHandle InheritedChannel() => FdHandle.Adopt(ChannelNumber);

    /// <summary>Says hello and waits for the give-back (a few milliseconds; the keeper answers at once).</summary>
    /// <param name="channel">Owned by the client from now on.</param>
    /// <exception cref="IOException">The keeper is gone, or speaks another version; the message is for people.</exception>
    public static KeeperClient Attach(FdHandle channel) => throw new NotImplementedException(channel.ToString());

    /// <summary>What the keeper kept for us. Take the handles out; what is still in here when the client is disposed is not closed.</summary>
    public GiveBack GiveBack => throw new NotImplementedException();

    /// <summary>From now on every event goes to <paramref name="handler"/>, one at a time, on a thread of the client. It must not block and must not throw.</summary>
    public void Start(Action<KeeperEvent> handler) => throw new NotImplementedException();

    /// <summary>The daemon listens: whoever waits in the CLI may go on.</summary>
    public void Ready() => throw new NotImplementedException();

    /// <summary>The daemon cannot start, and ends after this. If it is the first of its keeper, the waiting CLI shows the line and the keeper ends too.</summary>
    /// <param name="line">One line for the user.</param>
    public void CannotStart(string line) => throw new NotImplementedException();

    /// <summary>Answered with <see cref="KeeperEvent.Spawned"/> or <see cref="KeeperEvent.LaunchFailed"/>.</summary>
    public void Launch(LaunchOrder order) => throw new NotImplementedException();

    /// <summary>Lets the trampoline go on to execve. Answered with <see cref="KeeperEvent.Started"/> or <see cref="KeeperEvent.LaunchFailed"/>.</summary>
    public void OpenGate(long launchId) => throw new NotImplementedException();

    /// <summary>Answered with <see cref="KeeperEvent.Signalled"/>. A worker that has exited is never signalled.</summary>
    /// <param name="signalId">The daemon's number for this one signal; a repeated one for the same worker is answered, not sent again.</param>
    /// <param name="launchId">To whom.</param>
    /// <param name="signal">The number.</param>
    /// <param name="scope">SIGKILL to a <see cref="SignalScope.Group"/> is repeated when the worker exits, so that a child which it forks meanwhile dies too.</param>
    public void Signal(long signalId, long launchId, int signal, SignalScope scope) => throw new NotImplementedException();

    /// <summary>The exit (or failure) is dealt with. For a worker that lives on it counts from its exit.</summary>
    public void Forget(long launchId) => throw new NotImplementedException();

    /// <summary>The keeper keeps a duplicate for the next daemon. A key that is already there is replaced.</summary>
    /// <param name="key">The daemon's name for it, at most 1 KiB.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="fd">Stays the caller's.</param>
    public void Hold(string key, HoldKind kind, FdHandle fd) => throw new NotImplementedException();

    /// <summary>The keeper closes its duplicate. No such key: nothing happens.</summary>
    public void Release(string key) => throw new NotImplementedException();

    /// <summary>Replaces the note of a worker, at most 16 KiB, opaque to the keeper. Orders that were given before it were executed before it.</summary>
    public void Note(long launchId, ReadOnlyMemory<byte> note) => throw new NotImplementedException();

    /// <summary>Asks the keeper, who is every worker's ancestor and may therefore read what Yama hides from us, who watches these listeners. Answered with <see cref="KeeperEvent.Looked"/>.</summary>
    public void Look(long lookId, long launchId, IReadOnlyList<ulong> inodes) => throw new NotImplementedException();

    /// <summary>The answer to <see cref="KeeperEvent.BeatWanted"/>, from the daemon's loop.</summary>
    public void Beat() => throw new NotImplementedException();

    /// <summary>No daemon is started any more, and the keeper ends as soon as this one has exited and no worker lives. Every held descriptor closes then.</summary>
    public void Shutdown() => throw new NotImplementedException();

    /// <summary>Closes the channel. To the keeper that looks like the daemon's death, so it comes last.</summary>
    public void Dispose()
    {
    }
}
