namespace ZeroDown.Platform.Launching;

/// <summary>
/// How a child ended. One of <paramref name="ExitCode"/> and <paramref name="Signal"/> is set; neither if nobody could tell: it was not our child, and somebody else had
/// reaped it.
/// </summary>
/// <param name="ExitCode">0 to 255.</param>
/// <param name="Signal">Number of the signal that ended it.</param>
/// <param name="CoreDumped">The kernel wrote (or piped away) a core.</param>
/// <param name="MaxRssBytes">
/// The largest resident size of the child or of one of its reaped children, bytes. Linux counts what the process was before its exec too, so for a worker it is never
/// below the size of the trampoline and of the keeper.
/// </param>
/// <param name="UserTime">CPU time of the child and its reaped children in user mode.</param>
/// <param name="SystemTime">The same in the kernel.</param>
/// <param name="At">CLOCK_MONOTONIC in the moment of the reaping, or when we heard of it.</param>
public sealed record ChildExit(int? ExitCode, int? Signal, bool CoreDumped, long MaxRssBytes, TimeSpan UserTime, TimeSpan SystemTime, TimeSpan At)
{
    /// <summary>It is gone, and nobody knows how.</summary>
    public bool IsUnknown => ExitCode is null && Signal is null;

    /// <summary>Gone, and nobody knows how.</summary>
    public static ChildExit Unknown() => new(null, null, false, 0, TimeSpan.Zero, TimeSpan.Zero, MonotonicClock.Now);

    /// <summary>"exit code 3", "signal 9", "signal 11 (core dumped)".</summary>
    public override string ToString() =>
        ExitCode is { } code ? $"exit code {code}" : Signal is { } signal ? $"signal {signal}{(CoreDumped ? " (core dumped)" : "")}" : "an end that nobody saw";

    /// <summary>The wait status is the classic one: low 7 bits the signal, 0x80 the core, next byte the code.</summary>
    internal static ChildExit FromStatus(int status)
    {
        var signal = status & 0x7f;
        return new ChildExit(
            signal == 0 ? (status >> 8) & 0xff : null,
            signal == 0 ? null : signal,
            signal != 0 && (status & 0x80) != 0,
            0,
            TimeSpan.Zero,
            TimeSpan.Zero,
            MonotonicClock.Now);
    }
}
