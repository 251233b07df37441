namespace ZeroDown.Platform;

/// <summary>What a process uses, at one moment. Linux; elsewhere there is nothing to read.</summary>
/// <param name="RssBytes">Memory in RAM. Shared pages count in every process that has them.</param>
/// <param name="CpuTime">User and system time since its start.</param>
/// <param name="Threads">Their number.</param>
/// <param name="At">When this was read, as <see cref="MonotonicClock.Now"/>.</param>
public readonly record struct ProcessStats(long RssBytes, TimeSpan CpuTime, int Threads, TimeSpan At)
{
    private static readonly long TicksPerSecond = Math.Max(1, Interop.SysConf(Constants.SC_CLK_TCK));

    /// <summary>Null when the process has ended.</summary>
    public static ProcessStats? Read(int pid) => OperatingSystem.IsLinux() && ProcStat.Read(pid) is { HasEnded: false } stat ? From(stat) : null;

    /// <summary>Several processes added up, for a worker with children; null when none of them is there.</summary>
    public static ProcessStats? ReadSum(IEnumerable<int> pids)
    {
        ProcessStats? sum = null;
        foreach (var pid in pids)
        {
            if (Read(pid) is { } one)
            {
                sum = sum is { } before ? new(before.RssBytes + one.RssBytes, before.CpuTime + one.CpuTime, before.Threads + one.Threads, one.At) : one;
            }
        }

        return sum;
    }

    /// <summary>CPU use since an earlier reading, in percent of one core (200 is two cores busy).</summary>
    public double CpuPercentSince(ProcessStats earlier)
    {
        var elapsed = At - earlier.At;
        return elapsed <= TimeSpan.Zero ? 0 : Math.Max(0, 100 * (CpuTime - earlier.CpuTime) / elapsed);
    }

    private static ProcessStats From(ProcStat stat) => new(
        stat.ResidentPages * Environment.SystemPageSize,
        TimeSpan.FromSeconds((double)stat.CpuTicks / TicksPerSecond),
        stat.Threads,
        MonotonicClock.Now);
}
