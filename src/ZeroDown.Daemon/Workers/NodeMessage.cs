using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon.Workers;

/// <summary>What a Node worker says on its channel, as far as it concerns us.</summary>
internal abstract record NodeMessage
{
    private NodeMessage()
    {
    }

    /// <summary><c>process.send('ready')</c>.</summary>
    public sealed record Ready : NodeMessage;

    /// <summary>The cluster module lives in it and can be told to disconnect.</summary>
    public sealed record Online : NodeMessage;

    /// <summary>It wants a listening socket.</summary>
    public sealed record Asks(ListenAsk Ask) : NodeMessage;

    public sealed record Listening(ListenPoint Point) : NodeMessage;

    public sealed record Closed(string Key) : NodeMessage;

    /// <summary><c>cluster.worker.disconnect()</c>: it leaves by its own will, and waits for our word.</summary>
    public sealed record LeavesByItself(long Seq) : NodeMessage;

    /// <summary>Something of the cluster protocol that we do not know, with a number that wants an answer.</summary>
    public sealed record WantsAnswer(long Seq) : NodeMessage;

    /// <summary>It sends a socket of its own. Nobody here wants it, but until it is acknowledged the worker holds back all further messages.</summary>
    public sealed record SendsHandle : NodeMessage;

    /// <summary>A socket that we sent has arrived.</summary>
    public sealed record HandleTaken : NodeMessage;

    /// <summary>A socket that we sent has not arrived: the worker has no descriptor left.</summary>
    public sealed record HandleLost : NodeMessage;

    /// <summary>Our preload lives in it.</summary>
    public sealed record Hello(string? Version) : NodeMessage;

    /// <summary>What it still has open.</summary>
    public sealed record Draining(int Requests, int Idle) : NodeMessage;

    /// <summary>It has let go of everything, and kept the channel as it was told to.</summary>
    public sealed record Drained : NodeMessage;

    /// <summary>It calls itself Node's own, and makes no sense.</summary>
    public sealed record Nonsense(string Problem) : NodeMessage;
}
