using Xunit;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Rpc;
using ZeroDown.Protocol;
using ZeroDown.Tests.Core;

namespace ZeroDown.Tests.Daemon;

public class FleetViewsTests
{
    [Fact]
    public void A_worker_that_outlives_its_slot_keeps_its_id()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        story.Happens(new WorkerOpenedChannel(story.Current(1)));
        story.Scale(1);
        var worker = Assert.Single(View(story).Draining);
        Assert.Equal((1, "draining", false), (worker.PmId, worker.Status, worker.Newcomer));
    }

    [Fact]
    public void A_worker_that_a_reload_has_started_is_told_from_one_that_it_replaces()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        story.Reload();
        var newcomer = Assert.Single(View(story).Draining);
        Assert.Equal((0, "launching", true), (newcomer.PmId, newcomer.Status, newcomer.Newcomer));

        story.GetsReady(story.Newcomer(0));
        var old = Assert.Single(View(story).Draining);
        Assert.Equal((0, false), (old.PmId, old.Newcomer));
    }

    [Fact]
    public void One_that_a_failed_reload_dismisses_is_not_called_old()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        story.Reload();
        story.Runs(story.Newcomer(0)).Runs(story.Newcomer(1)).Exits(story.Newcomer(0));
        Assert.True(Assert.Single(View(story).Draining).Newcomer);
    }

    [Fact]
    public void The_generation_of_an_app_is_the_one_that_serves_also_after_a_failed_reload()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        var serving = story.App().Serving;
        story.Reload();
        story.Runs(story.Newcomer(0)).Exits(story.Newcomer(0));
        Assert.Equal(serving, View(story).Generation);
        Assert.Equal(serving + 1, story.App().Generation);
    }

    private static AppView View(FleetStory story) => new FleetViews(
        () => DateTimeOffset.UnixEpoch,
        (_, _) => default,
        (_, _) => new SlotFiles("out", "err", null, "pid"),
        _ => null).App(story.State, story.App(), _ => true);
}
