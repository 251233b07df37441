using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>While nobody reads them, keeps the workers' output FIFOs at half, so that no worker blocks on printing for long. What is thrown away is counted.</summary>
/// <remarks>
/// The oldest bytes go, the latest stay: they are what somebody will want to read. The read ends are non-blocking and ours alone while no daemon lives, so looking at
/// the fill level and then taking no more than its upper half never waits.
/// </remarks>
/// <param name="held">What to look after.</param>
/// <param name="after">How long nobody must have read before anything is thrown away.</param>
internal sealed class OutputRelief(HeldFds held, TimeSpan after)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly byte[] _waste = new byte[16 * 1024];

    /// <summary>When <see cref="RelieveIfDue"/> wants to be called next.</summary>
    internal TimeSpan NextDeadline(TimeSpan unreadSince, TimeSpan now)
    {
        var (first, next) = (unreadSince + after, now + BetweenLooks);
        return !held.HasOutput ? TimeSpan.MaxValue : first > next ? first : next;
    }

    internal void RelieveIfDue(TimeSpan unreadSince, TimeSpan now)
    {
        if (now - unreadSince < after)
        {
            return;
        }

        foreach (var entry in held.All)
        {
            if (entry.Kind == HoldKind.Output)
            {
                entry.Discarded += Relieve(entry.Fd);
            }
        }
    }

    private long Relieve(FdHandle fifo)
    {
        long discarded = 0;
        var excess = Excess(fifo);
        while (excess > 0)
        {
            var read = FdBytes.Read(fifo, _waste.AsSpan(0, Math.Min(excess, _waste.Length)));
            if (read <= 0)
            {
                break;
            }

            discarded += read;
            excess -= read;
        }

        return discarded;
    }

    /// <summary>Bytes above the half. macOS cannot tell the capacity; there it is 64 KiB when it is full.</summary>
    internal static int Excess(FdHandle fifo)
    {
        var capacity = OperatingSystem.IsLinux() ? Interop.Fcntl(fifo, Constants.F_GETPIPE_SZ, 0) : 64 * 1024;
        return capacity > 0 ? fifo.BytesWaiting - (capacity / 2) : 0;
    }
}
