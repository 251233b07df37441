using System.Net;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>The core as a Node cluster's primary.</summary>
public sealed class NodeClusterTests
{
    private static readonly ListenerAddress Port3000 = new ListenerAddress.Tcp(IPAddress.IPv6Any, 3000, DualStack: true);

    [Fact]
    public void The_first_who_asks_opens_the_listener_and_everybody_gets_the_same()
    {
        var story = new FleetStory();
        story.Start(NodeStory.Spec(instances: 2));
        story.Runs(story.Current(0)).Runs(story.Current(1));
        story.Asks(story.Current(0));
        Assert.Equal(Port3000, Assert.Single(story.Orders.OfType<OpenListener>()).Listener.Address);
        story.Asks(story.Current(1));
        Assert.Empty(story.Orders);

        story.ListenersOpen();
        Assert.Equal(
            [story.Current(0), story.Current(1)],
            story.Orders.OfType<HandOverListener>().Select(order => order.Worker).OrderBy(worker => worker.Number));
        Assert.Single(story.AllOrders.OfType<OpenListener>());
    }

    [Fact]
    public void A_question_that_is_read_twice_is_answered_again_and_opens_nothing_twice()
    {
        var story = new FleetStory();
        story.Start(NodeStory.Spec());
        story.Runs(story.Current(0)).Asks(story.Current(0)).Asks(story.Current(0)).ListenersOpen();
        Assert.Single(story.AllOrders.OfType<HandOverListener>());
        story.Asks(story.Current(0));
        Assert.Single(story.Orders.OfType<HandOverListener>());
        Assert.Single(story.AllOrders.OfType<OpenListener>());
        Assert.Single(story.Find(story.Current(0))!.Grants);
    }

    [Fact]
    public void What_the_kernel_refuses_is_refused_to_everybody_who_asked_and_may_be_tried_again()
    {
        var story = new FleetStory();
        story.Start(NodeStory.Spec(instances: 2));
        story.Runs(story.Current(0)).Runs(story.Current(1)).Asks(story.Current(0)).Asks(story.Current(1));
        story.Happens(new ListenerFailed(Port3000, "in use by process 7", 98));
        Assert.Equal(2, story.Orders.OfType<RefuseListener>().Count(order => order is { Reason: ListenRefusal.ByKernel, Errno: 98 }));
        story.Asks(story.Current(0), NodeStory.Ask(8, index: 1));
        Assert.Single(story.Orders.OfType<OpenListener>());
    }

    [Fact]
    public void A_second_server_on_an_address_that_the_worker_has_is_an_error_and_after_its_close_it_is_none()
    {
        var story = NodeStory.Running(NodeStory.Spec());
        var second = NodeStory.Ask(8, index: 1);
        story.Asks(story.Current(0), second);
        Assert.Equal(ListenRefusal.InUse, Assert.Single(story.Orders.OfType<RefuseListener>()).Reason);
        story.Happens(new WorkerStoppedListening(story.Current(0), NodeStory.Ask(7).Point.Key));
        story.Asks(story.Current(0), second with { Seq = 9 });
        Assert.Single(story.Orders.OfType<HandOverListener>());
    }

    [Fact]
    public void Port_0_is_one_listener_per_app_and_number_and_stays_the_same_in_the_next_generation()
    {
        var first = NodeStory.Ask(1, port: 0);
        var second = NodeStory.Ask(2, port: 0, index: 1);
        var story = new FleetStory();
        story.Start(NodeStory.Spec());
        story.Runs(story.Current(0)).ListensOn(story.Current(0), first, realPort: 41_001).ListensOn(story.Current(0), second, realPort: 41_002);
        Assert.Equal(2, story.State.Listeners.Count);
        Assert.All(story.Find(story.Current(0))!.Grants, grant => Assert.True(grant.Listening));

        story.Reload();
        story.Runs(story.Newcomer(0)).Asks(story.Newcomer(0), first).Asks(story.Newcomer(0), second);
        Assert.Equal(2, story.State.Listeners.Count);
        Assert.Equal(2, story.AllOrders.OfType<OpenListener>().Count());
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData(null, true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("::", true)]
    [InlineData("127.0.0.2", false)]
    public void A_declared_port_is_given_to_who_asks_for_it_with_the_same_or_every_address(string? address, bool declared)
    {
        var spec = NodeStory.Spec() with { Listen = [new ListenerSpec(FleetStory.Port(3000), "web")] };
        var meant = Handover.Meant(spec, NodeStory.Ask(1, 3000, address));
        Assert.Equal(declared, meant!.Address == FleetStory.Port(3000));
    }

    [Fact]
    public void An_inherited_number_means_the_declared_listener_and_any_other_number_none()
    {
        var spec = NodeStory.Spec() with { Listen = [new ListenerSpec(FleetStory.Port(3000), "web"), new ListenerSpec(FleetStory.Port(3001), "admin")] };
        Assert.Equal(FleetStory.Port(3001), Meant(4)!.Address);
        Assert.Null(Meant(5));
        Assert.Null(Meant(0));

        ListenerSpec? Meant(int fd) => Handover.Meant(spec, new ListenAsk(1, new ListenPoint(null, null, null, fd, 0)));
    }

    [Theory]
    [InlineData("not an address", 3000, "4")]
    [InlineData(null, 70_000, "4")]
    [InlineData(null, 3000, "quic")]
    [InlineData("relative.sock", -1, "-1")]
    [InlineData("/run/a\0hidden", -1, "-1")]
    [InlineData("::1", 3000, "udp4")]
    public void What_is_no_address_is_refused(string? address, int port, string kind)
    {
        var story = new FleetStory();
        story.Start(NodeStory.Spec());
        story.Runs(story.Current(0)).Asks(story.Current(0), new ListenAsk(1, new ListenPoint(address, port, kind, null, 0)));
        Assert.Equal(ListenRefusal.Invalid, Assert.Single(story.Orders.OfType<RefuseListener>()).Reason);
    }

    [Fact]
    public void A_worker_that_asks_without_end_is_refused_at_some_point()
    {
        var story = new FleetStory();
        story.Start(NodeStory.Spec());
        story.Runs(story.Current(0));
        for (var port = 0; port < 300; port++)
            story.Asks(story.Current(0), NodeStory.Ask(port, 10_000 + port));
        Assert.Equal(256, story.State.Listeners.Count);
        Assert.Equal(ListenRefusal.TooMany, Assert.Single(story.Orders.OfType<RefuseListener>()).Reason);
    }

    [Fact]
    public void A_listener_that_was_asked_for_outlives_crash_reload_and_restart_and_closes_on_stop()
    {
        var story = NodeStory.Running(NodeStory.Spec());
        story.Exits(story.Current(0));
        story.Runs(story.Current(0)).ListensOn(story.Current(0));
        story.Reload();
        story.Runs(story.Newcomer(0)).ListensOn(story.Newcomer(0));
        story.LeaversExit();
        story.Restart();
        story.LeaversExit();
        Assert.Empty(story.AllOrders.OfType<CloseListener>());
        story.Runs(story.Current(0)).ListensOn(story.Current(0));
        story.Stop();
        story.LeaversExit();
        Assert.Equal(Port3000, Assert.Single(story.AllOrders.OfType<CloseListener>()).Listener);
    }

    [Fact]
    public void A_listener_that_the_new_version_does_not_ask_for_closes_with_its_last_worker()
    {
        var spec = NodeStory.Spec();
        var story = NodeStory.Running(spec);
        story.Reload(spec: spec with { Launch = spec.Launch with { Arguments = ["--port=4000"] } });
        story.Runs(story.Newcomer(0)).ListensOn(story.Newcomer(0), NodeStory.Ask(7, 4000));
        Assert.Empty(story.AllOrders.OfType<CloseListener>());
        story.LeaversExit();
        Assert.Equal(Port3000, Assert.Single(story.AllOrders.OfType<CloseListener>()).Listener);
    }

    [Fact]
    public void A_worker_that_closes_its_server_and_lives_on_gives_the_port_up_and_one_that_closes_on_its_way_out_does_not()
    {
        var key = NodeStory.Ask(7).Point.Key;
        var story = NodeStory.Running(NodeStory.Spec());
        story.Happens(new WorkerStoppedListening(story.Current(0), key)).Exits(story.Current(0), 0);
        Assert.Empty(story.AllOrders.OfType<CloseListener>());

        story.Runs(story.Current(0)).ListensOn(story.Current(0));
        story.Happens(new WorkerStoppedListening(story.Current(0), key)).Passes(DeadlineKind.Unlisten);
        Assert.Single(story.Orders.OfType<CloseListener>());
    }

    [Fact]
    public void A_port_that_is_only_looked_at_while_starting_is_free_at_once()
    {
        var story = new FleetStory();
        story.Start(NodeStory.Spec());
        var probe = NodeStory.Ask(1, port: 0);
        story.Runs(story.Current(0)).Asks(story.Current(0), probe).ListenersOpen();
        story.Happens(new WorkerStoppedListening(story.Current(0), probe.Point.Key));
        Assert.Single(story.Orders.OfType<CloseListener>());
    }

    [Fact]
    public void Ready_is_listening_and_the_next_generation_must_listen_on_as_much()
    {
        var two = NodeStory.Ask(8, 3001);
        var story = NodeStory.Running(NodeStory.Spec());
        Assert.Equal(WorkerPhase.Ready, story.Slot(0).Phase);
        story.ListensOn(story.Current(0), two);
        story.Reload();
        story.Runs(story.Newcomer(0)).ListensOn(story.Newcomer(0));
        Assert.Equal(WorkerPhase.Starting, story.Find(story.Newcomer(0))!.Phase);
        story.ListensOn(story.Newcomer(0), two);
        Assert.Null(story.Slot(0).Newcomer);
    }

    /// <summary>tsx and others have one for their own children.</summary>
    [Fact]
    public void A_unix_socket_that_has_the_workers_pid_in_its_name_is_not_expected_of_its_successor()
    {
        var story = NodeStory.Running(NodeStory.Spec());
        var pid = story.Find(story.Current(0))!.Pid;
        Assert.True(pid > 0);
        story.ListensOn(story.Current(0), new ListenAsk(8, new ListenPoint($"/tmp/tool-0/{pid}.pipe", -1, "-1", null, 0)));
        var reload = story.Reload();
        story.Runs(story.Newcomer(0)).ListensOn(story.Newcomer(0));
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);

        story.ListensOn(story.Current(0), new ListenAsk(8, new ListenPoint($"/tmp/tool-0/{pid}1.pipe", -1, "-1", null, 0)));
        reload = story.Reload();
        story.Runs(story.Newcomer(0)).ListensOn(story.Newcomer(0)).Passes(DeadlineKind.Ready, story.Newcomer(0));
        Assert.Equal(AnswerKind.RollFailed, story.AnswerTo(reload)!.Kind);
    }

    [Fact]
    public void A_newcomer_that_listens_on_less_fails_its_roll_and_the_answer_names_what_is_missing()
    {
        var story = NodeStory.Running(NodeStory.Spec());
        story.ListensOn(story.Current(0), NodeStory.Ask(8, 3001));
        var reload = story.Reload();
        story.Runs(story.Newcomer(0)).ListensOn(story.Newcomer(0), NodeStory.Ask(8, 3001)).Passes(DeadlineKind.Ready, story.Newcomer(0));
        var cause = Assert.IsType<FailureCause.NotReady>(story.AnswerTo(reload)!.Apps[0].Failures[0].Cause);
        Assert.Equal([Port3000], cause.Missing);
    }

    /// <summary>The old worker listens on port 3000, the new one on 4000.</summary>
    [Theory]
    [InlineData("PORT", "3000", "4000", true)]
    [InlineData("HTTP_PORT", "3000", "4000", true)]
    [InlineData("HTTP_PORT", "3001", "4000", true)] // 3000 was its default
    [InlineData("APP_COLOUR", "blue", "green", false)]
    public void A_variable_that_changed_lets_the_port_move_when_it_names_it(string name, string before, string after, bool moves)
    {
        var story = NodeStory.Running(With(name, before));
        var reload = story.Reload(spec: With(name, after));
        var newcomer = story.Newcomer(0);
        story.Runs(newcomer).ListensOn(newcomer, NodeStory.Ask(7, 4000)).Passes(DeadlineKind.Ready);
        Assert.Equal(moves ? AnswerKind.Done : AnswerKind.RollFailed, story.LeaversExit().AnswerTo(reload)!.Kind);

        static AppSpec With(string name, string value)
        {
            var spec = NodeStory.Spec();
            return spec with { Launch = spec.Launch with { Environment = [new EnvironmentVariable(name, value)], DeclaredVariables = [name] } };
        }
    }

    [Fact]
    public void A_worker_that_never_asks_counts_after_three_seconds_unless_its_predecessor_listened()
    {
        var story = NodeStory.Starting();
        story.Passes(DeadlineKind.Settle);
        Assert.Equal(WorkerPhase.Ready, story.Slot(0).Phase);

        story = NodeStory.Running(NodeStory.Spec());
        var reload = story.Reload();
        story.Runs(story.Newcomer(0)).Passes(DeadlineKind.Ready, story.Newcomer(0));
        Assert.Equal(AnswerKind.RollFailed, story.AnswerTo(reload)!.Kind);
    }

    [Fact]
    public void A_port_of_its_own_does_not_make_a_worker_of_a_cluster_ready_because_it_may_be_the_debuggers()
    {
        var story = NodeStory.Running(NodeStory.Spec(sign: ReadySign.Spoken)).EverybodySaysReady();
        var reload = story.Reload();
        story.Runs(story.Newcomer(0)).Happens(new WorkerBindsOwnPort(story.Newcomer(0), [":9229"])).Passes(DeadlineKind.Ready, story.Newcomer(0));
        Assert.Equal(AnswerKind.RollFailed, story.AnswerTo(reload)!.Kind);
    }

    [Fact]
    public void With_wait_ready_one_that_listens_counts_at_listen_timeout_and_says_so_and_strict_fails_it()
    {
        var story = new FleetStory();
        var start = story.Start(NodeStory.Spec(sign: ReadySign.Spoken));
        story.Runs(story.Current(0)).ListensOn(story.Current(0)).Passes(DeadlineKind.Ready);
        Assert.Equal([0], story.AnswerTo(start)!.Apps[0].CountedWithoutWord);

        story = new FleetStory();
        start = story.Start(NodeStory.Spec(sign: ReadySign.SpokenStrict));
        story.Runs(story.Current(0)).ListensOn(story.Current(0)).Passes(DeadlineKind.Ready);
        Assert.Equal(OutcomeKind.StillStarting, story.AnswerTo(start)!.Apps[0].Kind);
    }

    [Fact]
    public void A_worker_is_told_to_let_go_and_gets_its_signal_when_its_channel_closes()
    {
        var story = NodeStory.Running(NodeStory.Spec());
        story.Happens(new WorkerOpenedChannel(story.Current(0)));
        story.Stop();
        Assert.Single(story.Orders.OfType<TellDrain>());
        Assert.Empty(story.Orders.OfType<SignalWorker>());
        story.Happens(new WorkerClosedChannel(story.Current(0)));
        Assert.Equal("SIGINT", Assert.Single(story.Orders.OfType<SignalWorker>()).Signal);
    }

    [Fact]
    public void A_newcomer_that_listens_and_is_not_ready_may_hold_connections_so_it_drains_too()
    {
        var story = NodeStory.Running(NodeStory.Spec(instances: 2, sign: ReadySign.SpokenStrict));
        foreach (var worker in story.Workers().ToList())
            story.Happens(new WorkerSaidReady(worker.Id));
        story.Reload();
        var (good, bad) = (story.Newcomer(0), story.Newcomer(1));
        story.Runs(good).Happens(new WorkerOpenedChannel(good)).ListensOn(good).Runs(bad).Exits(bad);
        Assert.Equal(good, Assert.Single(story.Orders.OfType<TellDrain>()).Worker);
    }

    [Fact]
    public void A_worker_that_is_to_leave_gets_nothing_more()
    {
        var story = NodeStory.Running(NodeStory.Spec());
        story.Stop();
        story.Asks(story.Current(0), NodeStory.Ask(9, 4000));
        Assert.Empty(story.Orders);
    }

    [Fact]
    public void The_message_takes_the_place_of_the_signal_and_comes_once()
    {
        var story = NodeStory.Running(NodeStory.Spec(byMessage: true));
        story.Stop();
        Assert.Equal(new SendShutdown(story.Current(0), "SIGINT"), Assert.Single(story.Orders.OfType<SendShutdown>()));
        Assert.Empty(story.AllOrders.OfType<SignalWorker>());
        story.Passes(DeadlineKind.Kill);
        Assert.True(Assert.Single(story.Orders.OfType<SignalWorker>()).WholeGroup);
    }
}
