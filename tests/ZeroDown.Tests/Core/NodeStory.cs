using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>What workers of a Node cluster do, for stories about them.</summary>
internal static class NodeStory
{
    public static AppSpec Spec(int instances = 1, ReadySign sign = ReadySign.Listening, bool byMessage = false) =>
        FleetStory.Spec(instances: instances, sign: sign, port: null) is var spec
            ? spec with
            {
                ExecMode = ExecMode.Cluster,
                Launch = spec.Launch with { Runtime = Runtime.Node },
                Stop = spec.Stop with { Signal = "SIGINT", ByMessage = byMessage },
            }
            : spec;

    /// <summary>A question for a TCP port on every address.</summary>
    public static ListenAsk Ask(long seq, int port = 3000, string? address = null, int index = 0) => new(seq, new ListenPoint(address, port, "4", null, index));

    public static FleetStory Starting()
    {
        var story = new FleetStory();
        story.Start(Spec());
        return story.Runs(new WorkerId(1));
    }

    /// <summary>The worker asks, gets what it asked for, and listens on it.</summary>
    public static FleetStory Listening(WorkerId worker, bool byMessage = false)
    {
        var story = new FleetStory();
        story.Start(Spec(byMessage: byMessage));
        return story.Runs(worker).ListensOn(worker);
    }

    /// <summary>An app whose workers all listen on port 3000.</summary>
    public static FleetStory Running(AppSpec spec)
    {
        var story = new FleetStory();
        story.Start(spec);
        foreach (var worker in story.Starting())
            story.Runs(worker).ListensOn(worker);
        return story;
    }

    public static FleetStory Asks(this FleetStory story, WorkerId worker, ListenAsk? ask = null) => story.Happens(new WorkerAskedToListen(worker, ask ?? Ask(7)));

    public static FleetStory ListensOn(this FleetStory story, WorkerId worker, ListenAsk? ask = null, int? realPort = null)
    {
        ask ??= Ask(7);
        return story.Asks(worker, ask).ListenersOpen().Happens(new WorkerListensOn(worker, ask.Point with { Port = realPort ?? ask.Point.Port }));
    }
}
