using ZeroDown.Core.Supervision;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Workers;

/// <summary>What workers have started: who is there, and how it ends after the worker itself. From any thread.</summary>
internal sealed class WorkerTrees(WorkerProcesses processes, KeeperClient keeper, HomeFolder home, Func<IReadOnlySet<long>> ourSockets, Action<SupervisorEvent> post, DaemonLog log)
{
    /// <summary>People are told of so many.</summary>
    private const int MostNamed = 8;

    /// <summary>The worker has a process.</summary>
    public void Enter(WorkerProcess process, long startTime)
    {
        process.Tree = WorkerTree.Of(process.Pid, startTime, WorkerUser.NotifySocketOf(process.Order.Spec, home, process.Id.Number), keeper.GiveBack.KeeperPid);
        processes.Runs(process.Pid);
    }

    /// <summary>It is asked to stop next: who listens now and does not later was asked too.</summary>
    public void IsAsked(WorkerProcess process)
    {
        if (process.TreeBefore is not null || process.Tree?.All(processes.IsWorker) is not { Count: > 1 } members)
            return; // seen before the first signal, or it has started nothing
        process.TreeBefore = TreeGlance.At(members);
    }

    /// <summary>A command of ours that changes something runs below it, or a keeper.</summary>
    public bool HasSpared(WorkerProcess process) =>
        process.Tree?.All(processes.IsWorker) is { Count: > 1 } members && TreeGlance.At(members).Spared.Any();

    /// <summary>What lives now that the worker itself has exited.</summary>
    /// <returns>Null: nothing that could be ended.</returns>
    public TreeRest? RestOf(WorkerProcess process)
    {
        if (process.Tree?.Rest(processes.IsWorker) is not { Count: > 0 } rest || TreeGlance.At(rest).Mortal.ToList() is not { Count: > 0 } mortal)
            return null;
        if (!process.Order.Spec.Stop.WholeTree)
            keeper.Spare([.. mortal.Select(member => member.Identity)]);
        var ownPort = ListeningSockets.OwnedBy([.. mortal.Select(member => member.Pid)], ourSockets())
            .FirstOrDefault(socket => socket.Address is ListenAddress.Tcp)?.Address.ToString();
        return new TreeRest([.. Names(mortal)], ownPort);
    }

    public void Watch(WorkerProcess process)
    {
        if (process.TreeWatch is not null)
            return; // ordered again
        if (process.Tree is not { } tree)
        {
            post(new WorkerTreeEnded(process.Id));
            return;
        }

        process.TreeWatch = new TreeWatch(() => tree.Rest(processes.IsWorker), process.TreeBefore, new TreeWatchNews(
            unasked => post(new WorkerProcessUnasked(process.Id, unasked)),
            others =>
            {
                if (others.Length > 0)
                    log.ProcessesSpared(process.Name, string.Join(", ", others.Take(MostNamed)));
                post(new WorkerTreeEnded(process.Id));
            },
            why => log.TreeNotSignalled(process.Name, why)));
        process.TreeWatch.Begin();
    }

    private static IEnumerable<string> Names(IReadOnlyList<TreeMember> members)
    {
        foreach (var member in members.Take(MostNamed))
            yield return member.ToString();
        if (members.Count > MostNamed)
            yield return $"{members.Count - MostNamed} more";
    }
}
