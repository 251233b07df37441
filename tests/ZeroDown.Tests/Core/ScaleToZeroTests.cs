using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>An app without workers that is kept: one stopped slot, and the number of instances that a start brings back.</summary>
public sealed class ScaleToZeroTests
{
    private const string Nightly = "0 3 * * *";

    [Fact]
    public void All_workers_drain_and_the_answer_comes_when_the_last_is_gone()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 3));
        var (kept, id) = (story.Slot(0).PmId, story.Scale(0));
        Assert.All(story.Workers(), worker => Assert.Equal(DrainReason.Scale, worker.Leaving));
        Assert.Null(story.AnswerTo(id));

        story.LeaversExit();
        Assert.Equal((OutcomeKind.ScaledToZero, AnswerKind.Done), (story.AnswerTo(id)!.Apps[0].Kind, story.AnswerTo(id)!.Kind));
        var slot = Assert.Single(story.App().Slots);
        Assert.Equal((kept, WorkerPhase.Stopped, false), (slot.PmId, slot.Phase, slot.Wanted));
        Assert.Equal((0, 3), (Scaling.InstancesOf(story.App()), story.App().Spec.Instances));
        Assert.Empty(story.State.Listeners);
    }

    [Fact]
    public void A_second_scale_to_zero_waits_for_the_same_workers_and_a_third_changes_nothing()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        var (first, second) = (story.Scale(0), story.Scale(0));
        Assert.Null(story.AnswerTo(second));
        story.LeaversExit();
        Assert.Equal(OutcomeKind.ScaledToZero, story.AnswerTo(first)!.Apps[0].Kind);
        Assert.Equal(OutcomeKind.ScaledToZero, story.AnswerTo(second)!.Apps[0].Kind);
        Assert.Equal(OutcomeKind.Unchanged, story.AnswerTo(story.Scale(0))!.Apps[0].Kind);
    }

    [Theory]
    [InlineData(-2, 0)]
    [InlineData(-5, 0)]
    [InlineData(-1, 1)]
    public void A_difference_counts_from_what_there_is(int amount, int left)
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        story.Ask(id => new ScaleRequested(id, new AppName("api"), amount, true));
        story.LeaversExit();
        Assert.Equal(left, Scaling.InstancesOf(story.App()));
    }

    [Fact]
    public void A_difference_upwards_counts_from_zero()
    {
        var story = AtZero(instances: 4);
        story.Ask(id => new ScaleRequested(id, new AppName("api"), 2, true));
        story.ListenersOpen().EverybodyGetsReady();
        Assert.Equal((2, 2), (story.Workers().Count(), Scaling.InstancesOf(story.App())));
    }

    [Fact]
    public void A_scale_up_starts_as_many_as_it_says()
    {
        var story = AtZero(instances: 4);
        var id = story.Scale(2);
        Assert.Null(story.AnswerTo(id));
        story.ListenersOpen().EverybodyGetsReady();
        Assert.Equal(OutcomeKind.Scaled, story.AnswerTo(id)!.Apps[0].Kind);
        Assert.Equal((2, false), (story.App().Slots.Length, story.App().ScaledToZero));
        Assert.All(story.App().Slots, slot => Assert.Equal(WorkerPhase.Ready, slot.Phase));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_start_or_a_restart_by_name_brings_back_as_many_as_before(bool restart)
    {
        var story = AtZero(instances: 3);
        var target = new Target(new AppName("api"));
        var id = story.Ask(id => restart ? new RestartRequested(id, [target]) : new StartRequested(id, [target]));
        story.ListenersOpen().EverybodyGetsReady();
        Assert.Equal(restart ? OutcomeKind.Restarted : OutcomeKind.Started, story.AnswerTo(id)!.Apps[0].Kind);
        Assert.Equal(3, story.App().Slots.Count(slot => slot.Phase == WorkerPhase.Ready));
    }

    [Fact]
    public void A_start_by_the_number_of_the_kept_slot_means_the_app()
    {
        var story = AtZero(instances: 3);
        story.Ask(id => new StartRequested(id, [new Target(new AppName("api"), [0])]));
        story.ListenersOpen().EverybodyGetsReady();
        Assert.Equal(3, story.App().Slots.Count(slot => slot.Phase == WorkerPhase.Ready));
    }

    [Fact]
    public void A_start_with_a_definition_brings_as_many_as_it_says()
    {
        var story = AtZero(instances: 3);
        story.Start(FleetStory.Spec(instances: 2));
        story.ListenersOpen().EverybodyGetsReady();
        Assert.Equal(2, story.App().Slots.Count(slot => slot.Phase == WorkerPhase.Ready));
    }

    [Fact]
    public void A_start_while_the_workers_drain_takes_over_and_the_scale_says_so()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        var scale = story.Scale(0);
        story.Ask(id => new StartRequested(id, [new Target(new AppName("api"))]));
        story.LeaversExit().EverybodyGetsReady();
        Assert.Equal(OutcomeKind.Superseded, story.AnswerTo(scale)!.Apps[0].Kind);
        Assert.Equal(2, story.App().Slots.Count(slot => slot.Phase == WorkerPhase.Ready));
    }

    [Fact]
    public void A_reload_is_refused_with_its_own_reason_and_changes_nothing()
    {
        var story = AtZero(instances: 2);
        var before = story.App();
        Assert.Equal(OutcomeKind.RefusedScaledToZero, story.AnswerTo(story.Reload())!.Apps[0].Kind);
        Assert.Equal(OutcomeKind.RefusedScaledToZero, story.AnswerTo(story.Reload(spec: FleetStory.Spec(instances: 4)))!.Apps[0].Kind);
        Assert.Equal(before, story.App());
    }

    [Fact]
    public void A_reload_of_a_job_records_the_definition_and_does_not_wake_it()
    {
        var job = FleetStory.Spec(instances: 2, sign: ReadySign.Settled, port: null) with { Restart = new RestartRule { Autorestart = false } };
        var story = FleetStory.Running(job);
        story.Scale(0);
        story.LeaversExit();
        Assert.Equal(OutcomeKind.Recorded, story.AnswerTo(story.Reload(spec: job with { Namespace = "new", Instances = 3 }))!.Apps[0].Kind);
        Assert.Empty(story.Workers());
        Assert.Equal(("new", 1, 3), (story.App().Spec.Namespace, story.App().Slots.Length, story.App().Spec.Instances));
    }

    [Fact]
    public void A_schedule_and_changed_files_do_not_wake_it()
    {
        var story = AtZero(instances: 1, FleetStory.Spec() with { Upkeep = new UpkeepRule { Cron = Nightly, Watch = new WatchRule { Paths = ["/srv"] } } });
        story.Happens(new CronCame(new AppName("api"), Nightly)).Happens(new FilesChanged(new AppName("api"), "/srv/api.js"));
        Assert.Empty(story.Workers());
        Assert.True(story.App().ScaledToZero);
    }

    [Fact]
    public void Files_that_changed_before_do_not_wake_it_when_its_workers_are_gone()
    {
        var story = FleetStory.Running(FleetStory.Spec() with { Upkeep = new UpkeepRule { Watch = new WatchRule { Paths = ["/srv"] } } });
        story.Reload();
        story.Happens(new FilesChanged(new AppName("api"), "/srv/api.js"));
        story.Scale(0);
        story.LeaversExit();
        Assert.Empty(story.Workers());
        Assert.Null(story.App().Changed);
    }

    [Fact]
    public void A_stopped_app_can_be_scaled_to_zero()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        story.Stop();
        story.LeaversExit();
        Assert.Equal(OutcomeKind.ScaledToZero, story.AnswerTo(story.Scale(0))!.Apps[0].Kind);
        Assert.Single(story.App().Slots);
    }

    [Fact]
    public void An_errored_app_can_be_scaled_to_zero()
    {
        var story = FleetStory.Running(FleetStory.Spec() with { Restart = new RestartRule { MaxRestarts = 1 } });
        story.Exits(story.Current(0));
        Assert.Equal(WorkerPhase.Errored, story.Slot(0).Phase);
        Assert.Equal(OutcomeKind.ScaledToZero, story.AnswerTo(story.Scale(0))!.Apps[0].Kind);
        Assert.Equal(WorkerPhase.Stopped, story.Slot(0).Phase);
    }

    [Fact]
    public void A_roll_ends_and_its_newcomers_leave_too()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        var reload = story.Reload(spec: FleetStory.Spec(instances: 3));
        var scale = story.Scale(0);
        Assert.Equal(OutcomeKind.Superseded, story.AnswerTo(reload)!.Apps[0].Kind);
        story.LeaversExit();
        Assert.Equal(OutcomeKind.ScaledToZero, story.AnswerTo(scale)!.Apps[0].Kind);
        Assert.Empty(story.Workers());
        Assert.Null(story.App().Roll);
    }

    [Fact]
    public void A_delete_while_the_workers_drain_takes_over()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        var (scale, delete) = (story.Scale(0), story.Delete());
        story.LeaversExit();
        Assert.Equal(OutcomeKind.Superseded, story.AnswerTo(scale)!.Apps[0].Kind);
        Assert.Equal(OutcomeKind.Deleted, story.AnswerTo(delete)!.Apps[0].Kind);
        Assert.Empty(story.State.Apps);
    }

    [Fact]
    public void The_next_daemon_leaves_it_at_zero()
    {
        var story = AtZero(instances: 3);
        story.TakesOver();
        Assert.Empty(story.Workers());
        Assert.Equal((true, 1), (story.App().ScaledToZero, story.App().Slots.Length));
    }

    [Fact]
    public void What_was_saved_at_zero_is_resurrected_at_zero()
    {
        var story = new FleetStory();
        var spec = FleetStory.Spec(instances: 3);
        var id = story.Ask(id => new StartRequested(id, [new Target(spec.Name, NewSpec: spec) { Running = [], ScaledToZero = true }]));
        Assert.Equal(OutcomeKind.ScaledToZero, story.AnswerTo(id)!.Apps[0].Kind);
        Assert.Equal((0, 1, 3), (Scaling.InstancesOf(story.App()), story.App().Slots.Length, story.App().Spec.Instances));
    }

    private static FleetStory AtZero(int instances, AppSpec? spec = null)
    {
        var story = FleetStory.Running((spec ?? FleetStory.Spec()) with { Instances = instances });
        story.Scale(0);
        return story.LeaversExit();
    }
}
