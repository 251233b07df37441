namespace ZeroDown.Core.Supervision;

/// <summary>Growing pauses between starts, with jitter, so that workers which fail together do not come back together.</summary>
internal static class Backoff
{
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    /// <summary>The first pause after a launch that failed for want of memory, processes or descriptors.</summary>
    public static readonly TimeSpan AfterWant = TimeSpan.FromSeconds(1);

    /// <summary>The pause after <paramref name="previous"/>: one and a half of it, at most <see cref="Longest"/>.</summary>
    public static TimeSpan Next(TimeSpan? previous, TimeSpan first)
    {
        var next = previous is { } last ? last * 1.5 : first;
        return next < Longest ? next : previous is null ? first : Longest;
    }

    /// <summary>Shortens a pause by up to a fifth. Chance is not allowed in the core, so the worker's number decides.</summary>
    public static TimeSpan WithJitter(TimeSpan pause, WorkerId worker)
    {
        // Fibonacci hashing: neighbouring numbers land far apart.
        var hash = unchecked((ulong)worker.Number * 0x9E37_79B9_7F4A_7C15UL) >> 32;
        var share = hash / (double)uint.MaxValue;
        return pause * (1 - (0.2 * share));
    }
}
