using System.Collections.Concurrent;
using ZeroDown.Keeper;

namespace ZeroDown.Daemon.Survival;

/// <summary>When each worker's process started, as the keeper saw it at its birth: asked of the system later, a pid may be somebody else's.</summary>
internal sealed class Births
{
    private readonly ConcurrentDictionary<long, long> _startTimes = new();

    public Births(IEnumerable<KeptWorker> living)
    {
        foreach (var worker in living)
            Enter(worker.LaunchId, worker.StartTime);
    }

    public void OnKeeper(KeeperEvent news)
    {
        switch (news)
        {
            case KeeperEvent.Spawned spawned:
                Enter(spawned.LaunchId, spawned.StartTime);
                break;
            case KeeperEvent.Exited exited:
                _startTimes.TryRemove(exited.LaunchId, out _);
                break;
            default:
                break; // only the beginning and the end of a process matter here
        }
    }

    /// <summary>0 when it is not known, or the process has ended.</summary>
    public long StartTimeOf(long worker) => _startTimes.GetValueOrDefault(worker);

    private void Enter(long worker, long startTime)
    {
        if (startTime > 0)
            _startTimes[worker] = startTime;
    }
}
