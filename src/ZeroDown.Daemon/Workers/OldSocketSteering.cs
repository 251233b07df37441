using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>Addresses on which another socket stands beside ours, which workers alone hold.</summary>
internal sealed class OldSocketSteering(ListenerHost listeners, DaemonLog log)
{
    /// <summary>Says who of the two gets new connections.</summary>
    public void Steer(ListenerAddress address, Steering to)
    {
        if (listeners.Find(address) is not { } socket)
            return;
        var taken = socket.TrySteer(to switch
        {
            Steering.Old => NewConnections.ToFirst,
            Steering.Both => NewConnections.ToBoth,
            Steering.New => NewConnections.ToSecond,
            _ => throw new ArgumentOutOfRangeException(nameof(to)),
        });
        log.ListenerSteered(address.ToString()!, to.ToString(), taken);
    }

    /// <summary>Nothing waits on the other sockets of these addresses.</summary>
    public bool AreEmpty(IEnumerable<ListenerAddress> addresses)
    {
        try
        {
            return addresses.All(address => listeners.Find(address)?.QueueBeside() is null or 0);
        }
        catch (ObjectDisposedException)
        {
            return true; // ours was closed in this moment, on the loop's thread
        }
    }
}
