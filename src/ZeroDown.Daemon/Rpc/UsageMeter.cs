using System.Collections.Concurrent;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Rpc;

/// <summary>
/// What a process costs: memory now, and CPU since the last look, so that a single <c>zd list</c> needs no second measurement
/// and nothing runs while nobody asks. The first look takes the whole life of the process.
/// </summary>
internal sealed class UsageMeter
{
    private readonly ConcurrentDictionary<int, (TimeSpan At, TimeSpan Cpu)> _last = new();

    /// <param name="pid">A process; one that is gone costs nothing.</param>
    /// <returns>CPU in percent of one core, resident memory in bytes.</returns>
    public (double CpuPercent, long MemoryBytes) Read(int pid)
    {
        if (ProcessStats.Read(pid) is not { } stats)
        {
            _last.TryRemove(pid, out _);
            return default;
        }

        var now = MonotonicClock.Now;
        var (since, before) = _last.TryGetValue(pid, out var last) && last.Cpu <= stats.CpuTime ? last : (stats.StartedAt, TimeSpan.Zero);
        _last[pid] = (now, stats.CpuTime);
        var elapsed = (now - since).TotalMilliseconds;
        var percent = elapsed < 1 ? 0 : (stats.CpuTime - before).TotalMilliseconds / elapsed * 100;
        return (Math.Round(percent, 1), stats.ResidentBytes);
    }
}
