using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>
/// <c>reload: { overlap: auto | true | false }</c>: whether an old and a new worker of one slot may run at once, whatever replaces them.
/// Null stands for auto.
/// </summary>
public sealed class OverlapTests
{
    private const string Nightly = "0 3 * * *";

    public enum Trigger
    {
        Reload,
        ReloadWithFile,
        StartWithFile,
        Memory,
        Schedule,
        Watch,
    }

    public static MatrixTheoryData<bool?, Trigger> All => new([null, true, false], Enum.GetValues<Trigger>());

    [Theory]
    [MemberData(nameof(All))]
    public void Only_without_overlap_the_old_worker_ends_before_the_new_one_is_launched(bool? overlap, Trigger trigger)
    {
        var story = Running(overlap);
        var old = story.Current(0);
        var request = Pull(story, trigger);
        Assert.Equal(overlap == false, story.App().Roll!.InPlace);
        Assert.Null(story.App().Roll!.GapBecauseOf);
        Assert.Equal(overlap == false, story.Slot(0).Newcomer is null);
        Assert.Equal(overlap == false, story.Find(old)!.Leaving is not null);
        if (overlap == false)
            story.LeaversExit();
        story.EverybodyGetsReady();
        Assert.Null(story.App().Roll);
        Assert.NotEqual(old, story.Current(0));
        Assert.DoesNotContain(story.AllOrders, order => order is CloseListener);
        if (request is { } asked)
            Assert.Equal(AnswerKind.Done, story.LeaversExit().AnswerTo(asked)!.Kind);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_new_worker_that_dies_leaves_the_old_spec_in_charge_and_says_what_ran_beside_it(bool? overlap, Trigger trigger)
    {
        var story = Running(overlap);
        var old = story.Current(0);
        var request = Pull(story, trigger);
        if (overlap == false)
            story.LeaversExit();
        story.Exits(story.Runs(story.Newcomer(0)).Newcomer(0));
        if (overlap == false)
            story.EverybodyGetsReady();
        Assert.Null(story.App().Roll);
        Assert.Equal(1, story.App().Serving);
        Assert.Equal(overlap != false, story.Current(0) == old);
        var news = Assert.Single(story.News.OfType<FleetNews.RollFailed>());
        Assert.Equal(overlap is null, news.BesideOld);
        Assert.Equal(trigger >= Trigger.Memory, news.Automatic);
        if (request is not { } asked)
            return;
        var outcome = story.AnswerTo(asked)!.Apps[0];
        Assert.Equal(OutcomeKind.RolledBack, outcome.Kind);
        Assert.Equal(overlap == false, outcome.InPlace);
        Assert.Equal(overlap is null, Assert.IsType<FailureCause.Exited>(outcome.Failures[0].Cause).BesideOld);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void After_a_death_beside_the_old_worker_the_next_automatic_roll_stops_the_old_one_first(bool? overlap, Trigger trigger)
    {
        var automatic = trigger >= Trigger.Memory;
        if (overlap == false)
            return; // it never overlaps
        var story = Running(overlap);
        var old = story.Current(0);
        Fail(story, trigger);
        Assert.Equal(automatic && overlap is null, story.App().StopFirst);

        Pull(story, trigger);
        Assert.Equal(automatic && overlap is null, story.App().Roll!.InPlace);
        story.LeaversExit().EverybodyGetsReady();
        Assert.Null(story.App().Roll);
        Assert.NotEqual(old, story.Current(0));
        Assert.False(story.App().StopFirst);
    }

    [Fact]
    public void A_command_overlaps_also_after_an_automatic_roll_has_failed()
    {
        var story = Running(overlap: null);
        Fail(story, Trigger.Watch);
        story.Reload();
        Assert.False(story.App().Roll!.InPlace);
        story.EverybodyGetsReady();
        Assert.False(story.App().StopFirst);
    }

    [Fact]
    public void A_restart_forgets_that_a_new_worker_died_beside_the_old_one()
    {
        var story = Running(overlap: null);
        Fail(story, Trigger.Watch);
        story.Restart();
        story.LeaversExit().EverybodyGetsReady();
        Assert.False(story.App().StopFirst);
    }

    [Fact]
    public void A_new_worker_that_dies_also_without_the_old_one_makes_the_next_roll_overlap_again()
    {
        var story = Running(overlap: null);
        Fail(story, Trigger.Watch);
        Pull(story, Trigger.Watch);
        story.LeaversExit();
        story.Exits(story.Runs(story.Newcomer(0)).Newcomer(0)).EverybodyGetsReady();
        Assert.False(story.App().StopFirst);
        Pull(story, Trigger.Watch);
        Assert.False(story.App().Roll!.InPlace);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(false, true)]
    [InlineData(null, false)]
    public void The_old_and_the_new_spec_must_both_allow_an_overlap(bool? before, bool? after)
    {
        var story = Running(before);
        story.Reload(spec: Spec(after));
        Assert.True(story.App().Roll!.InPlace);
    }

    [Fact]
    public void A_program_that_binds_its_own_port_cannot_overlap_and_the_answer_says_so()
    {
        var story = FleetStory.Running(Spec(true) with { Listen = [], Ready = new ReadyRule { MinReady = TimeSpan.Zero } });
        story.Happens(new WorkerBindsOwnPort(story.Current(0), [":3000"]));
        var reload = story.Reload();
        Assert.True(story.App().Roll!.InPlace);
        story.LeaversExit();
        var newcomer = story.Newcomer(0);
        story.Runs(newcomer).Happens(new WorkerBindsOwnPort(newcomer, [":3000"])).UntilReady(newcomer);
        var outcome = story.AnswerTo(reload)!.Apps[0];
        Assert.Equal((":3000", true), (outcome.GapBecauseOf, outcome.OverlapAsked));
    }

    [Fact]
    public void Slots_are_replaced_one_by_one()
    {
        var story = Running(overlap: false, instances: 2);
        var (first, second) = (story.Current(0), story.Current(1));
        story.Reload();
        Assert.NotNull(story.Find(first)!.Leaving);
        Assert.Null(story.Find(second)!.Leaving);
        story.LeaversExit().EverybodyGetsReady();
        Assert.NotNull(story.Find(second)!.Leaving);
    }

    /// <summary>The socket is ours, so the successor would start at once.</summary>
    [Fact]
    public void What_a_crashed_worker_has_left_behind_holds_up_its_successor()
    {
        var story = Running(overlap: false);
        var old = story.Current(0);
        story.Later(TimeSpan.FromMinutes(1));
        story.Happens(new WorkerExited(old, new ExitStatus(1)) { Rest = new TreeRest(["sh"]) });
        Assert.Null(story.Slot(0).Current);
        story.Happens(new WorkerTreeEnded(old));
        Assert.NotNull(story.Slot(0).Current);
    }

    /// <summary>Connections wait on the socket meanwhile: the old worker does not keep idle ones for its whole drain.</summary>
    [Fact]
    public void Idle_connections_of_the_old_worker_are_kept_as_short_as_in_a_restart()
    {
        var story = Running(overlap: false);
        story.Happens(new WorkerOpenedChannel(story.Current(0)));
        story.Reload();
        Assert.Equal(Leaving.IdleWhenAbrupt, Assert.Single(story.Orders.OfType<TellDrain>()).Order.Idle);
    }

    private static void Fail(FleetStory story, Trigger trigger)
    {
        Pull(story, trigger);
        story.Exits(story.Runs(story.Newcomer(0)).Newcomer(0));
        Assert.Null(story.App().Roll);
    }

    private static RequestId? Pull(FleetStory story, Trigger trigger)
    {
        var app = new AppName("api");
        var spec = story.App().Spec;
        spec = spec with { Launch = spec.Launch with { Environment = [new EnvironmentVariable("N", story.Now.Ticks.ToString(System.Globalization.CultureInfo.InvariantCulture))] } };
        switch (trigger)
        {
            case Trigger.Reload:
                return story.Reload();
            case Trigger.ReloadWithFile:
                return story.Reload(spec: spec);
            case Trigger.StartWithFile:
                return story.Start(spec);
            case Trigger.Memory:
                story.Later(Upkeep.NextTryAfter).Happens(new WorkerOverMemory(story.Current(0), 101));
                return null;
            case Trigger.Schedule:
                story.Happens(new CronCame(app, Nightly));
                return null;
            default:
                story.Happens(new FilesChanged(app, "/srv/app.js"));
                return null;
        }
    }

    private static FleetStory Running(bool? overlap, int instances = 1) => FleetStory.Running(Spec(overlap) with { Instances = instances });

    private static AppSpec Spec(bool? overlap) => FleetStory.Spec() with
    {
        Reload = new ReloadRule { Overlap = overlap },
        Upkeep = new UpkeepRule { MaxMemoryBytes = 100, Cron = Nightly, Watch = new WatchRule { Paths = ["/srv"] } },
    };
}
