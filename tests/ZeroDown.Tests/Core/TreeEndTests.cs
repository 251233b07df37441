using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>The launched process has exited, and others of its tree live.</summary>
public sealed class TreeEndTests
{
    private static readonly WorkerId First = new(1);
    private static readonly TreeProcess Child = new(9, 1);
    private static readonly AppSpec Spec = FleetStory.Spec(port: 4000);

    [Fact]
    public void A_stop_is_answered_when_the_whole_tree_has_ended()
    {
        var story = FleetStory.Running(Spec);
        var stop = story.Stop();
        LeaderExits(story);
        Assert.Contains(new WatchTree(First), story.Orders);
        Assert.DoesNotContain(story.AllOrders, order => order is SignalWorker { Signal: "SIGKILL" } or KillTree);
        Assert.Null(story.AnswerTo(stop));
        Assert.Equal(WorkerPhase.Stopping, story.Slot(0).Phase);

        story.Happens(new WorkerTreeEnded(First));
        Assert.Equal(OutcomeKind.Stopped, story.AnswerTo(stop)!.Apps.Single().Kind);
        Assert.Contains(new ForgetWorker(First), story.Orders);
    }

    [Fact]
    public void A_process_that_was_not_asked_gets_the_stop_signal_of_its_app_once()
    {
        var story = FleetStory.Running(Spec with { Stop = Spec.Stop with { Signal = "SIGINT" } });
        story.Stop();
        LeaderExits(story);
        story.Happens(new WorkerProcessUnasked(First, Child));
        Assert.Equal([new SignalProcess(First, Child, "SIGINT")], story.Orders.OfType<SignalProcess>());
        Assert.Empty(story.Happens(new WorkerProcessUnasked(First, Child)).Orders);
    }

    [Fact]
    public void The_tree_is_killed_when_the_rest_of_kill_timeout_is_over()
    {
        var story = FleetStory.Running(Spec);
        story.Stop();
        var signalled = story.Now;
        story.Later(TimeSpan.FromSeconds(4));
        LeaderExits(story);
        var kill = story.AllOrders.OfType<ArmDeadline>().Last(order => order.Deadline.Kind == DeadlineKind.Kill);
        Assert.Equal(signalled + Spec.Stop.KillTimeout, kill.At);
        story.Passes(DeadlineKind.Kill);
        Assert.Contains(new KillTree(First), story.Orders);
    }

    [Fact]
    public void A_killed_worker_takes_its_tree_along_at_once()
    {
        var story = FleetStory.Running(Spec);
        story.Stop();
        story.Passes(DeadlineKind.Kill);
        LeaderExits(story);
        Assert.Contains(new KillTree(First), story.Orders);
    }

    [Fact]
    public void With_treekill_false_the_tree_lives_on_and_is_named()
    {
        var story = FleetStory.Running(Spec with { Stop = Spec.Stop with { WholeTree = false } });
        var stop = story.Stop();
        LeaderExits(story);
        Assert.NotNull(story.AnswerTo(stop));
        Assert.DoesNotContain(story.Orders, order => order is WatchTree);
        Assert.Equal("node (pid 9)", Assert.Single(story.News.OfType<FleetNews.TreeLeftRunning>()).Processes.Single());
    }

    [Theory]
    [InlineData(4000, null, true)]
    [InlineData(4000, "0.0.0.0:3000", false)]
    [InlineData(null, null, false)]
    public void After_a_crash_the_successor_waits_for_the_tree_unless_every_socket_is_ours(int? port, string? ownPort, bool atOnce)
    {
        var sign = port is null ? ReadySign.Spoken : ReadySign.Listening;
        var story = FleetStory.Running(FleetStory.Spec(port: port, sign: sign));
        story.EverybodySaysReady();
        story.Later(TimeSpan.FromMinutes(1));
        story.Happens(new WorkerExited(First, new ExitStatus(1)) { Rest = new TreeRest(["node (pid 9)"], ownPort) });
        Assert.Equal(atOnce, story.Orders.Any(order => order is LaunchWorker));
        Assert.Equal(DrainReason.Exited, story.Find(First)!.Leaving);
        story.Happens(new WorkerTreeEnded(First));
        Assert.Equal(2, story.AllOrders.Count(order => order is LaunchWorker));
    }

    [Fact]
    public void The_next_daemon_looks_after_the_tree_again_and_asks_anew_only_where_the_last_step_asked()
    {
        var other = new TreeProcess(10, 1);
        var story = FleetStory.Running(Spec);
        story.Stop();
        LeaderExits(story);
        story.Happens(new WorkerProcessUnasked(First, Child)).Happens(new WorkerProcessUnasked(First, other));
        story.TakesOver((_, process) => process with { Stage = KeptStage.Exited, Exit = new ExitStatus(0), Rest = new TreeRest(["node (pid 9)"]) });
        Assert.Contains(new WatchTree(First), story.Orders);
        Assert.Empty(story.Happens(new WorkerProcessUnasked(First, Child)).Orders);
        Assert.Contains(new SignalProcess(First, other, "SIGTERM"), story.Happens(new WorkerProcessUnasked(First, other)).Orders);
    }

    [Fact]
    public void A_process_that_is_named_again_after_it_was_asked_is_not_asked_by_the_next_daemon()
    {
        var story = FleetStory.Running(Spec);
        story.Stop();
        LeaderExits(story);
        story.Happens(new WorkerProcessUnasked(First, Child)).Happens(new WorkerProcessUnasked(First, Child));
        story.TakesOver((_, process) => process with { Stage = KeptStage.Exited, Exit = new ExitStatus(0), Rest = new TreeRest(["node (pid 9)"]) });
        Assert.Empty(story.Happens(new WorkerProcessUnasked(First, Child)).Orders);
    }

    [Fact]
    public void The_next_daemon_ends_the_stop_when_the_tree_ended_meanwhile()
    {
        var story = FleetStory.Running(Spec);
        var stop = story.Stop();
        LeaderExits(story);
        story.TakesOver((_, process) => process with { Stage = KeptStage.Exited, Exit = new ExitStatus(0) });
        Assert.NotNull(story.AnswerTo(stop));
        Assert.Empty(story.Workers());
    }

    [Fact]
    public void The_next_daemon_learns_of_the_exit_and_of_the_tree_together()
    {
        var story = FleetStory.Running(Spec);
        var stop = story.Stop();
        story.TakesOver((_, process) => process with { Stage = KeptStage.Exited, Exit = new ExitStatus(0), Rest = new TreeRest(["node (pid 9)"]) });
        Assert.Null(story.AnswerTo(stop));
        story.Happens(new WorkerTreeEnded(First));
        Assert.NotNull(story.AnswerTo(stop));
    }

    [Fact]
    public void A_tree_that_forks_without_end_does_not_grow_the_state()
    {
        var story = FleetStory.Running(Spec);
        story.Stop();
        LeaderExits(story);
        for (var pid = 1; pid <= 400; pid++)
            story.Happens(new WorkerProcessUnasked(First, new TreeProcess(pid, 1)));
        Assert.Equal(256, story.Find(First)!.Asked.Length);
    }

    private static void LeaderExits(FleetStory story) =>
        story.Happens(new WorkerExited(First, new ExitStatus(0)) { Rest = new TreeRest(["node (pid 9)"]) });
}
