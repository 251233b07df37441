using System.Collections.Immutable;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Upkeep;

/// <summary>
/// Measures, every few seconds and only while some app has a limit, what each worker holds with everything that it has started, and
/// posts <see cref="WorkerOverMemory"/> for those above. Pages that a worker's processes share are counted once.
/// </summary>
internal sealed class MemoryWatch : IDisposable
{
    public static readonly TimeSpan Standard = TimeSpan.FromSeconds(3);

    private readonly Func<FleetState> _fleet;
    private readonly Action<AppName, Func<MemoryFacts?, SupervisorEvent>> _post;
    private readonly TimeSpan _every;
    private readonly Timer _timer;
    private bool _runs;

    /// <param name="fleet">What is true now.</param>
    /// <param name="post">Posts an occasion of an app, with what the core must know of the machine.</param>
    /// <param name="every">How often.</param>
    public MemoryWatch(Func<FleetState> fleet, Action<AppName, Func<MemoryFacts?, SupervisorEvent>> post, TimeSpan every)
    {
        (_fleet, _post, _every) = (fleet, post, every);
        _timer = new Timer(_ => Measure(), null, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Begins to measure when there is a limit to watch.</summary>
    public void Follow(FleetState fleet)
    {
        if (Volatile.Read(ref _runs) || !fleet.Apps.Exists(HasLimit))
            return;
        Volatile.Write(ref _runs, true);
        Again();
    }

    public void Dispose() => _timer.Dispose();

    private void Measure()
    {
        var fleet = _fleet();
        var limited = fleet.Apps.FindAll(HasLimit);
        if (limited.IsEmpty)
        {
            Volatile.Write(ref _runs, false);
            Follow(_fleet()); // one that came meanwhile
            return;
        }

        try
        {
            Measure(fleet, limited);
        }
        finally
        {
            Again(); // also when this look has failed
        }
    }

    private void Measure(FleetState fleet, ImmutableList<AppState> limited)
    {
        var workers = limited.SelectMany(app => app.Workers.Values).Where(worker => worker is { Pid: > 0, Phase: WorkerPhase.Ready, Leaving: null }).ToList();
        var trees = TreeMemory.Of(workers.Select(worker => worker.Pid));
        foreach (var worker in workers)
        {
            var limit = fleet.Find(worker.Spec.Name)?.Spec.Upkeep.MaxMemoryBytes ?? long.MaxValue;
            if (!trees.TryGetValue(worker.Pid, out var tree) || tree.Bytes <= limit)
                continue;
            var bytes = tree.Pids.Count > 1 ? TreeMemory.WithoutDoubles(tree.Pids) : tree.Bytes;
            if (bytes > limit)
                _post(worker.Spec.Name, _ => new WorkerOverMemory(worker.Id, bytes));
        }
    }

    private void Again()
    {
        try
        {
            _timer.Change(_every, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The daemon ends.
        }
    }

    private static bool HasLimit(AppState app) => app is { Deleting: false, Spec.Upkeep.MaxMemoryBytes: not null };
}
