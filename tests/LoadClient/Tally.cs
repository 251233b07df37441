using System.Collections.Concurrent;
using System.Diagnostics;

namespace LoadClient;

/// <summary>
/// The counters of one run, shared by all its clients. Latencies are kept in buckets that grow by a fifth, so a run of any length costs
/// the same memory.
/// </summary>
internal sealed class Tally
{
    private const int Buckets = 128;
    private const int MostExamples = 20;
    private readonly long[] _failures = new long[Enum.GetValues<FailureKind>().Length];
    private readonly long[] _latencies = new long[Buckets];
    private readonly ConcurrentDictionary<WorkerSeen, StrongCount> _byWorker = new();
    private readonly ConcurrentQueue<Failure> _examples = new();
    private readonly List<(long Requests, TaskCompletionSource Reached)> _waiting = [];
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _requests, _connections, _refused, _slowestTicks;
    private long _nextMilestone = long.MaxValue;

    public void Connected() => Interlocked.Increment(ref _connections);

    public void RefusedByGoAway() => Interlocked.Increment(ref _refused);

    public void Answered(WorkerSeen? worker, long startedAt)
    {
        var took = Stopwatch.GetElapsedTime(startedAt);
        Interlocked.Increment(ref _latencies[Bucket(took)]);
        for (var slowest = Volatile.Read(ref _slowestTicks); took.Ticks > slowest; slowest = Volatile.Read(ref _slowestTicks))
            Interlocked.CompareExchange(ref _slowestTicks, took.Ticks, slowest);
        if (worker is { } seen)
            Interlocked.Increment(ref _byWorker.GetOrAdd(seen, static _ => new StrongCount()).Value);
        CountRequest();
    }

    public void Failed(Failure failure)
    {
        Interlocked.Increment(ref _failures[(int)failure.Kind]);
        if (_examples.Count < MostExamples)
            _examples.Enqueue(failure);
        CountRequest();
    }

    public Task Reaches(long requests)
    {
        lock (_waiting)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((requests, reached));
            Volatile.Write(ref _nextMilestone, Math.Min(_nextMilestone, requests));
            TellReached();
            return reached.Task;
        }
    }

    public LoadResult Snapshot() => new()
    {
        Requests = Volatile.Read(ref _requests),
        Connections = Volatile.Read(ref _connections),
        RefusedByGoAway = Volatile.Read(ref _refused),
        Failures = Enum.GetValues<FailureKind>().Where(kind => _failures[(int)kind] > 0).ToDictionary(kind => kind, kind => _failures[(int)kind]),
        Examples = [.. _examples],
        ByWorker = _byWorker.ToDictionary(seen => seen.Key, seen => seen.Value.Value),
        Duration = Stopwatch.GetElapsedTime(_started),
        Median = Median(),
        Slowest = TimeSpan.FromTicks(Volatile.Read(ref _slowestTicks)),
    };

    private void CountRequest()
    {
        if (Interlocked.Increment(ref _requests) < Volatile.Read(ref _nextMilestone))
            return;
        lock (_waiting)
            TellReached();
    }

    private void TellReached()
    {
        var requests = Volatile.Read(ref _requests);
        foreach (var (_, reached) in _waiting.Where(wait => wait.Requests <= requests))
            reached.TrySetResult();
        _waiting.RemoveAll(wait => wait.Requests <= requests);
        Volatile.Write(ref _nextMilestone, _waiting.Count == 0 ? long.MaxValue : _waiting.Min(wait => wait.Requests));
    }

    // Bucket 0 ends at 10 us, each further one is 20 % wider; number 127 begins far beyond the longest time limit.
    private static int Bucket(TimeSpan took) =>
        Math.Clamp((int)Math.Ceiling(Math.Log(Math.Max(took.TotalMicroseconds, 1) / 10, 1.2)), 0, Buckets - 1);

    private TimeSpan Median()
    {
        var half = _latencies.Sum() / 2;
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            half -= _latencies[bucket];
            if (half < 0)
                return TimeSpan.FromMicroseconds(10 * Math.Pow(1.2, bucket));
        }

        return TimeSpan.Zero;
    }

    private sealed class StrongCount
    {
        public long Value;
    }
}
