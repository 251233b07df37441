using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

public class StraightPathTests
{
    [Fact]
    public void A_start_opens_the_listener_first_and_is_answered_when_every_worker_is_ready()
    {
        var story = new FleetStory();
        var start = story.Start(FleetStory.Spec(instances: 2));
        Assert.Single(story.Orders.OfType<OpenListener>());
        Assert.Empty(story.Orders.OfType<LaunchWorker>());

        story.ListenersOpen();
        Assert.Equal(2, story.Orders.OfType<LaunchWorker>().Count());
        story.Happens(new WorkerSpawned(story.Current(0), 4711));
        Assert.Contains(new OpenGate(story.Current(0)), story.Orders);
        story.Happens(new WorkerExecuted(story.Current(0)));
        Assert.Contains(new WatchForListening(story.Current(0)), story.Orders);
        story.Happens(new WorkerListens(story.Current(0), false));
        Assert.Null(story.AnswerTo(start));

        story.GetsReady(story.Current(1));
        Assert.Equal(AnswerKind.Done, story.AnswerTo(start)!.Kind);
        Assert.Equal(OutcomeKind.Started, story.AnswerTo(start)!.Apps[0].Kind);
    }

    [Fact]
    public void A_worker_that_exits_is_replaced_and_the_listener_stays_open()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        var first = story.Current(0);
        story.Exits(first);
        Assert.NotEqual(first, story.Current(0));
        Assert.Empty(story.AllOrders.OfType<CloseListener>());
        Assert.Equal(1, story.Slot(0).Restarts);
    }

    [Fact]
    public void A_reload_keeps_the_old_workers_until_the_whole_generation_is_ready()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        var old = story.Current(0);
        var reload = story.Reload();
        story.GetsReady(story.Newcomer(0));
        Assert.Null(story.Find(old)!.Leaving);

        story.GetsReady(story.Newcomer(1));
        Assert.Equal(DrainReason.Reload, story.Find(old)!.Leaving);
        Assert.Equal(OutcomeKind.Reloaded, story.AnswerTo(reload)!.Apps[0].Kind);
        Assert.Equal(2, story.Workers().Count(worker => worker is { Generation: 2, Phase: WorkerPhase.Ready }));
        story.LeaversExit();
        Assert.Equal(2, story.Workers().Count());
    }

    [Fact]
    public void A_reload_whose_newcomer_exits_keeps_the_old_generation()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        var old = story.Current(0);
        var reload = story.Reload();
        story.Runs(story.Newcomer(1));
        story.Exits(story.Newcomer(1));
        Assert.Equal(AnswerKind.RollFailed, story.AnswerTo(reload)!.Kind);
        Assert.Equal(1, story.AnswerTo(reload)!.Apps[0].Failures[0].Slot);
        story.LeaversExit();
        Assert.Equal(old, story.Current(0));
        Assert.Equal(2, story.Workers().Count(worker => worker.Phase == WorkerPhase.Ready));
    }

    [Fact]
    public void A_stop_ends_with_the_last_exit_and_closes_the_listener()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        var stop = story.Stop();
        Assert.Equal(2, story.Orders.OfType<SignalWorker>().Count());
        Assert.Null(story.AnswerTo(stop));
        story.LeaversExit();
        Assert.Equal(OutcomeKind.Stopped, story.AnswerTo(stop)!.Apps[0].Kind);
        Assert.Single(story.AllOrders.OfType<CloseListener>());
    }

    [Fact]
    public void A_restart_stops_first_then_starts_and_never_closes_the_listener()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        var restart = story.Restart();
        Assert.Empty(story.Orders.OfType<LaunchWorker>());
        story.LeaversExit().EverybodyGetsReady();
        Assert.Equal(OutcomeKind.Restarted, story.AnswerTo(restart)!.Apps[0].Kind);
        Assert.Empty(story.AllOrders.OfType<CloseListener>());
    }

    [Fact]
    public void Scale_grows_with_new_slots_and_shrinks_from_the_highest()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        var up = story.Scale(3);
        story.EverybodyGetsReady();
        Assert.Equal(OutcomeKind.Scaled, story.AnswerTo(up)!.Apps[0].Kind);

        var highest = story.Current(2);
        var down = story.Scale(2);
        Assert.Equal(DrainReason.Scale, story.Find(highest)!.Leaving);
        story.LeaversExit();
        Assert.Equal(OutcomeKind.Scaled, story.AnswerTo(down)!.Apps[0].Kind);
    }

    [Fact]
    public void Delete_forgets_the_app_when_its_last_worker_is_gone()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        var delete = story.Delete();
        Assert.NotNull(story.App());
        story.LeaversExit();
        Assert.Empty(story.State.Apps);
        Assert.Equal(OutcomeKind.Deleted, story.AnswerTo(delete)!.Apps[0].Kind);
    }

    [Fact]
    public void Shutdown_stops_everything_then_ends_the_daemon_and_keeps_what_was_wanted()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        var kill = story.Ask(id => new ShutdownRequested(id));
        Assert.Empty(story.Orders.OfType<EndDaemon>());
        story.LeaversExit();
        Assert.Equal(AnswerKind.Done, story.AnswerTo(kill)!.Kind);
        Assert.IsType<EndDaemon>(story.Orders[^1]);
        Assert.True(story.Slot(0).Wanted);
    }

    [Fact]
    public void A_roll_that_fails_where_nobody_served_before_does_not_claim_that_the_old_serve_on()
    {
        var story = new FleetStory();
        story.Start(FleetStory.Spec());
        story.ListenersOpen().Runs(story.Current(0));
        var reload = story.Reload();
        story.Runs(story.Newcomer(0)).Exits(story.Newcomer(0));

        Assert.Equal((OutcomeKind.RolledBack, true), (story.AnswerTo(reload)!.Apps[0].Kind, story.AnswerTo(reload)!.Apps[0].NobodyServes));

        story = FleetStory.Running(FleetStory.Spec());
        reload = story.Reload();
        story.Runs(story.Newcomer(0)).Exits(story.Newcomer(0));
        Assert.False(story.AnswerTo(reload)!.Apps[0].NobodyServes);
    }

    [Fact]
    public void Ids_begin_at_zero_again_when_the_last_app_is_gone_and_not_before()
    {
        var story = FleetStory.Running(FleetStory.Spec("one", instances: 2));
        story.Start(FleetStory.Spec("two", port: 4001));
        story.ListenersOpen().EverybodyGetsReady();
        story.Delete("one");
        story.LeaversExit();
        story.Start(FleetStory.Spec("three", port: 4002));
        Assert.Equal(3, story.Slot(0, "three").PmId);

        story.Delete("two");
        story.Delete("three");
        story.LeaversExit();
        story.Start(FleetStory.Spec("four", port: 4003));
        Assert.Equal(0, story.Slot(0, "four").PmId);
    }

    [Fact]
    public void A_failure_has_the_id_that_the_list_shows()
    {
        var story = FleetStory.Running(FleetStory.Spec("first", instances: 2));
        var start = story.Start(FleetStory.Spec("second", port: 4001) with { Restart = new RestartRule { Autorestart = false } });
        story.ListenersOpen().Runs(story.Current(0, "second")).Exits(story.Current(0, "second"));
        var failure = story.AnswerTo(start)!.Apps[0].Failures.Single();
        Assert.Equal((0, 2), (failure.Slot, failure.PmId));
    }

    [Theory]
    [InlineData(null, ReadySign.Spoken, true)]
    [InlineData(null, ReadySign.SpokenStrict, false)]
    [InlineData(4000, ReadySign.Spoken, false)]
    public void With_wait_ready_a_program_that_binds_its_own_port_counts_at_listen_timeout(int? given, ReadySign sign, bool counts)
    {
        var story = new FleetStory();
        var start = story.Start(FleetStory.Spec(sign: sign, port: given));
        story.ListenersOpen().Runs(story.Current(0)).Happens(new WorkerBindsOwnPort(story.Current(0), [":3000"]));
        Assert.Equal(WorkerPhase.Starting, story.Slot(0).Phase);
        story.Passes(DeadlineKind.Ready);
        Assert.Equal(counts ? OutcomeKind.Started : OutcomeKind.StillStarting, story.AnswerTo(start)!.Apps[0].Kind);
        Assert.Equal(counts ? 1 : 0, story.AnswerTo(start)!.Apps[0].CountedWithoutWord.Length);
    }

    [Fact]
    public void One_that_binds_its_port_after_listen_timeout_is_online_when_that_is_known()
    {
        var story = new FleetStory();
        story.Start(FleetStory.Spec(sign: ReadySign.Spoken, port: null));
        story.Runs(story.Current(0)).Passes(DeadlineKind.Ready);
        Assert.Equal(WorkerPhase.Starting, story.Slot(0).Phase);
        story.Happens(new WorkerBindsOwnPort(story.Current(0), [":3000"]));
        Assert.Equal(WorkerPhase.Ready, story.Slot(0).Phase);
    }

    [Theory]
    [InlineData(3, WorkerPhase.Stopped)]
    [InlineData(4, WorkerPhase.Starting)]
    public void An_exit_with_one_of_the_stop_exit_codes_stays_and_any_other_is_followed_by_a_start(int code, WorkerPhase phase)
    {
        var story = FleetStory.Running(FleetStory.Spec() with { Restart = new RestartRule { StopExitCodes = [0, 3] } });
        story.Exits(story.Current(0), code);
        Assert.Equal(phase, story.Slot(0).Phase);
    }

    [Fact]
    public void A_failed_reload_in_place_is_told_from_one_through_which_the_old_ones_served()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        story.Happens(new WorkerBindsOwnPort(story.Current(0), [":3000"]));
        var reload = story.Reload();
        story.LeaversExit();
        story.Runs(story.Newcomer(0)).Exits(story.Newcomer(0));
        Assert.Null(story.AnswerTo(reload));

        story.GetsReady(story.Newcomer(0));
        var outcome = story.AnswerTo(reload)!.Apps.Single();
        Assert.Equal((OutcomeKind.RolledBack, ":3000", 1, false), (outcome.Kind, outcome.GapBecauseOf, outcome.Generation, outcome.NobodyServes));
        Assert.Equal(new FleetNews.RollFailed(story.App().Spec.Name, 1, Serves: true) { InPlace = true }, story.News.OfType<FleetNews.RollFailed>().Single());
    }
}
