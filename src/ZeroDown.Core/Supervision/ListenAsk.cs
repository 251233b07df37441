using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>An address in the terms of Node's cluster protocol, as a worker names it when it asks, listens and closes.</summary>
/// <param name="Address">An IP address, a path, or null for every address.</param>
/// <param name="Port">Null or 0: any; -1: it is a path.</param>
/// <param name="Kind"><c>4</c>, <c>6</c>, <c>-1</c> (a path), <c>udp4</c>, <c>udp6</c>; null beside <paramref name="Fd"/>.</param>
/// <param name="Fd">The worker's own number of a socket that it inherited; null when it names an address.</param>
/// <param name="Index">The how manieth server of the program on this address.</param>
public sealed record ListenPoint(string? Address, int? Port, string? Kind, int? Fd, int Index)
{
    /// <summary>Names the socket between the worker and us. The worker takes it as it is.</summary>
    public string Key => $"{Address}:{Port}:{Kind}:{Fd}:{Index}";

    /// <summary>True if the other is the same but for the port, and this one left the port open.</summary>
    public bool LeftOpenWhat(ListenPoint other) => Port is null or 0 && this with { Port = null } == other with { Port = null };
}

/// <summary>A worker's question for a listening socket (<c>queryServer</c>).</summary>
/// <param name="Seq">Its number in the worker; the answer repeats it.</param>
/// <param name="Point">What it wants.</param>
public sealed record ListenAsk(long Seq, ListenPoint Point)
{
    public int Backlog { get; init; } = ListenerSpec.DefaultBacklog;

    /// <summary>IPv6 only.</summary>
    public bool V6Only { get; init; }

    /// <summary>UDP only: SO_REUSEADDR.</summary>
    public bool Reuse { get; init; }

    /// <summary>Paths only: everybody may connect.</summary>
    public bool Writable { get; init; }

    /// <summary>What the server sends along for every worker that asks for the same (keys of TLS tickets), as the JSON that it was; null for nothing.</summary>
    public string? Data { get; init; }
}

/// <summary>A listener that a worker asked for and got.</summary>
/// <param name="Point">As it asked.</param>
/// <param name="Listener">What it got.</param>
/// <param name="Listening">It has said that it listens.</param>
public sealed record Grant(ListenPoint Point, ListenerAddress Listener, bool Listening = false)
{
    /// <summary>The question, until it listens: only then is it certain that the answer arrived.</summary>
    public ListenAsk? Ask { get; init; }
}

/// <summary>Why a worker does not get what it asked for; the shell makes the kernel's number of it.</summary>
public enum ListenRefusal
{
    /// <summary>It has that address already.</summary>
    InUse,

    /// <summary>There can be no such address, or it is not one that we may hand out.</summary>
    Invalid,

    /// <summary>It has more than any program needs.</summary>
    TooMany,

    /// <summary>The kernel refused; its number says why.</summary>
    ByKernel,
}
