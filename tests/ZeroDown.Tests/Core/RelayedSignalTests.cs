using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

public class RelayedSignalTests
{
    [Fact]
    public void A_users_signal_reaches_every_worker_that_stands_for_a_slot_and_nothing_else_happens()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        var before = story.State.Apps[0];
        var signal = Send(story, "SIGUSR2");
        Assert.Equal([new RelaySignal(story.Current(0), "SIGUSR2", signal), new RelaySignal(story.Current(1), "SIGUSR2", signal)], story.Orders.OfType<RelaySignal>());
        Assert.Equal(OutcomeKind.Signalled, story.AnswerTo(signal)!.Apps[0].Kind);
        Assert.Same(before, story.State.Apps[0]);
    }

    [Fact]
    public void A_worker_that_leaves_does_not_get_it()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        story.Stop();
        var signal = Send(story, "SIGUSR2");
        Assert.Empty(story.Orders.OfType<RelaySignal>());
        Assert.Equal(OutcomeKind.RefusedNotRunning, story.AnswerTo(signal)!.Apps[0].Kind);
    }

    [Fact]
    public void A_stopped_app_among_others_is_no_failure()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        story.Start(FleetStory.Spec("idle", port: null) with { Autostart = false });
        var signal = story.Ask(id => new SignalRequested(id, [new Target(new AppName("api")), new Target(new AppName("idle"))], "SIGHUP"));
        Assert.Equal(AnswerKind.Done, story.AnswerTo(signal)!.Kind);
    }

    private static RequestId Send(FleetStory story, string signal) =>
        story.Ask(id => new SignalRequested(id, [new Target(new AppName("api"))], signal));
}
