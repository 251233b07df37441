using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>Memory, schedule and changed files: an app's own rules, carried out by the same roll as a reload.</summary>
public sealed class UpkeepTests
{
    private const string Nightly = "0 3 * * *";

    private static readonly UpkeepRule Rules = new()
    {
        MaxMemoryBytes = 100,
        Cron = Nightly,
        Watch = new WatchRule { Paths = ["/srv"] },
    };

    [Fact]
    public void A_worker_over_its_memory_is_replaced_by_a_newcomer_beside_it()
    {
        var story = Running(instances: 2);
        var (large, other) = (story.Current(0), story.Current(1));
        story.Happens(new WorkerOverMemory(large, 101));
        Assert.Null(story.Find(large)!.Leaving);

        story.EverybodyGetsReady();
        Assert.Equal(DrainReason.Reload, story.Find(large)!.Leaving);
        Assert.Equal(other, story.Current(1));
        Assert.Equal(1, story.Slot(0).Restarts);
        Assert.Equal(0, story.Slot(1).Restarts);
        Assert.Contains(story.News, news => news is FleetNews.OverMemory { Slot: 0, Bytes: 101, Limit: 100 });
    }

    [Fact]
    public void A_worker_within_its_memory_or_without_a_limit_stays()
    {
        var story = Running();
        story.Happens(new WorkerOverMemory(story.Current(0), 100));
        Assert.Empty(story.Orders);

        var free = FleetStory.Running(FleetStory.Spec());
        free.Happens(new WorkerOverMemory(free.Current(0), 1_000_000));
        Assert.Empty(free.Orders);
    }

    [Fact]
    public void Two_workers_over_their_memory_are_replaced_one_after_the_other()
    {
        var story = Running(instances: 2);
        story.Happens(new WorkerOverMemory(story.Current(0), 101));
        story.Happens(new WorkerOverMemory(story.Current(1), 101));
        Assert.Null(story.Slot(1).Newcomer);

        story.EverybodyGetsReady();
        story.Happens(new WorkerOverMemory(story.Current(1), 101));
        Assert.NotNull(story.Slot(1).Newcomer);
    }

    [Fact]
    public void When_the_newcomer_fails_the_large_worker_serves_on_and_is_left_alone_for_a_minute()
    {
        var story = Running();
        var large = story.Current(0);
        story.Happens(new WorkerOverMemory(large, 101));
        story.Exits(story.Runs(story.Newcomer(0)).Newcomer(0));
        Assert.Equal(large, story.Current(0));
        Assert.Null(story.Find(large)!.Leaving);

        story.Later(Upkeep.NextTryAfter / 2).Happens(new WorkerOverMemory(large, 101));
        Assert.Null(story.Slot(0).Newcomer);
        story.Later(Upkeep.NextTryAfter / 2).Happens(new WorkerOverMemory(large, 101));
        Assert.NotNull(story.App().Roll);
    }

    [Fact]
    public void A_program_that_binds_its_own_port_is_restarted_in_place_for_its_memory()
    {
        var story = Running(port: null);
        var large = story.Current(0);
        story.Happens(new WorkerBindsOwnPort(large, [":3000"])).Happens(new WorkerOverMemory(large, 101));
        Assert.Null(story.Slot(0).Newcomer);
        Assert.NotNull(story.Find(large)!.Leaving);
        story.LeaversExit();
        Assert.NotNull(story.Slot(0).Newcomer);
    }

    [Fact]
    public void A_schedule_rolls_the_whole_app()
    {
        var story = Running(instances: 2);
        var old = story.Current(0);
        story.Happens(new CronCame(new AppName("api"), Nightly));
        story.EverybodyGetsReady();
        Assert.Equal(DrainReason.Reload, story.Find(old)!.Leaving);
        Assert.All(story.App().Slots, slot => Assert.Equal(1, slot.Restarts));
    }

    [Fact]
    public void A_schedule_starts_what_is_stopped()
    {
        var story = Running();
        story.Stop();
        story.LeaversExit();
        story.Happens(new CronCame(new AppName("api"), Nightly)).ListenersOpen().EverybodyGetsReady();
        Assert.Equal(WorkerPhase.Ready, story.Slot(0).Phase);
    }

    [Fact]
    public void A_schedule_that_comes_during_a_roll_is_skipped_and_said()
    {
        var story = Running();
        story.Reload();
        var newcomer = story.Newcomer(0);
        story.Happens(new CronCame(new AppName("api"), Nightly));
        Assert.Equal(newcomer, story.Newcomer(0));
        Assert.Contains(story.News, news => news is FleetNews.ScheduleSkipped);
        story.EverybodyGetsReady();
        Assert.Null(story.App().Roll);
    }

    [Fact]
    public void A_schedule_does_not_get_in_the_way_of_a_stop()
    {
        var story = Running();
        var stop = story.Stop();
        story.Happens(new CronCame(new AppName("api"), Nightly));
        story.LeaversExit();
        Assert.Equal(OutcomeKind.Stopped, story.AnswerTo(stop)!.Apps[0].Kind);
        Assert.Equal(WorkerPhase.Stopped, story.Slot(0).Phase);
    }

    [Fact]
    public void The_moment_of_an_earlier_schedule_is_old_news()
    {
        var story = Running();
        story.Happens(new CronCame(new AppName("api"), "* * * * *"));
        Assert.Empty(story.Orders);
    }

    [Fact]
    public void Changed_files_roll_the_app()
    {
        var story = Running();
        story.Happens(new FilesChanged(new AppName("api"), "/srv/api.js"));
        Assert.NotNull(story.Slot(0).Newcomer);
        Assert.Contains(story.News, news => news is FleetNews.ChangeDetected { Path: "/srv/api.js" });
    }

    [Fact]
    public void Files_that_change_during_a_roll_are_taken_up_after_it()
    {
        var story = Running();
        var reload = story.Reload();
        var first = story.Newcomer(0);
        story.Happens(new FilesChanged(new AppName("api"), "/srv/api.js"));
        Assert.Equal(first, story.Newcomer(0));

        story.GetsReady(first);
        Assert.Equal(OutcomeKind.Reloaded, story.AnswerTo(reload)!.Apps[0].Kind);
        Assert.Equal(first, story.Current(0));
        Assert.NotNull(story.Slot(0).Newcomer);
    }

    [Fact]
    public void Changed_files_do_not_start_what_the_user_has_stopped()
    {
        var story = Running();
        story.Stop();
        story.LeaversExit();
        story.Happens(new FilesChanged(new AppName("api"), "/srv/api.js"));
        Assert.Empty(story.Orders);
        Assert.Equal(WorkerPhase.Stopped, story.Slot(0).Phase);
    }

    [Fact]
    public void Changed_files_try_again_what_had_given_up()
    {
        var story = FleetStory.Running(FleetStory.Spec(port: null, sign: ReadySign.Spoken) with { Upkeep = Rules, Restart = new RestartRule { MaxRestarts = 1 } });
        story.Runs(story.Current(0)).Exits(story.Current(0));
        Assert.Equal(WorkerPhase.Errored, story.Slot(0).Phase);
        story.Happens(new FilesChanged(new AppName("api"), "/srv/api.js"));
        Assert.Equal(WorkerPhase.Starting, story.Slot(0).Phase);
        Assert.NotNull(story.Slot(0).Current);
    }

    [Fact]
    public void Watching_is_switched_off_and_on_again_without_a_roll()
    {
        var story = Running();
        var off = story.Ask(id => new WatchRequested(id, [new Target(new AppName("api"))], null));
        Assert.Equal(OutcomeKind.Unwatched, story.AnswerTo(off)!.Apps[0].Kind);
        story.Happens(new FilesChanged(new AppName("api"), "/srv/api.js"));
        Assert.Empty(story.Orders);

        var on = story.Ask(id => new WatchRequested(id, [new Target(new AppName("api"))], null));
        Assert.Equal(OutcomeKind.Watched, story.AnswerTo(on)!.Apps[0].Kind);
        Assert.Equal(["/srv"], story.App().Spec.Upkeep.Watch!.Paths);
        Assert.Null(story.App().Roll);
    }

    [Fact]
    public void Watching_is_switched_on_for_a_stopped_app_whatever_it_was()
    {
        var story = Running();
        story.Ask(id => new StopRequested(id, [new Target(new AppName("api"))]));
        story.Exits(story.Current(0));
        foreach (var again in new[] { 1, 2 })
        {
            var on = story.Ask(id => new WatchRequested(id, [new Target(new AppName("api"))], null));
            Assert.Equal((again, OutcomeKind.Watched), (again, story.AnswerTo(on)!.Apps[0].Kind));
            Assert.True(story.App().Spec.Upkeep.Watch!.Enabled);
        }

        var off = story.Ask(id => new WatchRequested(id, [new Target(new AppName("api"))], false));
        Assert.Equal(OutcomeKind.Unwatched, story.AnswerTo(off)!.Apps[0].Kind);
    }

    [Fact]
    public void Without_treekill_only_the_worker_itself_is_killed()
    {
        var story = FleetStory.Running(FleetStory.Spec() with { Stop = new StopRule { WholeTree = false } });
        story.Stop();
        story.Passes(DeadlineKind.Kill);
        Assert.Contains(new SignalWorker(story.Current(0), "SIGKILL", WholeGroup: false), story.Orders);
        story.LeaversExit();
        Assert.DoesNotContain(story.AllOrders, order => order is SignalWorker { WholeGroup: true });
    }

    private static FleetStory Running(int instances = 1, int? port = 4000) =>
        FleetStory.Running(FleetStory.Spec(instances: instances, port: port) with { Upkeep = Rules });
}
