using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon;

namespace ZeroDown.Tests.Daemon;

public sealed class SupervisorLoopTests
{
    [Fact]
    public void Every_step_is_written_down_before_it_is_acted_upon()
    {
        var written = new HashSet<SupervisorAction>(ReferenceEqualityComparer.Instance);
        var done = new List<SupervisorAction>();
        var loop = new SupervisorLoop(() => TimeSpan.Zero, order =>
        {
            Assert.Contains(order, (IReadOnlySet<SupervisorAction>)written);
            done.Add(order);
        });
        loop.WriteDown = step => written.UnionWith(step.Actions);

        Run(loop, new StartRequested(new RequestId(1), [new Target(new AppName("web"), NewSpec: Some.App(instances: 1))]), new ShutdownRequested(new RequestId(2)));

        Assert.Contains(done, order => order is LaunchWorker);
        Assert.Contains(done, order => order is EndDaemon);
    }

    [Fact]
    public void Old_news_is_not_written_down()
    {
        var written = 0;
        var loop = new SupervisorLoop(() => TimeSpan.Zero, _ => { });
        loop.WriteDown = _ => written++;

        Run(loop, new WorkerExecuted(new WorkerId(7)), new WorkerSaidReady(new WorkerId(7)), new ShutdownRequested(new RequestId(1)));

        Assert.Equal(1, written);
    }

    [Fact]
    public void It_goes_on_from_what_was_remembered()
    {
        var loop = new SupervisorLoop(() => TimeSpan.Zero, _ => { });
        loop.TakeOver(new FleetState { NextPmId = 7 }, new TakeOverFacts());

        Run(loop, new StartRequested(new RequestId(1), [new Target(new AppName("web"), NewSpec: Some.App(instances: 1) with { Autostart = false })]), new ShutdownRequested(new RequestId(2)));

        Assert.Equal(7, loop.Current.Apps[0].Slots[0].PmId);
    }

    /// <summary>Everything is in the mailbox before the loop turns, and the last of it ends the loop: nothing has a process.</summary>
    private static void Run(SupervisorLoop loop, params SupervisorEvent[] events)
    {
        foreach (var news in events)
            loop.Post(news);
        if (events[0] is StartRequested { Targets: [{ NewSpec.Autostart: true }] })
            loop.Post(new LaunchFailed(new WorkerId(1), new LaunchProblem("execve", 2, "no such file")));
        loop.Run();
    }
}
