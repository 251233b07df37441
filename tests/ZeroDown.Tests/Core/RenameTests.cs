using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

public class RenameTests
{
    private static readonly AppSpec Renamed = FleetStory.Spec("new");

    [Fact]
    public void A_restart_gives_an_app_another_name_and_keeps_its_id_and_counter()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        var id = story.Slot(0).PmId;
        var restart = story.Restart(spec: Renamed);
        story.LeaversExit().EverybodyGetsReady();

        Assert.Null(story.State.Find(new AppName("api")));
        Assert.Equal((id, 1), (story.Slot(0, "new").PmId, story.Slot(0, "new").Restarts));
        Assert.Equal((new AppName("new"), OutcomeKind.Restarted), (story.AnswerTo(restart)!.Apps[0].App, story.AnswerTo(restart)!.Apps[0].Kind));
    }

    [Fact]
    public void A_worker_that_ignores_its_signal_is_killed_although_its_app_was_renamed_meanwhile()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        var old = story.Current(0);
        story.Restart(spec: Renamed);
        story.Passes(DeadlineKind.Kill, old);
        Assert.Contains(story.Orders, order => order is SignalWorker { Signal: "SIGKILL" } signal && signal.Worker == old);
    }

    [Fact]
    public void A_deadline_that_was_armed_under_the_old_name_counts_under_the_new_one()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        var old = story.Current(0);
        var stop = story.Stop();
        story.Restart(spec: Renamed);
        Assert.Contains(story.Orders, order => order is ArmDeadline { Deadline.App.Value: "new" } arm && arm.Deadline.Worker == old);

        story.LeaversExit().EverybodyGetsReady();
        Assert.Equal(OutcomeKind.Superseded, story.AnswerTo(stop)!.Apps[0].Kind);
    }

    [Fact]
    public void A_name_that_another_app_has_is_refused_and_nothing_is_touched()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        story.Start(FleetStory.Spec("new", port: 4001));
        var restart = story.Restart(spec: Renamed);
        Assert.Equal(OutcomeKind.RefusedRename, story.AnswerTo(restart)!.Apps[0].Kind);
        Assert.Null(story.Find(story.Current(0))!.Leaving);
    }

    [Fact]
    public void A_single_slot_cannot_leave_its_app_by_a_new_name()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        var restart = story.Ask(id => new RestartRequested(id, [new Target(new AppName("api"), [0], Renamed)]));
        Assert.Equal(OutcomeKind.RefusedRename, story.AnswerTo(restart)!.Apps[0].Kind);
    }

    [Fact]
    public void A_reload_renames_nothing()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        Assert.Equal(OutcomeKind.RefusedRename, story.AnswerTo(story.Reload(spec: Renamed))!.Apps[0].Kind);
    }
}
