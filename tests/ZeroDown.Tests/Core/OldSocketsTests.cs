using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>Sockets that workers hold and we do not: where new connections go, and who leaves when.</summary>
public sealed class OldSocketsTests
{
    private static readonly ListenerAddress Web = FleetStory.Port(4000);

    [Fact]
    public void Connections_go_to_ours_before_anybody_on_the_old_socket_gets_a_signal_and_who_is_last_there_empties_its_queue_first()
    {
        var story = Stranded();
        var old = story.Workers().Where(worker => worker.Stranded).Select(worker => worker.Id).ToList();
        Assert.Empty(Steered(story));
        story.EverybodyGetsReady();
        Assert.Equal([Steering.New], Steered(story));
        Assert.Empty(Signalled(story));
        Assert.All(Waits(story), wait => Assert.Equal([Web], wait.Listeners));
        Assert.Equal(old, Waits(story).Select(wait => wait.Worker));
        Assert.All(Waits(story), wait => Assert.Equal(story.Now + OldSockets.LastHandshakes, wait.NotBefore));

        // Nobody is connected: what waits to be accepted counts.
        story.Happens(new WorkerConnectionsCounted(old[0], 0));
        Assert.Empty(Signalled(story));
        story.Happens(new WorkerEmptiedQueue(old[0]));
        Assert.Equal([old[0]], Signalled(story));
        story.Happens(new WorkerEmptiedQueue(old[0]));
        Assert.Empty(Signalled(story));
        story.Happens(new WorkerEmptiedQueue(old[1]));
        story.LeaversExit();
        Assert.Null(story.State.Listeners[Web].Steered);
    }

    [Fact]
    public void A_roll_that_fails_leaves_connections_where_they_were()
    {
        var story = Stranded();
        story.Exits(story.Newcomer(0));
        story.LeaversExit();
        Assert.Null(story.App().Roll);
        Assert.DoesNotContain(story.AllOrders, order => order is SteerListener);
        Assert.Equal(Steering.Old, story.State.Listeners[Web].Steered);
    }

    [Fact]
    public void While_workers_accept_on_both_both_get_connections_and_only_the_last_on_the_old_one_waits()
    {
        var story = Stranded();
        story.Exits(story.Newcomer(0));
        story.LeaversExit();
        var (first, second) = (story.Current(0), story.Current(1));
        story.Exits(first);
        Assert.Empty(Steered(story));
        story.EverybodyGetsReady();
        Assert.Equal([Steering.Both], Steered(story));

        story.Reload();
        story.EverybodyGetsReady();
        Assert.Equal([Steering.New], Steered(story));
        Assert.Equal([second], Waits(story).Select(wait => wait.Worker));
        Assert.NotEmpty(Signalled(story)); // the one that accepts on ours
    }

    [Fact]
    public void A_queue_that_is_never_empty_is_waited_for_as_long_as_a_drain_may_take()
    {
        var story = Stranded(instances: 1);
        var old = story.Current(0);
        story.EverybodyGetsReady().Passes(DeadlineKind.Drain, old);
        Assert.Equal([old], Signalled(story));
        story.Happens(new WorkerEmptiedQueue(old));
        Assert.Empty(Signalled(story));
    }

    [Fact]
    public void Whoever_is_restarted_is_waited_for_and_whoever_is_stopped_is_not()
    {
        var restarted = Idle();
        restarted.Restart();
        Assert.Equal([Steering.New], Steered(restarted));
        Assert.Empty(Signalled(restarted));
        restarted.Stop();
        Assert.Equal(restarted.Workers().Select(worker => worker.Id), Signalled(restarted));

        var stopped = Idle();
        stopped.Stop();
        Assert.Equal([Steering.New], Steered(stopped));
        Assert.Equal(stopped.Workers().Select(worker => worker.Id), Signalled(stopped));
    }

    [Fact]
    public void The_next_daemon_says_it_to_the_kernel_again_and_looks_at_the_queue_again()
    {
        var story = Stranded(instances: 1);
        var old = story.Current(0);
        story.EverybodyGetsReady();
        var wait = Waits(story).Single();
        story.TakesOver();
        Assert.Equal([Steering.New], Steered(story));
        Assert.Equal(wait, Waits(story).Single());
        Assert.Empty(Signalled(story));
        story.Happens(new WorkerEmptiedQueue(old));
        Assert.Equal([old], Signalled(story));
    }

    [Fact]
    public void Where_both_were_killed_once_more_nobody_knows_which_socket_is_which_and_nothing_is_waited_for()
    {
        var story = Stranded(instances: 1);
        story.TakesOver(facts: all => all with { SameKeeper = false, BoundAnew = [Web] });
        Assert.Null(story.State.Listeners[Web].Steered);
        story.EverybodyGetsReady();
        Assert.Empty(Steered(story));
        Assert.Empty(Waits(story));
    }

    [Fact]
    public void Where_the_kernel_takes_no_orders_the_old_workers_leave_at_once()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        var old = story.Current(0);
        story.TakesOver(facts: all => all with { SameKeeper = false, BoundAnew = [Web] });
        story.EverybodyGetsReady();
        Assert.Empty(Steered(story));
        Assert.Equal([old], Signalled(story));
    }

    /// <summary>Keeper and daemon were killed, the new daemon rolls who is stranded.</summary>
    private static FleetStory Stranded(int instances = 2)
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: instances));
        story.TakesOver(facts: all => all with { SameKeeper = false, BoundAnew = [Web], Steered = [Web] });
        Assert.Equal(instances, story.Orders.OfType<LaunchWorker>().Count());
        return story;
    }

    /// <summary>That roll has failed.</summary>
    private static FleetStory Idle()
    {
        var story = Stranded(instances: 1);
        story.Exits(story.Newcomer(0));
        return story;
    }

    private static IEnumerable<Steering> Steered(FleetStory story) => story.Orders.OfType<SteerListener>().Select(order => order.To);

    private static List<AwaitEmptyQueue> Waits(FleetStory story) => [.. story.Orders.OfType<AwaitEmptyQueue>()];

    private static IEnumerable<WorkerId> Signalled(FleetStory story) => story.Orders.OfType<SignalWorker>().Select(order => order.Worker);
}
