using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>Programs that listen by themselves: that they listen is their sign of readiness, and a newcomer has to listen as its predecessor does.</summary>
public sealed class OwnPortsTests
{
    private static readonly WorkerId First = new(1);

    [Fact]
    public void A_program_that_listens_by_itself_counts_a_quarter_of_a_second_later_and_before_its_second_of_life()
    {
        var story = Launched(Spec());
        Assert.Contains(story.AllOrders, order => order is WatchForListening);
        story.Happens(Binds(First, "127.0.0.1:3000"));
        Assert.Equal(TimeSpan.FromMilliseconds(250), story.Wait(DeadlineKind.Confirm, First));
        story.Passes(DeadlineKind.Confirm, First);
        Assert.Equal(WorkerPhase.Ready, story.Slot(0).Phase);
    }

    [Fact]
    public void A_port_that_is_closed_again_is_no_sign()
    {
        var story = Launched(Spec()).Happens(Binds(First, "127.0.0.1:3000")).Happens(Binds(First));
        Assert.DoesNotContain(story.Find(First)!.Deadlines, armed => armed.Kind == DeadlineKind.Confirm);
    }

    [Theory]
    [InlineData("127.0.0.1:9229")] // Node's debugger
    [InlineData("127.0.0.1:40123")] // the debugging port of a browser that the program has started
    public void A_debuggers_port_is_no_sign(string address) =>
        Assert.DoesNotContain(Launched(Spec()).Happens(Binds(First, address)).Find(First)!.Deadlines, armed => armed.Kind == DeadlineKind.Confirm);

    [Theory]
    [InlineData("127.0.0.1:9229", "--port=9229")]
    [InlineData("127.0.0.1:40123", "--listen=localhost:40123")]
    public void A_port_that_an_argument_names_is_one(string address, string argument) =>
        Assert.Contains(Launched(Spec(argument)).Happens(Binds(First, address)).Find(First)!.Deadlines, armed => armed.Kind == DeadlineKind.Confirm);

    [Fact]
    public void A_newcomer_of_an_unchanged_launch_must_listen_on_the_same_addresses()
    {
        var story = Serving(Spec(), "127.0.0.1:3000");
        var (reload, newcomer) = Reloaded(story);
        story.Happens(Binds(newcomer, "[::]:38001")).Passes(DeadlineKind.Ready, newcomer);
        var cause = Assert.IsType<FailureCause.NotReady>(story.App().Roll!.Failures.Single().Cause);
        Assert.Equal((["127.0.0.1:3000"], ["[::]:38001"]), (cause.MissingPorts, cause.ListensOn));
        story.LeaversExit().Runs(story.Newcomer(0)).Happens(Binds(story.Newcomer(0), "127.0.0.1:3000")).Passes(DeadlineKind.Confirm, story.Newcomer(0));
        Assert.Equal(AnswerKind.RollFailed, story.AnswerTo(reload)!.Kind);
        Assert.Equal("127.0.0.1:3000", story.AnswerTo(reload)!.Apps[0].GapBecauseOf);
    }

    [Fact]
    public void A_newcomer_does_not_count_by_living_where_its_predecessor_listened()
    {
        var story = Serving(Spec(), "127.0.0.1:3000");
        var (_, newcomer) = Reloaded(story);
        Assert.DoesNotContain(story.Find(newcomer)!.Deadlines, armed => armed.Kind == DeadlineKind.Settle);
        story.Happens(Binds(newcomer, "127.0.0.1:3000")).Passes(DeadlineKind.Confirm, newcomer);
        Assert.Equal(newcomer, story.Current(0));
    }

    [Theory]
    [InlineData("0.0.0.0:3000")]
    [InlineData("[::]:3000")]
    public void Every_address_of_the_port_is_as_good_as_the_one_that_is_expected(string address)
    {
        var story = Serving(Spec(), "127.0.0.1:3000");
        var (_, newcomer) = Reloaded(story);
        story.Happens(Binds(newcomer, address)).Passes(DeadlineKind.Confirm, newcomer);
        Assert.Equal(newcomer, story.Current(0));
    }

    [Fact]
    public void A_newcomer_with_other_arguments_must_listen_on_as_many_addresses()
    {
        var story = Serving(Spec(), "127.0.0.1:3000", "127.0.0.1:3001");
        var (reload, newcomer) = Reloaded(story, Spec("--port=4000"));
        story.Happens(Binds(newcomer, "127.0.0.1:4000"));
        Assert.Null(story.Find(newcomer)!.SignedAt);
        story.Happens(Binds(newcomer, "127.0.0.1:4000", "127.0.0.1:4001")).Passes(DeadlineKind.Confirm, newcomer);
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);
    }

    [Theory]
    [InlineData("PORT", true)]
    [InlineData("APP_COLOUR", true)] // the file declares it
    [InlineData("SSH_CONNECTION", false)] // the user's terminal
    public void Another_variable_is_another_launch_where_it_may_tell_the_program_where_to_listen(string name, bool moves)
    {
        var story = Serving(With(name, "3000"), "127.0.0.1:3000");
        var (reload, newcomer) = Reloaded(story, With(name, "4000"));
        story.Happens(Binds(newcomer, "127.0.0.1:4000"));
        Assert.Equal(moves, story.Find(newcomer)!.SignedAt is not null);
        Assert.Null(story.AnswerTo(reload));
    }

    /// <summary>The file declares the variable. The old worker listens on port 3000, the new one on 4000.</summary>
    [Theory]
    [InlineData("PORT", "3000", "4000", true)]
    [InlineData("PORT", null, "4000", true)]
    [InlineData("HTTP_PORT", "3000", "4000", true)]
    [InlineData("HTTP_PORT", null, "4000", true)] // 3000 was its default
    [InlineData("HTTP_PORT", "3000", null, true)] // 4000 is
    [InlineData("ASPNETCORE_URLS", "http://+:3000", "http://+:4000", true)]
    [InlineData("LISTEN", ":3000", ":4000", true)]
    [InlineData("APP_COLOUR", "blue", "green", false)]
    [InlineData("APP_COLOUR", null, "green", false)]
    [InlineData("BUILD", "13000", "40001", false)] // the number is a part of another
    [InlineData("METRICS_PORT", "9100", "9200", false)] // another port
    public void A_variable_that_changed_lets_the_port_move_when_it_names_it(string name, string? before, string? after, bool moves)
    {
        var story = Serving(Declared(name, before), "127.0.0.1:3000");
        var (_, newcomer) = Reloaded(story, Declared(name, after));
        story.Happens(Binds(newcomer, "127.0.0.1:4000"));
        Assert.Equal(moves, story.Find(newcomer)!.SignedAt is not null);
        story.Happens(Binds(newcomer, "127.0.0.1:3000"));
        Assert.NotNull(story.Find(newcomer)!.SignedAt);
    }

    [Fact]
    public void One_port_that_a_variable_names_does_not_let_another_one_move()
    {
        var story = Serving(Declared("HTTP_PORT", "3000"), "127.0.0.1:3000", "127.0.0.1:5000");
        var (_, newcomer) = Reloaded(story, Declared("HTTP_PORT", "4000"));
        story.Happens(Binds(newcomer, "127.0.0.1:4000", "127.0.0.1:6000"));
        Assert.Equal((true, null), (story.Find(newcomer)!.ExpectsSame, story.Find(newcomer)!.SignedAt));
        story.Happens(Binds(newcomer, "127.0.0.1:4000", "127.0.0.1:5000"));
        Assert.NotNull(story.Find(newcomer)!.SignedAt);
    }

    [Fact]
    public void Another_script_may_listen_elsewhere()
    {
        var story = Serving(Spec(), "127.0.0.1:3000");
        var spec = Spec();
        var (_, newcomer) = Reloaded(story, spec with { Launch = spec.Launch with { Script = "/srv/other", Program = "/srv/other" } });
        story.Happens(Binds(newcomer, "127.0.0.1:4000"));
        Assert.NotNull(story.Find(newcomer)!.SignedAt);
    }

    /// <summary>A random port of metrics on every address, and one of a browser on loopback.</summary>
    [Fact]
    public void A_port_that_the_kernel_chose_is_only_counted_and_one_on_loopback_is_not_expected()
    {
        var story = Serving(Spec(), "0.0.0.0:3000", "0.0.0.0:45001", "127.0.0.1:45002");
        var (_, newcomer) = Reloaded(story);
        story.Happens(Binds(newcomer, "0.0.0.0:3000"));
        Assert.Null(story.Find(newcomer)!.SignedAt);
        story.Happens(Binds(newcomer, "0.0.0.0:3000", "0.0.0.0:45777")).Passes(DeadlineKind.Confirm, newcomer);
        Assert.Equal(newcomer, story.Current(0));
    }

    [Fact]
    public void A_crash_does_not_make_the_slot_forget_where_its_worker_listened()
    {
        var story = Serving(Spec(), "127.0.0.1:3000").Later(TimeSpan.FromMinutes(1)).Exits(First);
        var second = story.Current(0);
        story.Runs(second).Passes(DeadlineKind.Settle, second); // it is slow this time, and nobody has seen it listen
        var (_, newcomer) = Reloaded(story);
        Assert.True(story.App().Roll!.InPlace);
        Assert.Equal(["127.0.0.1:3000"], story.Find(newcomer)!.ExpectsPorts);
    }

    [Fact]
    public void A_restart_accepts_another_port_and_none()
    {
        var story = Serving(Spec(), "127.0.0.1:3000");
        var restart = story.Restart();
        story.LeaversExit();
        var second = story.Current(0);
        story.Runs(second).Passes(DeadlineKind.Settle, second);
        Assert.Equal(AnswerKind.Done, story.AnswerTo(restart)!.Kind);
        story.Reload();
        Assert.Empty(story.Find(story.Newcomer(0))!.ExpectsPorts);
    }

    [Fact]
    public void Where_nobody_may_look_a_newcomer_is_judged_by_its_life()
    {
        var story = Serving(Spec(), "127.0.0.1:3000");
        var (reload, newcomer) = Reloaded(story);
        story.Happens(Binds(newcomer) with { Hidden = true }).Passes(DeadlineKind.Settle, newcomer);
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);
    }

    [Theory]
    [InlineData(ReadySign.Spoken)]
    [InlineData(ReadySign.SpokenStrict)]
    public void With_wait_ready_a_newcomer_must_say_so_and_listen(ReadySign sign)
    {
        var story = Launched(Spec(sign: sign)).Happens(Binds(First, "127.0.0.1:3000")).Happens(new WorkerSaidReady(First)).Passes(DeadlineKind.Confirm, First);
        var (_, newcomer) = Reloaded(story);
        story.Happens(new WorkerSaidReady(newcomer));
        Assert.Null(story.Find(newcomer)!.SignedAt);
        story.Happens(Binds(newcomer, "127.0.0.1:3000"));
        Assert.NotNull(story.Find(newcomer)!.SignedAt);
    }

    [Fact]
    public void The_old_worker_is_started_again_and_tried_again_when_it_had_to_stop_first()
    {
        var story = Serving(Spec(), "127.0.0.1:3000");
        var (reload, newcomer) = Reloaded(story);
        story.Exits(newcomer).Runs(story.Newcomer(0)).Exits(story.Newcomer(0));
        Assert.Equal((AnswerKind.RollFailed, true), (story.AnswerTo(reload)!.Kind, story.AnswerTo(reload)!.Apps[0].NobodyServes));
        Assert.Equal((true, 1), (story.Slot(0).Wanted, story.Find(story.Current(0))!.Generation));
    }

    [Theory]
    [InlineData(true, "online")]
    [InlineData(false, "listening")]
    public void Only_a_newcomer_that_listens_is_called_listening(bool silent, string word)
    {
        var story = silent ? Launched(Spec()).Passes(DeadlineKind.Settle, First) : Serving(Spec(), "127.0.0.1:3000");
        var (_, newcomer) = Reloaded(story);
        if (!silent)
            story.Happens(Binds(newcomer, "127.0.0.1:3000"));
        story.Passes(silent ? DeadlineKind.Settle : DeadlineKind.Confirm, newcomer);
        Assert.Contains(story.News, news => ZeroDown.Daemon.NewsText.Line(news) == $"-reload- New worker {word}");
    }

    /// <summary>On the same ones where it is started as before.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_newcomer_of_a_Node_cluster_may_listen_elsewhere_only_if_its_launch_changed(bool changed)
    {
        var spec = NodeStory.Spec();
        var story = NodeStory.Running(spec);
        var reload = story.Reload(spec: changed ? spec with { Launch = spec.Launch with { Arguments = ["--port=4000"] } } : null);
        var newcomer = story.Newcomer(0);
        story.Runs(newcomer).ListensOn(newcomer, NodeStory.Ask(9, 4000));
        if (!changed)
            story.Passes(DeadlineKind.Ready, newcomer);
        Assert.Equal(changed ? AnswerKind.Done : AnswerKind.RollFailed, story.AnswerTo(reload)!.Kind);
    }

    /// <summary>A search for a free port (get-port) finds another number each time.</summary>
    [Fact]
    public void A_newcomer_of_a_Node_cluster_may_listen_on_another_port_that_the_kernel_chose()
    {
        var spec = NodeStory.Spec();
        var story = new FleetStory();
        story.Start(spec);
        story.Runs(story.Current(0)).ListensOn(story.Current(0), NodeStory.Ask(1, 44_689));
        var reload = story.Reload();
        story.Runs(story.Newcomer(0)).ListensOn(story.Newcomer(0), NodeStory.Ask(1, 43_993));
        Assert.Equal(AnswerKind.Done, story.AnswerTo(reload)!.Kind);
    }

    private static AppSpec Spec(string? argument = null, ReadySign sign = ReadySign.Settled)
    {
        var spec = FleetStory.Spec(sign: sign, port: null);
        return spec with { Ready = new ReadyRule { Sign = sign }, Launch = spec.Launch with { Arguments = argument is null ? [] : [argument] } };
    }

    private static AppSpec With(string name, string value)
    {
        var spec = Spec();
        return spec with { Launch = spec.Launch with { Environment = [new EnvironmentVariable(name, value)], DeclaredVariables = ["APP_COLOUR"] } };
    }

    private static WorkerBindsOwnPort Binds(WorkerId worker, params string[] addresses) => new(worker, [.. addresses]);

    private static FleetStory Launched(AppSpec spec)
    {
        var story = new FleetStory();
        story.Start(spec);
        return story.Runs(First);
    }

    private static AppSpec Declared(string name, string? value)
    {
        var spec = Spec();
        return value is null ? spec : spec with { Launch = spec.Launch with { Environment = [new EnvironmentVariable(name, value)], DeclaredVariables = [name] } };
    }

    private static FleetStory Serving(AppSpec spec, params string[] addresses) =>
        Launched(spec).Happens(Binds(First, addresses)).Passes(DeadlineKind.Confirm, First);

    /// <summary>The roll is in place: the old worker has gone, and the newcomer runs.</summary>
    private static (RequestId Reload, WorkerId Newcomer) Reloaded(FleetStory story, AppSpec? spec = null)
    {
        var reload = story.Reload(spec: spec);
        story.LeaversExit();
        story.Runs(story.Newcomer(0));
        return (reload, story.Newcomer(0));
    }
}
