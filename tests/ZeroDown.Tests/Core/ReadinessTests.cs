using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>When a worker counts as ready, with the waits that are standard and with <c>min_ready</c>.</summary>
public sealed class ReadinessTests
{
    private static readonly WorkerId First = new(1);

    [Fact]
    public void Without_a_listener_a_worker_of_a_start_counts_after_one_second()
    {
        var story = Launched(Silent());
        Assert.Equal(TimeSpan.FromSeconds(1), story.Wait(DeadlineKind.Settle, First));
        Assert.Equal(WorkerPhase.Starting, story.Slot(0).Phase);
        story.Passes(DeadlineKind.Settle, First);
        Assert.Equal(WorkerPhase.Ready, story.Slot(0).Phase);
    }

    [Fact]
    public void Without_a_listener_a_newcomer_of_a_roll_counts_after_three_seconds_and_the_old_worker_stays_until_then()
    {
        var story = Launched(Silent()).Passes(DeadlineKind.Settle, First);
        story.Reload();
        story.Runs(story.Newcomer(0));
        Assert.Equal(TimeSpan.FromSeconds(3), story.Wait(DeadlineKind.Settle, story.Newcomer(0)));
        Assert.Null(story.Find(First)!.Leaving);
        story.Passes(DeadlineKind.Settle, story.Newcomer(0));
        Assert.Equal(DrainReason.Reload, story.Find(First)!.Leaving);
    }

    [Fact]
    public void A_newcomer_that_ends_before_its_three_seconds_fails_the_roll_and_the_old_worker_is_kept()
    {
        var story = Launched(Silent()).Passes(DeadlineKind.Settle, First);
        var reload = story.Reload();
        story.Runs(story.Newcomer(0)).Later(TimeSpan.FromSeconds(2)).Exits(story.Newcomer(0));
        Assert.Equal(AnswerKind.RollFailed, story.AnswerTo(reload)!.Kind);
        Assert.Null(story.Find(First)!.Leaving);
    }

    [Fact]
    public void A_start_of_a_program_that_ends_before_its_second_fails()
    {
        var story = new FleetStory();
        var start = story.Start(Silent() with { Restart = new RestartRule { Autorestart = false } });
        story.Runs(First).Later(TimeSpan.FromMilliseconds(600)).Exits(First);
        Assert.Equal(AnswerKind.Failed, story.AnswerTo(start)!.Kind);
    }

    [Theory]
    [InlineData(3000)]
    [InlineData(1000)]
    [InlineData(100)]
    public void Min_ready_does_not_count_against_listen_timeout(int listenTimeout)
    {
        var story = new FleetStory();
        var start = story.Start(Silent(listenTimeout));
        story.Runs(First).UntilReady(First);
        Assert.Equal(AnswerKind.Done, story.AnswerTo(start)!.Kind);

        var reload = story.Reload();
        var newcomer = story.Newcomer(0);
        story.Runs(newcomer).UntilReady(newcomer);
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);
    }

    /// <summary>3000 ms is pm2's own default, and stands in many files.</summary>
    [Theory]
    [InlineData(3000)]
    [InlineData(1000)]
    [InlineData(100)]
    public void A_worker_of_a_Node_cluster_that_never_listens_is_a_success_with_a_short_listen_timeout(int listenTimeout)
    {
        var story = new FleetStory();
        var start = story.Start(InCluster(listenTimeout));
        story.Runs(First).UntilReady(First);
        Assert.Equal(AnswerKind.Done, story.AnswerTo(start)!.Kind);

        var reload = story.Reload();
        var newcomer = story.Newcomer(0);
        story.Runs(newcomer).UntilReady(newcomer);
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);
    }

    [Fact]
    public void A_worker_of_a_Node_cluster_that_still_waits_for_a_socket_when_its_time_is_over_fails_the_roll()
    {
        var story = new FleetStory();
        story.Start(InCluster(100));
        story.Runs(First).UntilReady(First);
        var reload = story.Reload();
        var newcomer = story.Newcomer(0);
        story.Runs(newcomer).Passes(DeadlineKind.Ready, newcomer).Asks(newcomer);
        Assert.Null(story.AnswerTo(reload));
        story.Passes(DeadlineKind.Settle, newcomer);
        Assert.Equal(AnswerKind.RollFailed, story.AnswerTo(reload)!.Kind);
    }

    [Fact]
    public void A_worker_that_listens_counts_a_quarter_of_a_second_later()
    {
        var story = Launched(Listening());
        story.Happens(new WorkerListens(First, false));
        Assert.Equal(TimeSpan.FromMilliseconds(250), story.Wait(DeadlineKind.Confirm, First));
        Assert.Equal(WorkerPhase.Starting, story.Slot(0).Phase);
        story.Passes(DeadlineKind.Confirm, First);
        Assert.Equal(WorkerPhase.Ready, story.Slot(0).Phase);
    }

    [Fact]
    public void A_newcomer_that_listens_and_dies_at_once_fails_the_roll()
    {
        var story = Launched(Listening()).Happens(new WorkerListens(First, false)).Passes(DeadlineKind.Confirm, First);
        var reload = story.Reload();
        story.GetsReady(story.Newcomer(0)).Exits(story.Newcomer(0));
        Assert.Equal(AnswerKind.RollFailed, story.AnswerTo(reload)!.Kind);
        Assert.Null(story.Find(First)!.Leaving);
    }

    [Fact]
    public void A_sign_that_comes_just_in_time_is_confirmed_after_listen_timeout()
    {
        var story = Launched(Listening()).Happens(new WorkerListens(First, false)).Passes(DeadlineKind.Confirm, First);
        var reload = story.Reload();
        var newcomer = story.Newcomer(0);
        story.GetsReady(newcomer).Passes(DeadlineKind.Ready, newcomer);
        Assert.Null(story.AnswerTo(reload));
        story.Passes(DeadlineKind.Confirm, newcomer);
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);
    }

    [Fact]
    public void A_start_does_not_answer_while_only_the_confirmation_is_missing()
    {
        var story = new FleetStory();
        var start = story.Start(Listening());
        story.ListenersOpen().GetsReady(First).Passes(DeadlineKind.Ready, First);
        Assert.Null(story.AnswerTo(start));
        story.Passes(DeadlineKind.Confirm, First);
        Assert.Equal(AnswerKind.Done, story.AnswerTo(start)!.Kind);
    }

    [Theory]
    [InlineData(ReadySign.Listening)]
    [InlineData(ReadySign.SpokenStrict)]
    public void Min_ready_counts_from_the_start_of_the_program_and_for_every_sign(ReadySign sign)
    {
        var spec = FleetStory.Spec(sign: sign);
        var story = Launched(spec with { Ready = spec.Ready with { MinReady = TimeSpan.FromSeconds(5) } });
        var executed = story.Now;
        story.Later(TimeSpan.FromSeconds(2)).Happens(sign == ReadySign.Listening ? new WorkerListens(First, false) : new WorkerSaidReady(First));
        Assert.Equal(executed + TimeSpan.FromSeconds(5), story.Find(First)!.Deadlines.Single(armed => armed.Kind == DeadlineKind.Confirm).At);
    }

    [Fact]
    public void A_sign_that_comes_after_min_ready_counts_at_once()
    {
        var spec = FleetStory.Spec();
        var story = Launched(spec with { Ready = spec.Ready with { MinReady = TimeSpan.FromSeconds(5) } });
        story.Later(TimeSpan.FromSeconds(6)).Happens(new WorkerListens(First, false));
        Assert.Equal(WorkerPhase.Ready, story.Slot(0).Phase);
    }

    [Fact]
    public void Min_ready_of_zero_counts_a_worker_without_a_listener_as_soon_as_it_is_executed() =>
        Assert.Equal(WorkerPhase.Ready, Launched(FleetStory.Spec(sign: ReadySign.Settled, port: null)).Slot(0).Phase);

    [Fact]
    public void A_worker_of_a_Node_cluster_that_only_looks_for_a_free_port_is_not_ready_by_that()
    {
        var story = new FleetStory();
        story.Start(InCluster(30_000));
        story.Runs(First).ListensOn(First).Happens(new WorkerStoppedListening(First, NodeStory.Ask(7).Point.Key));
        Assert.DoesNotContain(story.Find(First)!.Deadlines, armed => armed.Kind == DeadlineKind.Confirm);
        story.Passes(DeadlineKind.Settle, First);
        Assert.Equal(WorkerPhase.Ready, story.Slot(0).Phase);
    }

    [Fact]
    public void The_daemon_that_takes_over_goes_on_waiting_for_the_confirmation()
    {
        var story = Launched(Listening()).Happens(new WorkerListens(First, false)).TakesOver();
        Assert.Equal(WorkerPhase.Starting, story.Slot(0).Phase);
        story.Passes(DeadlineKind.Confirm, First);
        Assert.Equal(WorkerPhase.Ready, story.Slot(0).Phase);
    }

    private static AppSpec Silent(int listenTimeout = 30_000) => Standard(FleetStory.Spec(sign: ReadySign.Settled, port: null), listenTimeout);

    private static AppSpec Listening() => Standard(FleetStory.Spec(), 30_000);

    private static AppSpec InCluster(int listenTimeout) => Standard(NodeStory.Spec(), listenTimeout);

    private static AppSpec Standard(AppSpec spec, int listenTimeout) =>
        spec with { Ready = new ReadyRule { Sign = spec.Ready.Sign, ListenTimeout = TimeSpan.FromMilliseconds(listenTimeout) } };

    private static FleetStory Launched(AppSpec spec)
    {
        var story = new FleetStory();
        story.Start(spec);
        return story.ListenersOpen().Runs(First);
    }
}
