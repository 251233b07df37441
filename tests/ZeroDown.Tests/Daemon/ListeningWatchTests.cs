using Xunit;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Workers;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Daemon;

public sealed class ListeningWatchTests
{
    [Fact]
    public void A_look_that_nobody_answers_is_repeated()
    {
        var looks = 0;
        using var watch = new ListeningWatch(new WorkerId(1), () => Interlocked.Increment(ref looks), _ => { }, _ => { });

        watch.Begin();

        Eventually.True(() => Volatile.Read(ref looks) >= 3, "it looks again and again");
    }

    /// <summary>The keeper answers on a thread of its own, which may be the faster one.</summary>
    [Fact]
    public void Nobody_is_asked_before_the_answer_can_be_passed_on()
    {
        ListeningWatch? watch = null;
        var (early, said) = (0, 0);
        watch = new ListeningWatch(new WorkerId(1), Answer, _ => Interlocked.Increment(ref said), _ => { });
        using (watch)
        {
            // Longer than a timer at zero takes, and it may take longer without any harm.
            Assert.False(SpinWait.SpinUntil(() => Volatile.Read(ref early) > 0, TimeSpan.FromMilliseconds(100)), "it looked by itself");
            watch.Begin();
            Eventually.Equal(1, () => Volatile.Read(ref said), "that it listens is said");
        }

        void Answer()
        {
            Interlocked.Increment(ref early);
            watch?.Seen([WatchState.Watched]);
        }
    }

    [Fact]
    public void What_was_seen_is_said_once_however_often_it_is_answered()
    {
        List<SupervisorEvent> said = [];
        using var watch = new ListeningWatch(new WorkerId(1), () => { }, said.Add, _ => { });

        watch.Seen([WatchState.Watched]);
        watch.Seen([WatchState.Watched]);

        Assert.Equal([new WorkerListens(new WorkerId(1), false)], said);
    }
}
