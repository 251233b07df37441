using System.Globalization;
using System.Text;

namespace LoadClient;

/// <summary>What a load run saw. <c>Requests == Answered + Failed</c> once it has stopped.</summary>
public sealed record LoadResult
{
    /// <summary>Requests that were answered or failed.</summary>
    public required long Requests { get; init; }

    public required IReadOnlyDictionary<FailureKind, long> Failures { get; init; }

    /// <summary>The first failures, at most 20.</summary>
    public required IReadOnlyList<Failure> Examples { get; init; }

    public required IReadOnlyDictionary<WorkerSeen, long> ByWorker { get; init; }

    /// <summary>Connections opened.</summary>
    public required long Connections { get; init; }

    /// <summary>
    /// HTTP/2 streams above the last id of a GOAWAY: the server promises that it has not touched them and the protocol tells the client
    /// to ask again elsewhere (RFC 9113, 6.8). They are no failures, they are not in <see cref="Requests"/>, and they are asked again.
    /// </summary>
    public required long RefusedByGoAway { get; init; }

    public required TimeSpan Duration { get; init; }

    public required TimeSpan Median { get; init; }

    public required TimeSpan Slowest { get; init; }

    public long Failed => Failures.Values.Sum();

    public long Answered => Requests - Failed;

    public double PerSecond => Requests / Math.Max(Duration.TotalSeconds, 0.001);

    /// <summary>Answers per worker pid.</summary>
    public IReadOnlyDictionary<int, long> ByPid => Sum(worker => worker.Pid);

    /// <summary>Answers per generation; empty when the workers do not tell it.</summary>
    public IReadOnlyDictionary<int, long> ByGeneration => Sum(worker => worker.Generation);

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Requests} requests in {Duration.TotalSeconds:0.0} s ({PerSecond:0}/s) on {Connections} connections, ");
        text.Append(CultureInfo.InvariantCulture, $"median {Median.TotalMilliseconds:0.0} ms, slowest {Slowest.TotalMilliseconds:0} ms, ");
        text.Append(CultureInfo.InvariantCulture, $"{ByPid.Count} workers, {Failed} failed");
        foreach (var (kind, count) in Failures)
            text.Append(CultureInfo.InvariantCulture, $", {kind} {count}");
        if (RefusedByGoAway > 0)
            text.Append(CultureInfo.InvariantCulture, $", {RefusedByGoAway} refused by GOAWAY and asked again");
        foreach (var example in Examples)
            text.Append("\n  ").Append(example);
        return text.ToString();
    }

    private Dictionary<int, long> Sum(Func<WorkerSeen, int> key) => ByWorker
        .Where(seen => key(seen.Key) >= 0)
        .GroupBy(seen => key(seen.Key), seen => seen.Value)
        .ToDictionary(group => group.Key, group => group.Sum());
}
