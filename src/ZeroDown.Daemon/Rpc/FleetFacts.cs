using System.Collections.Immutable;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Rpc;

/// <summary>What the core must know of the machine before it can judge a command, looked up when the command arrives.</summary>
internal sealed class FleetFacts(Action<SupervisorEvent> post, Func<Worker, string?> ownPort)
{
    /// <summary>Posts, ahead of the command, which workers listen on sockets of their own.</summary>
    public void PostOwnPorts(FleetState fleet, ImmutableArray<Target> targets)
    {
        foreach (var target in targets)
        {
            if (fleet.Find(target.App) is not { } app)
                continue;
            foreach (var worker in app.Workers.Values)
            {
                if (worker.Pid > 0 && worker.OwnPort is null && worker.Leaving is null && ownPort(worker) is { } address)
                    post(new WorkerBindsOwnPort(worker.Id, address));
            }
        }
    }

    /// <summary>Whether a worker that has not said ready listens on a socket of its own, now that its time is over.</summary>
    public SupervisorEvent? Before(FleetState fleet, DeadlineId deadline) =>
        deadline is { Kind: DeadlineKind.Ready, Worker: { } id }
        && fleet.Find(deadline.App)?.Workers.GetValueOrDefault(id.Number) is
        { Spec: { Ready.Sign: ReadySign.Spoken, Listen.Count: 0, IsNodeCluster: false }, Pid: > 0, OwnPort: null, Leaving: null } worker
        && ownPort(worker) is { } address
            ? new WorkerBindsOwnPort(id, address)
            : null;

    /// <summary>Free memory, and what the app's largest worker uses.</summary>
    public static MemoryFacts? Memory(FleetState fleet, AppName name)
    {
        if (fleet.Find(name) is not { } app || Machine.AvailableMemory is not { } available)
            return null;
        var largest = app.Workers.Values
            .Where(worker => worker.Pid > 0)
            .Select(worker => ProcessStats.Read(worker.Pid)?.RssBytes ?? 0)
            .DefaultIfEmpty()
            .Max();
        return largest > 0 ? new MemoryFacts(available, largest) : null;
    }
}
