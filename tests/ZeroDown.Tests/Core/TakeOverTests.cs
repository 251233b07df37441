using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>A daemon dies and another takes over from what was written down. Each test is one thing that must not be lost, or done twice.</summary>
public sealed class TakeOverTests
{
    private static readonly AppSpec Patient = FleetStory.Spec() with
    {
        Restart = new RestartRule { MinUptime = TimeSpan.FromSeconds(1), MaxRestarts = 2 },
        Stop = new StopRule { Signal = "SIGTERM", KillTimeout = TimeSpan.FromSeconds(10), DrainTimeout = TimeSpan.FromSeconds(30) },
    };

    [Fact]
    public void Workers_that_serve_go_on_and_nothing_is_ordered_but_one_line()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 3));
        var before = story.State.Apps[0];
        story.TakesOver();
        Assert.Equal(new FleetNews.TookOver(new AppName("api"), 3, 0, 0), Assert.IsType<Announce>(Assert.Single(story.Orders)).News);
        Assert.Same(before, story.State.Apps[0]);
    }

    [Fact]
    public void A_worker_that_was_never_launched_is_launched_under_its_number_without_another_line_and_has_its_whole_time()
    {
        var story = new FleetStory();
        story.Start(Patient);
        story.ListenersOpen().Later(TimeSpan.FromSeconds(25)).TakesOver((_, _) => null);
        Assert.Equal(new WorkerId(1), story.Orders.OfType<LaunchWorker>().Single().Worker);
        Assert.Single(story.News.OfType<FleetNews.Starting>());
        Assert.Equal(story.Now + Patient.Ready.ListenTimeout, story.Find(new WorkerId(1))!.Deadlines.Single().At);
    }

    [Fact]
    public void A_worker_that_another_keeper_does_not_know_is_not_launched_under_its_number()
    {
        var story = new FleetStory();
        story.Start(Patient);
        story.ListenersOpen().TakesOver((_, _) => null, facts => facts with { SameKeeper = false });
        Assert.Equal(new WorkerId(2), story.Orders.OfType<LaunchWorker>().Single().Worker);
        Assert.Equal((0, 0), (story.Slot(0).Restarts, story.Slot(0).FailedTries));
    }

    [Fact]
    public void A_newcomer_whose_keeper_was_killed_before_its_gate_opened_is_launched_anew_and_the_roll_goes_on()
    {
        var story = FleetStory.Running(Patient);
        var reload = story.Reload();
        story.Happens(new WorkerSpawned(story.Newcomer(0), 4711));
        story.TakesOver((worker, process) => worker.Id == new WorkerId(1) ? process : null, facts => facts with { SameKeeper = false });
        Assert.Equal(new WorkerId(3), story.Orders.OfType<LaunchWorker>().Single().Worker);
        story.EverybodyGetsReady().Exits(new WorkerId(1));
        Assert.Equal((AnswerKind.Done, new WorkerId(3)), (story.AnswerTo(reload)!.Kind, story.Current(0)));
    }

    [Fact]
    public void A_worker_at_its_gate_runs_only_if_it_is_still_wanted()
    {
        var story = new FleetStory();
        story.Start(Patient);
        story.ListenersOpen().TakesOver();
        Assert.Single(story.Orders.OfType<OpenGate>());

        story = new FleetStory();
        story.Start(Patient);
        story.ListenersOpen().Stop();
        story.TakesOver();
        Assert.Empty(story.Orders.OfType<OpenGate>());
        Assert.Equal("SIGKILL", story.Orders.OfType<SignalWorker>().Single().Signal);
    }

    [Fact]
    public void The_numbers_of_workers_that_only_the_keeper_knows_are_not_used_again()
    {
        var story = FleetStory.Running(Patient);
        story.TakesOver(facts: all => all with { Processes = all.Processes.Add(41, new KeptProcess(KeptStage.Started, 77)) });
        story.Scale(2);
        Assert.Equal(new WorkerId(42), story.Current(1));
    }

    [Fact]
    public void What_the_keeper_still_keeps_of_the_dead_is_forgotten()
    {
        var story = FleetStory.Running(Patient);
        story.TakesOver(facts: all => all with { Processes = all.Processes.Add(41, new KeptProcess(KeptStage.Exited, 77)) });
        Assert.Equal(new WorkerId(41), story.Orders.OfType<ForgetWorker>().Single().Worker);
    }

    [Fact]
    public void An_exit_that_was_seen_meanwhile_meets_the_restart_rule_by_the_moment_it_happened()
    {
        var story = FleetStory.Running(Patient);
        var at = story.Now + TimeSpan.FromMilliseconds(100);
        story.Later(TimeSpan.FromMinutes(5)).TakesOver((_, process) => process with { Stage = KeptStage.Exited, Exit = new ExitStatus(3), EndedAt = at });
        Assert.Equal((1, 1, new ExitStatus(3)), (story.Slot(0).Crashes, story.Slot(0).Restarts, story.Slot(0).LastExit));
        Assert.Equal(new WorkerId(2), story.Orders.OfType<LaunchWorker>().Single().Worker);
    }

    [Fact]
    public void An_end_that_nobody_saw_is_a_restart_and_neither_counts_as_a_crash_nor_clears_the_crashes_before()
    {
        var story = FleetStory.Running(Patient);
        story.Exits(story.Current(0)).EverybodyGetsReady();
        Assert.Equal(1, story.Slot(0).Crashes);
        story.Later(TimeSpan.FromMinutes(5)).TakesOver((_, process) => process with { Stage = KeptStage.Exited });
        Assert.Equal((1, 2), (story.Slot(0).Crashes, story.Slot(0).Restarts));
        Assert.Equal("nobody knows how", story.Slot(0).LastExit!.ToString());
    }

    [Fact]
    public void An_unknown_end_is_none_of_the_exit_codes_that_stop_an_app()
    {
        var story = FleetStory.Running(Patient with { Restart = Patient.Restart with { StopExitCodes = [0] } });
        story.TakesOver((_, _) => null, facts => facts with { SameKeeper = false });
        Assert.True(story.Slot(0).Wanted);
        Assert.Single(story.Orders.OfType<LaunchWorker>());
    }

    [Fact]
    public void A_drain_goes_on_with_the_time_that_is_left()
    {
        var story = FleetStory.Running(Patient);
        story.Happens(new WorkerOpenedChannel(story.Current(0))).Stop();
        story.Later(TimeSpan.FromSeconds(12)).TakesOver();
        var told = story.Orders.OfType<TellDrain>().Single().Order;
        Assert.Equal((DrainReason.Stop, 3, 18), (told.Reason, (int)told.Idle.TotalSeconds, (int)Math.Round(told.Limit.TotalSeconds)));
        Assert.Single(story.Orders.OfType<CountConnections>());
        Assert.Empty(story.Orders.OfType<SignalWorker>());
    }

    [Fact]
    public void A_drain_that_can_no_longer_be_heard_ends_when_nobody_is_connected()
    {
        var story = FleetStory.Running(Patient);
        story.Happens(new WorkerOpenedChannel(story.Current(0))).Stop();
        story.TakesOver((_, process) => process with { ChannelLost = true }, facts => facts with { SameKeeper = false });
        Assert.Empty(story.Orders.OfType<TellDrain>());
        Assert.Empty(story.Happens(new WorkerConnectionsCounted(new WorkerId(1), 2)).Orders);
        story.Happens(new WorkerConnectionsCounted(new WorkerId(1), 0));
        Assert.Equal("SIGTERM", story.Orders.OfType<SignalWorker>().Single().Signal);
    }

    [Fact]
    public void Deadlines_that_passed_while_nobody_lived_are_armed_as_they_were()
    {
        var story = FleetStory.Running(Patient);
        story.Stop();
        var kill = story.Orders.OfType<ArmDeadline>().Single();
        story.Later(TimeSpan.FromMinutes(1)).TakesOver();
        Assert.Equal(kill, Assert.Single(story.Orders.OfType<ArmDeadline>()));
        story.Happens(new DeadlinePassed(kill.Deadline));
        Assert.Equal("SIGKILL", story.Orders.OfType<SignalWorker>().Single().Signal);
    }

    [Fact]
    public void A_worker_is_not_failed_for_having_said_nothing_before_what_it_said_is_read()
    {
        var story = FleetStory.Running(Patient);
        story.Reload();
        story.Runs(story.Newcomer(0)).Later(TimeSpan.FromMinutes(5)).TakesOver();
        Assert.Equal(story.Now + TimeSpan.FromSeconds(2), story.Orders.OfType<ArmDeadline>().Single(arm => arm.Deadline.Kind == DeadlineKind.Ready).At);
        story.Happens(new WorkerListens(story.Newcomer(0), false));
        Assert.Contains(story.Orders, order => order is Announce { News: FleetNews.RollEnded });
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void A_stop_signal_of_an_earlier_step_is_only_given_again_to_the_keeper_that_knows_it(bool sameKeeper, int signals)
    {
        var story = FleetStory.Running(Patient);
        story.Stop();
        story.Happens(new WorkerSaidStatus(new WorkerId(1), "bye")).TakesOver(facts: all => all with { SameKeeper = sameKeeper });
        Assert.Equal(signals, story.Orders.OfType<SignalWorker>().Count());
        story.TakesOver();
        Assert.Equal(signals, story.Orders.OfType<SignalWorker>().Count());
    }

    [Fact]
    public void A_stop_signal_of_the_last_step_may_not_have_been_sent_so_every_keeper_is_told()
    {
        var story = FleetStory.Running(Patient);
        story.Stop();
        story.TakesOver(facts: all => all with { SameKeeper = false });
        Assert.Single(story.Orders.OfType<SignalWorker>());
    }

    [Fact]
    public void The_message_shutdown_is_sent_again_only_if_the_last_step_sent_it()
    {
        var story = NodeStory.Listening(new WorkerId(1), byMessage: true);
        story.Stop();
        story.TakesOver();
        Assert.Single(story.Orders.OfType<SendShutdown>());
        story.Happens(new WorkerSaidStatus(new WorkerId(1), "bye")).TakesOver();
        Assert.Empty(story.Orders.OfType<SendShutdown>());
    }

    [Fact]
    public void A_users_signal_of_the_last_step_is_passed_on_again_for_the_same_request()
    {
        var story = FleetStory.Running(Patient);
        var request = story.Ask(id => new SignalRequested(id, [new Target(Patient.Name)], "SIGUSR2"));
        story.TakesOver();
        Assert.Equal(new RelaySignal(new WorkerId(1), "SIGUSR2", request), Assert.Single(story.Orders.OfType<RelaySignal>()));
        Assert.Single(story.AllOrders.OfType<AnswerRequest>(), order => order.Request == request);
    }

    [Fact]
    public void A_reload_of_all_goes_on_through_all_its_apps_and_is_answered_once()
    {
        var story = new FleetStory();
        story.Start(FleetStory.Spec("one", port: 4001), FleetStory.Spec("two", port: 4002));
        story.ListenersOpen().EverybodyGetsReady();
        var reload = story.Ask(id => new ReloadRequested(id, [new Target(new AppName("one")), new Target(new AppName("two"))]));
        story.TakesOver().EverybodyGetsReady().TakesOver().EverybodyGetsReady();
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);
        Assert.Equal((2, 2), (story.App("one").Serving, story.App("two").Serving));
    }

    [Fact]
    public void A_roll_whose_newcomer_died_meanwhile_turns_back_and_launches_none_of_the_others()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        var reload = story.Reload();
        var (dead, unborn) = (story.Newcomer(0), story.Newcomer(1));
        story.TakesOver((worker, process) =>
            worker.Id == dead ? process with { Stage = KeptStage.Exited, Exit = new ExitStatus(1) } : worker.Id == unborn ? null : process);
        Assert.Equal(AnswerKind.RollFailed, story.AnswerTo(reload)!.Kind);
        Assert.Empty(story.Orders.OfType<LaunchWorker>());
        Assert.Equal([WorkerPhase.Ready, WorkerPhase.Ready], story.Workers().Select(worker => worker.Phase));
    }

    [Fact]
    public void A_newcomer_whose_word_may_be_lost_is_replaced_and_the_roll_goes_on()
    {
        var story = FleetStory.Running(FleetStory.Spec(sign: ReadySign.SpokenStrict));
        story.EverybodySaysReady();
        var reload = story.Reload();
        var deaf = story.Newcomer(0);
        story.Runs(deaf).TakesOver((worker, process) => process with { ChannelLost = true }, facts => facts with { SameKeeper = false });
        Assert.NotEqual(deaf, story.Newcomer(0));
        story.Runs(story.Newcomer(0)).Happens(new WorkerSaidReady(story.Newcomer(0)));
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);
    }

    [Fact]
    public void Who_accepts_on_a_socket_that_is_lost_is_rolled_as_soon_as_nothing_else_is_being_done()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        var reload = story.Reload();
        foreach (var newcomer in new[] { story.Newcomer(0), story.Newcomer(1) })
            story.Runs(newcomer);
        story.TakesOver(facts: all => all with { SameKeeper = false, BoundAnew = [.. all.Listeners.Keys] });
        Assert.Empty(story.Orders.OfType<LaunchWorker>());
        story.Exits(story.Newcomer(0));
        Assert.Equal(AnswerKind.RollFailed, story.AnswerTo(reload)!.Kind);
        Assert.Equal(2, story.Orders.OfType<LaunchWorker>().Count());
        Assert.False(story.App().RenewDue);
        story.EverybodyGetsReady();
        Assert.Equal(3, story.App().Serving);
        Assert.All(story.Workers().Where(worker => worker.Leaving is null), worker => Assert.False(worker.Stranded));
    }

    [Fact]
    public void A_socket_that_nobody_needs_any_more_is_not_bound_again()
    {
        var story = FleetStory.Running(Patient);
        story.Stop();
        story.TakesOver(facts: all => all with { SameKeeper = false, Listeners = all.Listeners.Clear() });
        Assert.Empty(story.Orders.OfType<OpenListener>());
        story.LeaversExit();
        Assert.Empty(story.State.Listeners);
        Assert.Empty(story.Orders.OfType<CloseListener>());
    }

    [Fact]
    public void A_socket_that_was_bound_and_not_told_of_is_taken_as_open_and_one_that_was_to_be_closed_is_closed()
    {
        var story = new FleetStory();
        story.Start(Patient);
        var other = FleetStory.Port(9);
        story.TakesOver(facts: all => all with
        {
            Listeners = all.Listeners.Add(FleetStory.Port(4000), "127.0.0.1:4000").Add(other, "127.0.0.1:9"),
        });
        Assert.Equal(new CloseListener(other), Assert.Single(story.Orders.OfType<CloseListener>()));
        Assert.Single(story.Orders.OfType<LaunchWorker>());
        Assert.Empty(story.Orders.OfType<OpenListener>());
    }

    [Fact]
    public void A_question_that_is_answered_and_not_used_yet_is_answered_again()
    {
        var story = NodeStory.Starting().Asks(new WorkerId(1)).ListenersOpen();
        Assert.Single(story.Orders.OfType<HandOverListener>());
        story.TakesOver();
        Assert.Single(story.Orders.OfType<HandOverListener>());
        story.Happens(new WorkerListensOn(new WorkerId(1), NodeStory.Ask(7).Point)).TakesOver();
        Assert.Empty(story.Orders.OfType<HandOverListener>());
    }

    [Fact]
    public void A_refusal_of_the_last_step_is_given_again()
    {
        var story = NodeStory.Starting().Asks(new WorkerId(1));
        story.Happens(new ListenerFailed(story.State.Listeners.Keys.Single(), "taken", 98));
        story.TakesOver();
        Assert.Equal(98, story.Orders.OfType<RefuseListener>().Single().Errno);
    }

    [Fact]
    public void A_shutdown_goes_on_and_its_end_is_ordered_until_it_is_carried_out()
    {
        var story = FleetStory.Running(Patient);
        story.Ask(id => new ShutdownRequested(id));
        story.TakesOver((_, process) => process with { Stage = KeptStage.Exited, Exit = new ExitStatus(0) });
        Assert.Single(story.Orders.OfType<EndDaemon>());
        story.TakesOver();
        Assert.IsType<EndDaemon>(Assert.Single(story.Orders));
    }

    [Fact]
    public void A_pause_between_two_starts_ends_when_it_was_to_end()
    {
        var story = FleetStory.Running(Patient with { Restart = Patient.Restart with { Delay = TimeSpan.FromSeconds(30) } });
        story.Exits(story.Current(0));
        var pause = story.Orders.OfType<ArmDeadline>().Single();
        story.TakesOver();
        Assert.Equal(pause, Assert.IsType<ArmDeadline>(Assert.Single(story.Orders)));
        Assert.Single(story.Happens(new DeadlinePassed(pause.Deadline)).Orders.OfType<LaunchWorker>());
    }

    [Fact]
    public void An_app_that_was_being_deleted_is_gone_when_its_last_worker_is()
    {
        var story = FleetStory.Running(Patient);
        var delete = story.Delete();
        story.TakesOver((_, _) => null, facts => facts with { SameKeeper = false });
        Assert.Empty(story.State.Apps);
        Assert.Equal(AnswerKind.Done, story.AnswerTo(delete)!.Kind);
    }
}
