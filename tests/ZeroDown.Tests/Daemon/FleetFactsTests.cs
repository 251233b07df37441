using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Rpc;
using ZeroDown.Tests.Core;

namespace ZeroDown.Tests.Daemon;

public class FleetFactsTests
{
    [Theory]
    [InlineData(ReadySign.Spoken, DeadlineKind.Ready, true)]
    [InlineData(ReadySign.Spoken, DeadlineKind.Drain, false)]
    [InlineData(ReadySign.SpokenStrict, DeadlineKind.Ready, false)]
    public void Ports_are_looked_up_only_where_they_can_make_a_worker_ready(ReadySign sign, DeadlineKind kind, bool looks)
    {
        var story = new FleetStory();
        story.Start(FleetStory.Spec(sign: sign, port: null));
        var worker = story.Current(0);
        story.Runs(worker);
        var facts = new FleetFacts(_ => { }, workers => [new WorkerBindsOwnPort(workers[0].Id, [":3000"])]);
        Assert.Equal(
            looks ? new WorkerBindsOwnPort(worker, [":3000"]) : null,
            facts.Before(story.State, new DeadlineId(new AppName("api"), 0, worker, kind, 1)));
    }

    [Fact]
    public void A_worker_without_a_port_is_no_news()
    {
        var story = new FleetStory();
        story.Start(FleetStory.Spec(sign: ReadySign.Spoken, port: null));
        story.Runs(story.Current(0));
        var deadline = new DeadlineId(new AppName("api"), 0, story.Current(0), DeadlineKind.Ready, 1);
        Assert.Null(new FleetFacts(_ => { }, workers => [new WorkerBindsOwnPort(workers[0].Id, [])]).Before(story.State, deadline));
    }
}
