namespace ZeroDown.Platform;

/// <summary>Clocks that nobody sets. Their zero is the machine's boot, so two processes can compare readings, also across a restart of one of them.</summary>
public static unsafe class MonotonicClock
{
    /// <summary>CLOCK_MONOTONIC: stands still while the machine sleeps. For deadlines.</summary>
    public static TimeSpan Now => Read(Constants.CLOCK_MONOTONIC);

    /// <summary>CLOCK_BOOTTIME: goes on while the machine sleeps. For uptimes; when it has run ahead of <see cref="Now"/> since the last look, the machine slept.</summary>
    public static TimeSpan SinceBoot => Read(Constants.CLOCK_BOOTTIME);

    private static TimeSpan Read(int clock)
    {
        TimeSpec time;
        return Interop.ClockGetTime(clock, &time) == 0
            ? new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick))
            : throw SystemCallException.FromLast("clock_gettime");
    }
}
