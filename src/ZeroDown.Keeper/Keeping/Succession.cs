using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>The new keeper's part when the old one was killed: it takes all that the daemon has, says so, and waits until that daemon has left.</summary>
/// <remarks><see cref="SuccessorStart"/> is the daemon's part, <see cref="SuccessorWord"/> the contract between them.</remarks>
internal sealed class Succession : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FdChannel _channel;
    private readonly PinnedProcess? _daemon;

    /// <param name="channel">Inherited.</param>
    /// <param name="daemonPid">Whose it is.</param>
    internal Succession(FdHandle channel, int daemonPid)
    {
        _channel = new FdChannel(channel);
        _daemon = ProcessIdentity.Of(daemonPid) is { } identity ? PinnedProcess.Pin(identity) : null;
    }

    /// <exception cref="IOException">The daemon is gone, or silent.</exception>
    internal Inheritance Receive()
    {
        var reader = new GiveBackReader();
        var given = reader.Receive(_channel, "the daemon that wanted another keeper");
        return Inheritance.From(reader, given.Held);
    }

    /// <summary>From here on the daemon may go; it is gone when this returns, its lock with it.</summary>
    internal void Take()
    {
        try
        {
            if (!_channel.TrySend([(byte)SuccessorWord.Taken]))
            {
                throw new IOException("the daemon does not read");
            }
        }
        catch (ChannelClosedException)
        {
            // It died in this moment. What it had is ours, and nobody else has it any more.
        }

        if (_daemon is not null && !_daemon.WaitForEnd(Patience))
        {
            KeeperLog.Say($"the daemon (pid {_daemon.Pid}) has handed over everything and does not leave; it is killed");
            _ = _daemon.Signal(Signals.Kill);
            _ = _daemon.WaitForEnd(Patience);
        }
    }

    public void Dispose()
    {
        _daemon?.Dispose();
        _channel.Dispose();
    }
}
