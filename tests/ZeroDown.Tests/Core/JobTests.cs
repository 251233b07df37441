using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>A program that ends on purpose: exit 0 with <c>autorestart: false</c>, or a code of <c>stop_exit_codes</c>.</summary>
public sealed class JobTests
{
    private const string Nightly = "0 3 * * *";

    [Theory]
    [InlineData(false, 0, new int[0], true)]
    [InlineData(false, 3, new[] { 3 }, true)]
    [InlineData(true, 0, new[] { 0 }, true)]
    [InlineData(true, 3, new[] { 3 }, false)]
    [InlineData(false, 3, new int[0], false)]
    [InlineData(false, 1, new[] { 3 }, false)]
    public void A_start_of_a_program_that_ends_at_once_is_judged_by_its_exit_code(bool autorestart, int code, int[] stopExitCodes, bool good)
    {
        var story = new FleetStory();
        var request = story.Start(Job() with { Restart = new RestartRule { Autorestart = autorestart, StopExitCodes = stopExitCodes.ToEquatableArray() } });
        story.Exits(story.Runs(story.Current(0)).Current(0), code);
        var answer = story.AnswerTo(request)!;
        Assert.Equal(good ? OutcomeKind.Started : OutcomeKind.Failed, answer.Apps[0].Kind);
        Assert.Equal(good ? [new SlotEnd(0, 0, code)] : [], answer.Apps[0].EndedWell);
        Assert.Equal(WorkerPhase.Stopped, story.Slot(0).Phase);
        Assert.Equal(code, story.Slot(0).LastExit!.Code);
        Assert.Equal(good, story.Slot(0).LastFailure is null);
        Assert.Equal(good ? 0 : 1, story.Slot(0).Crashes);
    }

    [Fact]
    public void A_job_that_is_killed_has_failed()
    {
        var story = new FleetStory();
        var request = story.Start(Job());
        story.Runs(story.Current(0)).Happens(new WorkerExited(story.Current(0), new ExitStatus(0, "SIGSEGV")));
        Assert.Equal(OutcomeKind.Failed, story.AnswerTo(request)!.Apps[0].Kind);
    }

    [Fact]
    public void A_job_that_ends_before_the_keeper_says_that_it_runs_is_a_success()
    {
        var story = new FleetStory();
        var request = story.Start(Job());
        story.Happens(new WorkerSpawned(story.Current(0), 1000)).Exits(story.Current(0), 0);
        Assert.Equal(OutcomeKind.Started, story.AnswerTo(request)!.Apps[0].Kind);
    }

    [Theory]
    [InlineData(ReadySign.Spoken)]
    [InlineData(ReadySign.SpokenStrict)]
    public void Exit_code_0_before_the_ready_word_is_a_failed_start(ReadySign sign)
    {
        var story = new FleetStory();
        var request = story.Start(Job() with { Ready = new ReadyRule { Sign = sign } });
        story.Exits(story.Runs(story.Current(0)).Current(0), 0);
        Assert.Equal(ExitMeaning.ShouldServe, Assert.IsType<FailureCause.Exited>(story.AnswerTo(request)!.Apps[0].Failures[0].Cause).Meaning);
    }

    [Fact]
    public void Exit_code_0_of_an_app_with_a_listener_is_a_failed_start()
    {
        var story = new FleetStory();
        var request = story.Start(FleetStory.Spec() with { Restart = new RestartRule { Autorestart = false } });
        story.ListenersOpen();
        story.Exits(story.Runs(story.Current(0)).Current(0), 0);
        Assert.Equal(OutcomeKind.Failed, story.AnswerTo(request)!.Apps[0].Kind);
    }

    [Theory]
    [InlineData(1, true, OutcomeKind.Started)]
    [InlineData(1, false, OutcomeKind.Failed)]
    [InlineData(2, true, OutcomeKind.Failed)]
    public void In_cluster_mode_a_job_is_known_by_one_instance_and_no_word_about_the_mode(int instances, bool implied, OutcomeKind outcome)
    {
        var story = new FleetStory();
        var request = story.Start(Job() with
        {
            Launch = Job().Launch with { Runtime = Runtime.Node },
            Instances = instances,
            ExecMode = ExecMode.Cluster,
            ClusterImplied = implied,
            Ready = new ReadyRule { Sign = ReadySign.Listening },
        });
        for (var slot = 0; slot < instances; slot++)
            story.Exits(story.Runs(story.Current(slot)).Current(slot), 0);
        Assert.Equal(outcome, story.AnswerTo(request)!.Apps[0].Kind);
    }

    [Fact]
    public void Exit_code_0_of_a_worker_that_listened_is_a_failed_start()
    {
        var story = new FleetStory();
        var request = story.Start(Job());
        story.Runs(story.Current(0)).Happens(new WorkerBindsOwnPort(story.Current(0), [":3000"])).Exits(story.Current(0), 0);
        Assert.Equal(OutcomeKind.Failed, story.AnswerTo(request)!.Apps[0].Kind);
    }

    [Fact]
    public void Exit_code_0_of_an_app_that_is_restarted_gets_the_advice_for_jobs()
    {
        var story = new FleetStory();
        var request = story.Start(Job() with { Restart = new RestartRule { MaxRestarts = 0 } });
        story.Exits(story.Runs(story.Current(0)).Current(0), 0);
        Assert.Equal(OutcomeKind.Failed, story.AnswerTo(request)!.Apps[0].Kind);
        Assert.Equal(WorkerPhase.Errored, story.Slot(0).Phase);
    }

    [Fact]
    public void Jobs_and_workers_that_run_on_are_told_apart_in_one_answer()
    {
        var story = new FleetStory();
        var request = story.Start(Job() with { Instances = 2 });
        story.Exits(story.Runs(story.Current(0)).Current(0), 0);
        Assert.Null(story.AnswerTo(request));
        story.Runs(story.Current(1)).Passes(DeadlineKind.Settle, story.Current(1));
        Assert.Equal([new SlotEnd(0, 0, 0)], story.AnswerTo(request)!.Apps[0].EndedWell);
        Assert.Equal(AnswerKind.Done, story.AnswerTo(request)!.Kind);
    }

    [Fact]
    public void A_restart_runs_a_job_again()
    {
        var story = Ended();
        var request = story.Restart();
        Assert.False(story.Slot(0).EndedWell);
        story.Exits(story.Runs(story.Current(0)).Current(0), 0);
        Assert.Equal(OutcomeKind.Restarted, story.AnswerTo(request)!.Apps[0].Kind);
    }

    [Fact]
    public void A_schedule_runs_a_job_again_and_a_bad_end_is_a_failure()
    {
        var story = Ended();
        story.Happens(new CronCame(new AppName("api"), Nightly));
        story.Exits(story.Runs(story.Current(0)).Current(0), 1);
        Assert.NotNull(story.Slot(0).LastFailure);
        Assert.False(story.Slot(0).EndedWell);
        story.Happens(new CronCame(new AppName("api"), Nightly));
        story.Exits(story.Runs(story.Current(0)).Current(0), 0);
        Assert.True(story.Slot(0).EndedWell);
        Assert.Null(story.Slot(0).LastFailure);
    }

    [Fact]
    public void A_saved_job_that_ends_at_once_is_a_success_at_boot()
    {
        var story = new FleetStory();
        var request = story.Ask(id => new StartRequested(id, [new Target(new AppName("api"), NewSpec: Job()) { Running = [0] }]));
        story.Exits(story.Runs(story.Current(0)).Current(0), 0);
        Assert.Equal(AnswerKind.Done, story.AnswerTo(request)!.Kind);
    }

    [Fact]
    public void A_job_that_ends_while_no_daemon_is_there_is_a_success()
    {
        var story = new FleetStory();
        var request = story.Start(Job());
        story.Runs(story.Current(0));
        story.TakesOver((_, process) => process with { Stage = KeptStage.Exited, Exit = new ExitStatus(0), EndedAt = story.Now });
        Assert.Equal(OutcomeKind.Started, story.AnswerTo(request)!.Apps[0].Kind);
        Assert.True(story.Slot(0).EndedWell);
    }

    [Fact]
    public void A_newcomer_that_is_a_job_and_ends_well_replaces_the_old_worker()
    {
        var story = Running();
        var old = story.Current(0);
        var request = story.Reload();
        story.Exits(story.Runs(story.Newcomer(0)).Newcomer(0), 0);
        Assert.Null(story.App().Roll);
        Assert.Equal(DrainReason.Reload, story.Find(old)!.Leaving);
        Assert.True(story.Slot(0).EndedWell);
        Assert.Equal(1, story.Slot(0).Restarts);
        story.LeaversExit();
        Assert.Equal(OutcomeKind.Reloaded, story.AnswerTo(request)!.Apps[0].Kind);
        Assert.Equal([new SlotEnd(0, 0, 0)], story.AnswerTo(request)!.Apps[0].EndedWell);
        Assert.Equal(2, story.App().Serving);
        Assert.Empty(story.Workers());
        Assert.Equal(WorkerPhase.Stopped, story.Slot(0).Phase);
    }

    [Fact]
    public void A_batch_waits_for_its_other_newcomer_when_one_has_ended_well()
    {
        var story = Running(instances: 2);
        story.Reload();
        story.Exits(story.Runs(story.Newcomer(0)).Newcomer(0), 0);
        Assert.NotNull(story.App().Roll);
        Assert.Null(story.Slot(0).Newcomer);
        Assert.Null(story.Find(story.Current(0))!.Leaving);
        story.Runs(story.Newcomer(1)).Passes(DeadlineKind.Settle, story.Newcomer(1));
        Assert.Null(story.App().Roll);
        Assert.True(story.Slot(0).EndedWell);
        Assert.Equal(WorkerPhase.Ready, story.Slot(1).Phase);
    }

    [Fact]
    public void When_the_other_newcomer_of_the_batch_fails_the_old_workers_stay()
    {
        var story = Running(instances: 2);
        var old = story.Current(0);
        var request = story.Reload();
        story.Exits(story.Runs(story.Newcomer(0)).Newcomer(0), 0);
        story.Exits(story.Runs(story.Newcomer(1)).Newcomer(1), 1);
        Assert.Equal(OutcomeKind.RolledBack, story.AnswerTo(request)!.Apps[0].Kind);
        Assert.Equal(old, story.Current(0));
        Assert.Null(story.Find(old)!.Leaving);
        Assert.False(story.Slot(0).EndedWell);
    }

    /// <summary>Seed 2926 of the simulation.</summary>
    [Fact]
    public void A_slot_that_is_rolled_back_after_its_job_has_ended_well_runs_the_old_spec_again()
    {
        var story = new FleetStory();
        story.Start(Job() with { Instances = 2, Reload = new ReloadRule { Surge = 1 } });
        foreach (var worker in story.Starting())
            story.Runs(worker).Passes(DeadlineKind.Settle, worker);
        story.Reload();
        story.Exits(story.Runs(story.Newcomer(0)).Newcomer(0), 0);
        Assert.True(story.Slot(0).EndedWell);
        story.LeaversExit();
        story.Exits(story.Runs(story.Newcomer(1)).Newcomer(1), 1);
        Assert.False(story.Slot(0).EndedWell);
        Assert.True(story.Slot(0).Wanted);
        Assert.Equal(1, story.Find(story.Newcomer(0))!.Generation);
    }

    [Fact]
    public void A_newcomer_that_ends_well_fails_the_roll_when_its_predecessor_listened()
    {
        var story = Running();
        story.Happens(new WorkerBindsOwnPort(story.Current(0), [":3000"]));
        var request = story.Reload();
        story.LeaversExit();
        story.Exits(story.Runs(story.Newcomer(0)).Newcomer(0), 0);
        var back = story.Newcomer(0);
        story.Runs(back).Happens(new WorkerBindsOwnPort(back, [":3000"])).UntilReady(back);
        var answer = story.AnswerTo(request)!;
        Assert.Equal(OutcomeKind.RolledBack, answer.Apps[0].Kind);
        Assert.Equal(ExitMeaning.ShouldServe, Assert.IsType<FailureCause.Exited>(answer.Apps[0].Failures[0].Cause).Meaning);
    }

    [Fact]
    public void Reload_with_a_file_records_a_job_between_two_runs_and_does_not_run_it()
    {
        var story = Ended();
        var launches = story.AllOrders.OfType<LaunchWorker>().Count();
        var changed = Job() with { Upkeep = new UpkeepRule { Cron = "0 4 * * *" } };
        var request = story.Reload(spec: changed);
        Assert.Equal(AnswerKind.Done, story.AnswerTo(request)!.Kind);
        Assert.Equal(OutcomeKind.Recorded, story.AnswerTo(request)!.Apps[0].Kind);
        Assert.Equal("0 4 * * *", story.App().Spec.Upkeep.Cron);
        Assert.Equal(launches, story.AllOrders.OfType<LaunchWorker>().Count());
        Assert.Equal(OutcomeKind.Unchanged, story.AnswerTo(story.Reload(spec: changed))!.Apps[0].Kind);
    }

    [Fact]
    public void Reload_records_a_job_that_was_stopped_or_has_failed_too()
    {
        var story = Ended();
        story.Stop();
        Assert.Equal(OutcomeKind.Recorded, story.AnswerTo(story.Reload(spec: Job() with { Namespace = "one" }))!.Apps[0].Kind);
        story.Happens(new CronCame(new AppName("api"), Nightly));
        story.Exits(story.Runs(story.Current(0)).Current(0), 1);
        Assert.Equal(OutcomeKind.Recorded, story.AnswerTo(story.Reload(spec: Job() with { Namespace = "two" }))!.Apps[0].Kind);
    }

    [Fact]
    public void Reload_of_a_job_at_rest_without_a_file_and_of_a_stopped_service_is_refused()
    {
        var story = Ended();
        Assert.Equal(OutcomeKind.RefusedStopped, story.AnswerTo(story.Reload())!.Apps[0].Kind);

        var service = FleetStory.Running(FleetStory.Spec());
        service.Stop();
        service.LeaversExit();
        Assert.Equal(OutcomeKind.RefusedStopped, service.AnswerTo(service.Reload(spec: FleetStory.Spec() with { Namespace = "new" }))!.Apps[0].Kind);
    }

    [Fact]
    public void A_change_of_watched_files_runs_a_job_again()
    {
        var watching = Job() with { Upkeep = new UpkeepRule { Watch = new WatchRule { Paths = ["/srv"] } } };
        var story = new FleetStory();
        story.Start(watching);
        story.Exits(story.Runs(story.Current(0)).Current(0), 0);
        story.Happens(new FilesChanged(new AppName("api"), "/srv/a"));
        Assert.NotNull(story.Slot(0).Current);
    }

    private static AppSpec Job() => FleetStory.Spec(port: null, sign: ReadySign.Settled) with
    {
        Ready = new ReadyRule { Sign = ReadySign.Settled },
        Restart = new RestartRule { Autorestart = false },
        Upkeep = new UpkeepRule { Cron = Nightly },
    };

    private static FleetStory Ended()
    {
        var story = new FleetStory();
        story.Start(Job());
        story.Exits(story.Runs(story.Current(0)).Current(0), 0);
        Assert.True(story.Slot(0).EndedWell);
        return story;
    }

    /// <summary>Jobs that take longer than a start waits.</summary>
    private static FleetStory Running(int instances = 1)
    {
        var story = new FleetStory();
        story.Start(Job() with { Instances = instances });
        foreach (var worker in story.Starting())
            story.Runs(worker).Passes(DeadlineKind.Settle, worker);
        return story;
    }
}
