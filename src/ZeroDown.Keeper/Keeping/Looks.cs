using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>
/// Looks into what workers do, beside the keeper's loop. How long one takes, the worker decides (what an epoll set of 700,000 watches prints costs the kernel seconds), so launches,
/// signals and exits never wait for it. One look is under way for each worker; one whose look was slow stands in a second queue from then on, where it keeps only its like waiting.
/// </summary>
/// <param name="wake">Rung when there is something to <see cref="Tell"/>.</param>
internal sealed class Looks(WakePipe wake)
{
    private const int SmallStack = 256 * 1024;

    /// <summary>An ordinary one takes a millisecond or two.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly Lane _quick = new();
    private readonly Lane _slow = new();
    private readonly HashSet<long> _underWay = [];
    private readonly HashSet<long> _slowOnes = [];
    private readonly Queue<(Question Question, IReadOnlyDictionary<long, WatchState> Seen)> _done = new();

    /// <summary>On the loop's thread. A second question about a worker is dropped: the answer to the first one says the same, and the daemon asks again.</summary>
    internal void Ask(Question question)
    {
        lock (_lock)
        {
            if (!_underWay.Add(question.LaunchId))
            {
                return;
            }

            var lane = _slowOnes.Contains(question.LaunchId) ? _slow : _quick;
            lane.Waiting.Enqueue(question);
            if (lane.Runs)
            {
                return;
            }

            // It ends when nothing waits: a keeper that has nothing to look at has no thread for it.
            lane.Runs = true;
            new Thread(() => Work(lane), SmallStack) { IsBackground = true, Name = "looks" }.Start();
        }
    }

    /// <summary>The worker is gone.</summary>
    internal void Forget(long launchId)
    {
        lock (_lock)
        {
            _slowOnes.Remove(launchId);
        }
    }

    /// <summary>On the loop's thread: passes on what was seen.</summary>
    internal void Tell(Action<Question, IReadOnlyDictionary<long, WatchState>> tell)
    {
        while (true)
        {
            (Question Question, IReadOnlyDictionary<long, WatchState> Seen) one;
            lock (_lock)
            {
                if (!_done.TryDequeue(out one))
                {
                    return;
                }
            }

            tell(one.Question, one.Seen);
        }
    }

    private void Work(Lane lane)
    {
        while (true)
        {
            Question question;
            lock (_lock)
            {
                if (!lane.Waiting.TryDequeue(out question))
                {
                    lane.Runs = false;
                    return;
                }
            }

            var began = MonotonicClock.Now;
            var seen = Look(question);
            lock (_lock)
            {
                if (MonotonicClock.Now - began > Slow)
                {
                    _slowOnes.Add(question.LaunchId);
                }

                _underWay.Remove(question.LaunchId);
                _done.Enqueue((question, seen));
            }

            wake.Ring();
        }
    }

    /// <summary>A table that the kernel does not give just now (no memory, no descriptor) must not end the keeper: it is as if nothing could be read.</summary>
    private static IReadOnlyDictionary<long, WatchState> Look(Question question)
    {
        try
        {
            return ListenerWatch.Look(question.Pid, question.Inodes);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            KeeperLog.Say($"cannot look into pid {question.Pid}: {problem.Message}");
            return question.Inodes.Distinct().ToDictionary(inode => inode, _ => WatchState.Unreadable);
        }
    }

    /// <summary>What the daemon wants to know.</summary>
    /// <param name="LookId">The daemon's number for it.</param>
    /// <param name="LaunchId">Of the worker.</param>
    /// <param name="Pid">Its process.</param>
    /// <param name="Inodes">Of the listeners.</param>
    internal readonly record struct Question(long LookId, long LaunchId, int Pid, long[] Inodes);

    /// <summary>One thread, while something waits.</summary>
    private sealed class Lane
    {
        internal Queue<Question> Waiting { get; } = new();

        internal bool Runs { get; set; }
    }
}
