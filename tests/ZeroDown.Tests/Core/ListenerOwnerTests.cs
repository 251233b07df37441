using System.Net;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>A listener belongs to the user of its app. Issue 10, B7: a worker of another user was handed it, and answered that app's requests.</summary>
public sealed class ListenerOwnerTests
{
    private static readonly RunAs Ada = new() { Name = "ada", UserId = 1000, GroupId = 1000 };
    private static readonly RunAs Bob = new() { Name = "bob", UserId = 1001, GroupId = 1001 };

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void A_worker_that_asks_for_the_port_of_another_app_gets_it_only_from_one_of_its_own_user(bool sameUser, bool refused)
    {
        var story = NodeStory.Running(As(NodeStory.Spec(), Ada));
        story.Start(As(NodeStory.Spec(), sameUser ? Ada : Bob) with { Name = new AppName("other") });
        var other = story.Current(0, "other");
        story.Runs(other).Asks(other);

        Assert.Equal(refused, story.Orders.OfType<RefuseListener>().Any(order => order.Reason == ListenRefusal.InUse));
        Assert.Equal(!refused, story.Orders.OfType<HandOverListener>().Any());
        Assert.Single(story.AllOrders.OfType<OpenListener>());
    }

    [Fact]
    public void What_an_app_declares_is_not_given_to_workers_of_another_user_that_ask_for_it()
    {
        var story = FleetStory.Running(FleetStory.Spec(port: 3000));
        story.Start(As(NodeStory.Spec(), Bob) with { Name = new AppName("other") });
        var other = story.Current(0, "other");
        story.Runs(other).Asks(other, NodeStory.Ask(7, address: "127.0.0.1"));
        Assert.Equal(ListenRefusal.InUse, Assert.Single(story.Orders.OfType<RefuseListener>()).Reason);
    }

    [Fact]
    public void An_app_that_declares_what_an_app_of_another_user_has_does_not_start_and_says_whose_it_is()
    {
        var story = FleetStory.Running(As(FleetStory.Spec(), Ada));
        story.Start(As(FleetStory.Spec("other"), Bob));

        Assert.Empty(story.Orders.OfType<LaunchWorker>());
        Assert.Contains("api has it, which runs as ada", Assert.IsType<FleetNews.ListenerFailed>(Assert.Single(story.News.OfType<FleetNews.ListenerFailed>())).Problem, StringComparison.Ordinal);
        Assert.Equal(WorkerPhase.Errored, story.State.Find(new AppName("other"))!.Slots[0].Phase);

        story.Delete();
        story.Happens(new WorkerExited(new WorkerId(1), new ExitStatus(0, null)));
        story.Restart("other");
        story.ListenersOpen();
        Assert.Contains(story.AllOrders.OfType<LaunchWorker>(), launch => launch.Spec.Name.Value == "other");
    }

    [Fact]
    public void A_roll_to_an_address_of_another_user_fails_and_the_old_worker_stays()
    {
        var story = FleetStory.Running(As(FleetStory.Spec(), Ada));
        story.Start(As(FleetStory.Spec("other", port: 5000), Bob));
        story.ListenersOpen().EverybodyGetsReady();
        story.Reload("other", As(FleetStory.Spec("other", port: 4000), Bob));

        Assert.Null(story.State.Find(new AppName("other"))!.Roll);
        Assert.NotNull(story.State.Find(new AppName("other"))!.FailedRoll);
        Assert.NotNull(story.State.Find(new AppName("other"))!.Slots[0].Current);
        Assert.Contains(story.News, news => news is FleetNews.ListenerFailed);
    }

    [Fact]
    public void An_app_keeps_its_own_address_when_its_user_changes()
    {
        var story = FleetStory.Running(As(FleetStory.Spec(), Ada));
        story.Reload("api", As(FleetStory.Spec(), Bob));
        Assert.Contains(story.AllOrders.OfType<LaunchWorker>(), launch => launch.Spec.Launch.RunAs == Bob);
    }

    [Fact]
    public void The_order_to_open_says_for_whom_and_whether_a_file_names_it()
    {
        var story = new FleetStory();
        story.Start(As(FleetStory.Spec(), Ada));
        Assert.Equal((Ada, true), story.Orders.OfType<OpenListener>().Select(order => (order.Owner, order.Declared)).Single());
        story.Start(As(NodeStory.Spec(), Bob) with { Name = new AppName("other") });
        var other = story.Current(0, "other");
        story.Runs(other).Asks(other);
        Assert.Equal((Bob, false), story.Orders.OfType<OpenListener>().Select(order => (order.Owner, order.Declared)).Single());
        story.ListenersOpen();
        Assert.Equal((Bob, false), ListenerOwner.In(story.State, new ListenerAddress.Tcp(IPAddress.IPv6Any, 3000, DualStack: true)));
    }

    [Fact]
    public void An_app_that_asks_for_port_after_port_is_stopped_at_256_and_others_still_get_theirs()
    {
        var story = new FleetStory();
        story.Start(NodeStory.Spec(instances: 3));
        foreach (var slot in (int[])[0, 1, 2])
        {
            story.Runs(story.Current(slot));
            for (var number = 0; number < 120; number++)
                story.ListensOn(story.Current(slot), NodeStory.Ask(1 + number, 10_000 + (1000 * slot) + number));
        }

        Assert.Equal(256, story.State.Listeners.Count);
        Assert.All(story.AllOrders.OfType<RefuseListener>(), order => Assert.Equal(ListenRefusal.TooMany, order.Reason));
        story.Start(NodeStory.Spec() with { Name = new AppName("other") });
        story.Runs(story.Current(0, "other")).ListensOn(story.Current(0, "other"));
        Assert.Equal(257, story.State.Listeners.Count);
    }

    /// <summary>Issue 10, B10: each step writes the state down, and 441 MB of it were written in 12 s.</summary>
    [Fact]
    public void What_a_worker_asks_with_is_kept_only_when_it_is_short()
    {
        var story = new FleetStory();
        story.Start(NodeStory.Spec());
        story.Runs(story.Current(0));
        story.Asks(story.Current(0), NodeStory.Ask(1) with { Data = new string('d', 5000) });
        var refused = Assert.Single(story.Orders.OfType<RefuseListener>());
        Assert.Equal((ListenRefusal.Invalid, null), (refused.Reason, refused.Ask.Data));
        Assert.Empty(story.Find(story.Current(0))!.Asks);
        story.Asks(story.Current(0), NodeStory.Ask(2, address: new string('1', 5000)));
        Assert.Equal(ListenRefusal.Invalid, Assert.Single(story.Orders.OfType<RefuseListener>()).Reason);
        story.ListensOn(story.Current(0), NodeStory.Ask(3) with { Data = "{\"ticketKeys\":\"x\"}" });
        Assert.Single(story.Find(story.Current(0))!.Grants);
    }

    private static AppSpec As(AppSpec spec, RunAs user) => spec with { Launch = spec.Launch with { RunAs = user } };
}
