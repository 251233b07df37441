using System.Collections.Concurrent;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Rpc;

/// <summary>
/// What a process costs: memory now, and CPU since the last look, so that a single <c>zd list</c> needs no second measurement
/// and nothing runs while nobody asks. The first look takes the whole life of the process.
/// </summary>
/// <param name="roomy">Up to so many nobody is thrown out; beyond them, those whose process is gone.</param>
internal sealed class UsageMeter(int roomy = 256)
{
    private readonly ConcurrentDictionary<int, ProcessStats> _last = new();
    private readonly int _roomy = roomy;
    private volatile int _crowded = roomy;

    /// <summary>How many processes it remembers.</summary>
    internal int Count => _last.Count;

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
        if (_last.Count > _crowded)
            ForgetTheDead();
        return (Math.Round(stats.CpuPercentSince(before), 1), stats.RssBytes);
    }

    /// <summary>Nobody asks again for a worker that is gone, so its last measurement would stay for ever.</summary>
    private void ForgetTheDead()
    {
        foreach (var pid in _last.Keys.Where(pid => ProcessStats.Read(pid) is null))
            _last.TryRemove(pid, out _);
        _crowded = Math.Max(_roomy, 2 * _last.Count);
    }
}
