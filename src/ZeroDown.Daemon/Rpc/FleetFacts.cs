using System.Collections.Immutable;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Rpc;

/// <summary>What the core must know of the machine before it can judge a command, looked up when the command arrives.</summary>
/// <param name="post">Where facts go.</param>
/// <param name="ownPorts">Looks, once for all of these workers, on which sockets of their own they listen.</param>
internal sealed class FleetFacts(Action<SupervisorEvent> post, Func<IReadOnlyList<Worker>, IReadOnlyList<WorkerBindsOwnPort>> ownPorts)
{
    /// <summary>Posts, ahead of the command, which workers listen on sockets of their own.</summary>
    public void PostOwnPorts(FleetState fleet, ImmutableArray<Target> targets)
    {
        List<Worker> workers = [.. targets.Select(target => fleet.Find(target.App)).OfType<AppState>().Distinct()
            .SelectMany(app => app.Workers.Values).Where(worker => worker is { Pid: > 0, Leaving: null })];
        PostNews(workers);
    }

    /// <summary>Posts what of these workers' own sockets is news.</summary>
    public void PostNews(IReadOnlyList<Worker> workers)
    {
        if (workers.Count == 0)
            return;
        foreach (var (worker, found) in workers.Join(ownPorts(workers), worker => worker.Id, found => found.Worker, (worker, found) => (worker, found)))
        {
            if (IsNews(worker, found))
                post(found);
        }
    }

    /// <summary>Whether a worker that has not said ready listens on a socket of its own, now that its time is over.</summary>
    public SupervisorEvent? Before(FleetState fleet, DeadlineId deadline) =>
        deadline is { Kind: DeadlineKind.Ready, Worker: { } id }
        && fleet.Find(deadline.App)?.Workers.GetValueOrDefault(id.Number) is
        { Spec: { Ready.Sign: ReadySign.Spoken, Listen.Count: 0, IsNodeCluster: false }, Pid: > 0, OwnPort: null, Leaving: null } worker
        && ownPorts([worker]) is [{ Addresses.Count: > 0 } found]
            ? found
            : null;

    /// <summary>Of one whose sockets cannot be seen, only what can be seen is true.</summary>
    private static bool IsNews(Worker worker, WorkerBindsOwnPort found) => found.Hidden
        ? worker.ExpectsPorts.Count > 0 || found.Addresses.Items.Any(address => !worker.OwnPorts.Items.Contains(address))
        : worker.OwnPorts != found.Addresses;

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
