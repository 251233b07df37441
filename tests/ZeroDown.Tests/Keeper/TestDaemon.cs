using System.Net.Sockets;
using Xunit;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Tests.Keeper;

/// <summary>The test in the daemon's place: the client on the channel of a <see cref="StandInDaemon"/>, and every event that came.</summary>
internal sealed class TestDaemon : IDisposable
{
    private readonly Socket _standIn;
    private readonly List<KeeperEvent> _events = [];
    private readonly HashSet<int> _workers = [];
    private FdHandle? _channel;
    private KeeperClient? _client;
    private int _answers;

    internal TestDaemon(Socket standIn)
    {
        _standIn = standIn;
        using var socket = new FdHandle((int)standIn.SafeHandle.DangerousGetHandle());
        List<FdHandle> fds = [];
        Eventually.True(() => RightsSocket.Receive(socket, new byte[1], fds, 0, out _) == 1, "the stand-in daemon hands over its channel");
        Pid = PeerCredentials.Of(socket)?.Pid ?? 0;
        socket.SetHandleAsInvalid();
        _channel = Assert.Single(fds);
    }

    /// <summary>Of the stand-in, as this process sees it.</summary>
    internal int Pid { get; }

    /// <summary>A daemon whose loop hangs.</summary>
    internal bool IsMute { get; set; }

    /// <summary>It was asked whether it lives, and has not answered.</summary>
    internal bool OwesAnswer { get; private set; }

    /// <summary>How often it has said that it lives.</summary>
    internal int Answers => Volatile.Read(ref _answers);

    internal KeeperClient Client => _client ?? throw new InvalidOperationException("not attached");

    /// <summary>Attaches for somebody else, who gets the events.</summary>
    internal KeeperClient AttachFor()
    {
        _client = KeeperClient.Attach(_channel!);
        _channel = null;
        return _client;
    }

    internal void Attach()
    {
        _client = KeeperClient.Attach(_channel!);
        _channel = null;
        foreach (var worker in _client.GiveBack.Workers)
        {
            _workers.Add(worker.Pid);
        }

        _client.Start(OnEvent);
    }

    /// <summary>Launches, opens the gate, and waits until the program runs.</summary>
    /// <returns>The worker's pid.</returns>
    internal int Start(LaunchOrder order)
    {
        var pid = LaunchToGate(order);
        Client.OpenGate(order.LaunchId);
        Next<KeeperEvent.Started>(started => started.LaunchId == order.LaunchId);
        return pid;
    }

    /// <returns>The pid that waits at its gate.</returns>
    internal int LaunchToGate(LaunchOrder order)
    {
        Client.Launch(order);
        return Next<KeeperEvent.Spawned>(spawned => spawned.LaunchId == order.LaunchId).Pid;
    }

    /// <summary>Runs a program to its end.</summary>
    internal ChildExit RunToEnd(LaunchOrder order)
    {
        Start(order);
        return ExitOf(order.LaunchId);
    }

    internal KeeperEvent.LaunchFailed LaunchToFailure(LaunchOrder order)
    {
        Client.Launch(order);
        Client.OpenGate(order.LaunchId);
        return Next<KeeperEvent.LaunchFailed>(failed => failed.LaunchId == order.LaunchId);
    }

    internal ChildExit ExitOf(long launchId) => Next<KeeperEvent.Exited>(exited => exited.LaunchId == launchId).Exit;

    /// <summary>The first event of that kind that no one has asked for yet; waits for it.</summary>
    internal T Next<T>(Func<T, bool>? which = null)
        where T : KeeperEvent
    {
        return Eventually.Some(Take, $"a {typeof(T).Name} of the keeper", () => string.Join('\n', All));

        T? Take()
        {
            lock (_events)
            {
                var found = _events.OfType<T>().FirstOrDefault(news => which?.Invoke(news) ?? true);
                _ = found is not null && _events.Remove(found);
                return found;
            }
        }
    }

    /// <summary>What nobody has asked for.</summary>
    internal IReadOnlyList<KeeperEvent> All
    {
        get
        {
            lock (_events)
            {
                return [.. _events];
            }
        }
    }

    /// <summary>That it lives.</summary>
    internal void Answer()
    {
        OwesAnswer = false;
        Client.Beat();
        Interlocked.Increment(ref _answers);
    }

    internal void Kill() => End((byte)'k');

    internal void ExitWith3() => End((byte)'e');

    internal void KillWorkers()
    {
        foreach (var pid in _workers.Where(pid => pid > 1 && ProcStat.Read(pid)?.Session == pid))
        {
            _ = Interop.Kill(-pid, Signals.Kill);
        }
    }

    public void Dispose()
    {
        _client?.Dispose();
        _channel?.Dispose();
        _standIn.Dispose();
    }

    private void End(byte how)
    {
        // Our copies of the channel must not keep it open beyond the death.
        _client?.Dispose();
        _channel?.Dispose();
        _standIn.Send([how]);
    }

    private void OnEvent(KeeperEvent news)
    {
        if (news is KeeperEvent.BeatWanted)
        {
            OwesAnswer = true;
            if (!IsMute)
            {
                Answer();
            }

            return;
        }

        lock (_events)
        {
            if (news is KeeperEvent.Spawned spawned)
            {
                _workers.Add(spawned.Pid);
            }

            _events.Add(news);
        }
    }
}
