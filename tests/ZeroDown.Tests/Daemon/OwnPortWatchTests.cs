using Xunit;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Workers;
using ZeroDown.Tests.Core;

namespace ZeroDown.Tests.Daemon;

public sealed class OwnPortWatchTests
{
    [Fact]
    public void Nobody_is_looked_at_before_a_worker_waits()
    {
        var asked = 0;
        using var watch = Watch(() => Interlocked.Increment(ref asked) > 0 ? [] : [], _ => { });
        Assert.False(SpinWait.SpinUntil(() => Volatile.Read(ref asked) > 0, TimeSpan.FromMilliseconds(100)), "it looked by itself");
    }

    [Fact]
    public void One_look_takes_all_workers_that_wait_and_it_rests_when_none_does()
    {
        List<Worker> waiting = [.. Waiting(3)];
        var (looks, most, asked) = (0, 0, 0);
        using var watch = Watch(
            () =>
            {
                Interlocked.Increment(ref asked);
                return Volatile.Read(ref looks) < 3 ? waiting : [];
            },
            workers =>
            {
                most = workers.Count;
                Interlocked.Increment(ref looks);
            });

        watch.Begin();
        watch.Begin();

        Eventually.Equal(3, () => Volatile.Read(ref looks), "it looks until nobody waits");
        Assert.Equal(3, most);
        Eventually.True(() => Volatile.Read(ref asked) >= 4, "it has seen that nobody waits");
        var rested = Volatile.Read(ref asked);
        Assert.False(SpinWait.SpinUntil(() => Volatile.Read(ref asked) > rested + 1, TimeSpan.FromMilliseconds(600)), "it goes on though nobody waits");
        watch.Begin();
        Eventually.True(() => Volatile.Read(ref asked) > rested, "the next one that waits wakes it");
    }

    [Fact]
    public void A_look_that_fails_is_told_and_repeated()
    {
        var (looks, told) = (0, 0);
        using var watch = new OwnPortWatch(
            () => Volatile.Read(ref looks) < 2 ? Waiting(1) : [],
            _ => throw new InvalidOperationException(Interlocked.Increment(ref looks).ToString(System.Globalization.CultureInfo.InvariantCulture)),
            _ => Interlocked.Increment(ref told));
        watch.Begin();
        Eventually.Equal(2, () => Volatile.Read(ref told), "both failures are told");
    }

    private static OwnPortWatch Watch(Func<IReadOnlyList<Worker>> waiting, Action<IReadOnlyList<Worker>> look) => new(waiting, look, problem => Assert.Fail(problem.Message));

    private static IReadOnlyList<Worker> Waiting(int workers)
    {
        var story = new FleetStory();
        story.Start(FleetStory.Spec(instances: workers, port: null, sign: ZeroDown.Core.Apps.ReadySign.SpokenStrict));
        return [.. story.Workers()];
    }
}
