namespace ZeroDown.Platform.Launching;

/// <summary>How a child ended. Exactly one of <paramref name="ExitCode"/> and <paramref name="Signal"/> is set.</summary>
/// <param name="ExitCode">0 to 255.</param>
/// <param name="Signal">Number of the signal that ended it.</param>
/// <param name="CoreDumped">The kernel wrote (or piped away) a core.</param>
/// <param name="MaxRssBytes">
/// The largest resident size of the child or of one of its reaped children, bytes. Linux counts what the process was before its exec too, so for a worker it is never
/// below the size of the trampoline and of the keeper.
/// </param>
/// <param name="UserTime">CPU time of the child and its reaped children in user mode.</param>
/// <param name="SystemTime">The same in the kernel.</param>
/// <param name="At">CLOCK_MONOTONIC in the moment of the reaping.</param>
public sealed record ChildExit(int? ExitCode, int? Signal, bool CoreDumped, long MaxRssBytes, TimeSpan UserTime, TimeSpan SystemTime, TimeSpan At)
{
    /// <summary>"exit code 3", "signal 9", "signal 11 (core dumped)".</summary>
    public override string ToString() => ExitCode is { } code ? $"exit code {code}" : $"signal {Signal}{(CoreDumped ? " (core dumped)" : "")}";
}
