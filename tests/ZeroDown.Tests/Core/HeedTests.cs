using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>When a roll is answered, whoever it told over a channel to leave has said that it takes no new connection, or had its time to say so.</summary>
public sealed class HeedTests
{
    private static readonly WorkerId Old = new(1);

    [Fact]
    public void A_reload_is_answered_when_every_old_worker_has_said_that_it_takes_no_new_connection()
    {
        var story = WithChannels(instances: 2);
        var reload = story.Reload();
        story.EverybodyGetsReady();
        Assert.Equal(2, story.AllOrders.OfType<TellDrain>().Count());
        Assert.Null(story.AnswerTo(reload));

        story.Happens(new WorkerSaidDraining(Old, 3));
        Assert.Null(story.AnswerTo(reload));

        story.Happens(new WorkerSaidDraining(new WorkerId(2), 0));
        Assert.Equal(OutcomeKind.Reloaded, story.AnswerTo(reload)!.Apps.Single().Kind);
        Assert.Equal(3, story.Find(Old)!.OpenConnections);
    }

    [Fact]
    public void What_is_counted_from_outside_is_not_the_workers_word()
    {
        var (story, reload) = Told();
        story.Happens(new WorkerConnectionsCounted(Old, 5)).Happens(new WorkerConnectionsCounted(Old, 0));
        Assert.Null(story.AnswerTo(reload));
    }

    [Fact]
    public void One_that_is_stuck_holds_the_answer_for_two_seconds_and_not_for_its_drain()
    {
        var (story, reload) = Told();
        var told = story.Now;
        story.Passes(DeadlineKind.Heed, Old);
        Assert.InRange(story.Now - told, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2.1));
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);
        Assert.Equal(WorkerPhase.Draining, story.Find(Old)!.Phase);
    }

    [Fact]
    public void One_that_cannot_say_it_any_more_is_not_waited_for()
    {
        foreach (var end in (SupervisorEvent[])[new WorkerClosedChannel(Old), new WorkerDrained(Old), new WorkerExited(Old, new ExitStatus(0)), new WorkerExited(Old, new ExitStatus(0, "SIGKILL"))])
        {
            var (story, reload) = Told();
            story.Happens(end);
            Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)?.Kind);
        }
    }

    [Fact]
    public void One_whose_drain_is_over_before_it_has_said_anything_is_not_waited_for()
    {
        var (story, reload) = Told(FleetStory.Spec() with { Stop = new StopRule { DrainTimeout = TimeSpan.FromSeconds(1) } });
        story.Passes(DeadlineKind.Drain, Old);
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);
        Assert.Equal(WorkerPhase.Stopping, story.Find(Old)!.Phase);
    }

    [Fact]
    public void A_worker_without_a_channel_gets_its_signal_and_nobody_waits()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        var reload = story.Reload();
        story.EverybodyGetsReady();
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);
        Assert.DoesNotContain(story.AllOrders, order => order is ArmDeadline { Deadline.Kind: DeadlineKind.Heed });
    }

    [Fact]
    public void A_second_reload_begins_while_the_first_still_waits_and_each_has_its_answer()
    {
        var (story, first) = Told();
        story.Happens(new WorkerOpenedChannel(story.Current(0)));
        var (second, middle) = (story.Reload(), story.Current(0));
        story.EverybodyGetsReady();
        Assert.Null(story.AnswerTo(first));

        story.Happens(new WorkerSaidDraining(Old, 1));
        Assert.Equal(2, story.AnswerTo(first)!.Apps.Single().Generation);
        Assert.Null(story.AnswerTo(second));

        story.Happens(new WorkerSaidDraining(middle, 0));
        Assert.Equal(3, story.AnswerTo(second)!.Apps.Single().Generation);
    }

    [Fact]
    public void The_next_app_of_one_command_does_not_wait_with_it()
    {
        var story = new FleetStory();
        story.Start(FleetStory.Spec(), FleetStory.Spec("next", port: 4001));
        story.ListenersOpen().EverybodyGetsReady().Happens(new WorkerOpenedChannel(Old));
        var reload = story.Ask(id => new ReloadRequested(id, [new Target(new AppName("api")), new Target(new AppName("next"))]));
        story.GetsReady(story.Newcomer(0)).GetsReady(story.Newcomer(0, "next"));
        Assert.Null(story.AnswerTo(reload));

        story.Happens(new WorkerSaidDraining(Old, 0));
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);
    }

    [Fact]
    public void A_roll_that_failed_is_answered_when_its_newcomers_take_no_new_connection()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        var reload = story.Reload();
        var (served, broken) = (story.Newcomer(0), story.Newcomer(1));
        story.GetsReady(served).Happens(new WorkerOpenedChannel(served)).Runs(broken).Exits(broken);
        Assert.Null(story.AnswerTo(reload));

        story.Happens(new WorkerSaidDraining(served, 0));
        Assert.Equal((OutcomeKind.RolledBack, 1), (story.AnswerTo(reload)!.Apps.Single().Kind, story.AnswerTo(reload)!.Apps.Single().Generation));
    }

    [Fact]
    public void A_failure_that_is_still_waited_for_leaves_the_next_app_untouched_all_the_same()
    {
        var story = new FleetStory();
        story.Start(FleetStory.Spec(instances: 2), FleetStory.Spec("next", port: 4001));
        story.ListenersOpen().EverybodyGetsReady();
        var reload = story.Ask(id => new ReloadRequested(id, [new Target(new AppName("api")), new Target(new AppName("next"))]));
        var (served, broken) = (story.Newcomer(0), story.Newcomer(1));
        story.GetsReady(served).Happens(new WorkerOpenedChannel(served)).Runs(broken).Exits(broken);
        Assert.Null(story.App("next").Roll);

        story.Happens(new WorkerSaidDraining(served, 0));
        Assert.Equal([OutcomeKind.RolledBack, OutcomeKind.Untouched], story.AnswerTo(reload)!.Apps.Select(app => app.Kind));
    }

    [Fact]
    public void A_stop_restart_or_delete_waits_for_exits_and_for_no_word()
    {
        foreach (var leave in (Action<FleetStory>[])[story => story.Stop(), story => story.Restart(), story => story.Delete()])
        {
            var story = WithChannels(instances: 1).Then(leave);
            Assert.Single(story.AllOrders.OfType<TellDrain>());
            Assert.DoesNotContain(story.AllOrders, order => order is ArmDeadline { Deadline.Kind: DeadlineKind.Heed });
        }
    }

    [Fact]
    public void A_Node_worker_without_our_preload_says_it_by_closing_the_last_of_its_servers()
    {
        var story = NodeStory.Running(NodeStory.Spec()).ListensOn(Old, NodeStory.Ask(8, 3001)).Happens(new WorkerOpenedChannel(Old));
        var reload = story.Reload();
        story.Runs(story.Newcomer(0)).ListensOn(story.Newcomer(0)).ListensOn(story.Newcomer(0), NodeStory.Ask(8, 3001));
        story.Happens(new WorkerStoppedListening(Old, NodeStory.Ask(7).Point.Key));
        Assert.Null(story.AnswerTo(reload));

        story.Happens(new WorkerStoppedListening(Old, NodeStory.Ask(8, 3001).Point.Key));
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);
    }

    [Fact]
    public void A_daemon_that_takes_over_meanwhile_tells_again_and_hears_what_was_said()
    {
        var (story, reload) = Told();
        story.Later(TimeSpan.FromMinutes(1)).TakesOver();
        Assert.Single(story.Orders.OfType<TellDrain>());
        Assert.Equal(story.Now + TimeSpan.FromSeconds(2), story.Orders.OfType<ArmDeadline>().Single(arm => arm.Deadline.Kind == DeadlineKind.Heed).At);
        Assert.Null(story.AnswerTo(reload));

        story.Happens(new WorkerSaidDraining(Old, 0));
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);
    }

    [Fact]
    public void A_daemon_that_cannot_hear_it_any_more_answers_at_once()
    {
        var (story, reload) = Told();
        story.TakesOver((_, process) => process with { ChannelLost = true }, facts => facts with { SameKeeper = false });
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);
    }

    [Fact]
    public void An_app_that_is_renamed_meanwhile_is_waited_for_under_its_new_name()
    {
        var (story, reload) = Told();
        story.Restart(spec: FleetStory.Spec("web"));
        Assert.Null(story.AnswerTo(reload));
        story.Happens(new WorkerSaidDraining(Old, 0));
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);
    }

    /// <summary>One worker is replaced, was told to leave over its channel, and has said nothing yet.</summary>
    private static (FleetStory Story, RequestId Reload) Told(AppSpec? spec = null)
    {
        var story = WithChannels(instances: 1, spec);
        var reload = story.Reload();
        story.EverybodyGetsReady();
        Assert.Null(story.AnswerTo(reload));
        return (story, reload);
    }

    private static FleetStory WithChannels(int instances, AppSpec? spec = null)
    {
        var story = FleetStory.Running(spec ?? FleetStory.Spec(instances: instances));
        foreach (var worker in story.Workers().ToList())
            story.Happens(new WorkerOpenedChannel(worker.Id));
        return story;
    }
}
