using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>What stays of a failure after its command was answered: why a worker failed, and why the last roll did.</summary>
public sealed class KeptFailureTests
{
    [Fact]
    public void An_errored_slot_keeps_its_cause_with_the_last_words()
    {
        var story = FleetStory.Running(FleetStory.Spec() with { Restart = new RestartRule { MaxRestarts = 1 } });
        Dies(story, story.Current(0));
        var cause = Assert.IsType<FailureCause.GaveUp>(story.Slot(0).LastFailure);
        Assert.Equal(["no database"], FailureCause.WordsOf(cause));
    }

    [Fact]
    public void A_roll_that_failed_stays_known_until_one_succeeds()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        story.Reload();
        Dies(story.Runs(story.Newcomer(0)), story.Newcomer(0));
        story.LeaversExit();
        var failed = story.App().FailedRoll!;
        Assert.Equal((2, 0), (failed.Generation, Assert.Single(failed.Failures).Slot));
        Assert.Equal(["no database"], FailureCause.WordsOf(failed.Failures[0].Cause));

        story.Scale(3);
        story.EverybodyGetsReady();
        Assert.NotNull(story.App().FailedRoll);
        story.Reload();
        story.EverybodyGetsReady().LeaversExit();
        Assert.Null(story.App().FailedRoll);
    }

    [Fact]
    public void A_restart_of_the_app_forgets_the_roll_that_failed()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        story.Reload();
        Dies(story.Runs(story.Newcomer(0)), story.Newcomer(0));
        story.Restart();
        Assert.Null(story.App().FailedRoll);
    }

    [Fact]
    public void A_roll_that_another_command_ended_did_not_fail()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        story.Reload();
        story.Stop();
        Assert.Null(story.App().FailedRoll);
    }

    [Fact]
    public void Of_a_roll_with_many_failures_the_first_are_kept()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 6));
        story.Reload();
        foreach (var slot in Enumerable.Range(0, 6))
            story.Happens(new WorkerSpawned(story.Newcomer(slot), 2000 + slot));
        foreach (var slot in Enumerable.Range(0, 6).Where(slot => story.Slot(slot).Newcomer is not null))
            story.Happens(new LaunchFailed(story.Newcomer(slot), new LaunchProblem("execve", 2, "no such program")));
        Assert.InRange(story.App().FailedRoll!.Failures.Length, 1, FailedRoll.MostFailures);
    }

    [Fact]
    public void A_worker_that_ended_while_there_was_no_daemon_keeps_its_last_words()
    {
        var story = FleetStory.Running(FleetStory.Spec() with { Restart = new RestartRule { Delay = TimeSpan.FromSeconds(5) } });
        story.TakesOver((_, process) => process with { Stage = KeptStage.Exited, Exit = new ExitStatus(1), LastWords = ["no database"] });
        Assert.Equal(["no database"], FailureCause.WordsOf(story.Slot(0).LastFailure!));
    }

    private static void Dies(FleetStory story, WorkerId worker) => story.Happens(new WorkerExited(worker, new ExitStatus(1)) { LastWords = ["no database"] });
}
