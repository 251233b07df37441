using System.Collections.Concurrent;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Rpc;

/// <summary>
/// What a process costs: memory now, and CPU since the last look, so that a single <c>zd list</c> needs no second measurement
/// and nothing runs while nobody asks. The first look takes the whole life of the process.
/// </summary>
internal sealed class UsageMeter
{
    private readonly ConcurrentDictionary<int, ProcessStats> _last = new();

    /// <param name="pid">A process; one that is gone costs nothing.</param>
    /// <param name="launchedAt">CLOCK_MONOTONIC of its start, for the first look.</param>
    /// <returns>CPU in percent of one core, resident memory in bytes.</returns>
    public (double CpuPercent, long MemoryBytes) Read(int pid, TimeSpan launchedAt)
    {
        if (ProcessStats.Read(pid) is not { } stats)
        {
            _last.TryRemove(pid, out _);
            return default;
        }

        var before = _last.TryGetValue(pid, out var last) && last.CpuTime <= stats.CpuTime
            ? last
            : new ProcessStats(0, TimeSpan.Zero, 0, launchedAt);
        _last[pid] = stats;
        return (Math.Round(stats.CpuPercentSince(before), 1), stats.RssBytes);
    }
}
