using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>What a new daemon finds when it takes the place of one that died: the truth about processes and sockets, as the keeper tells it.</summary>
public sealed record TakeOverFacts
{
    /// <summary>By worker number: what the keeper knows of it. It may know more workers than the state does.</summary>
    public ImmutableSortedDictionary<long, KeptProcess> Processes { get; init; } = ImmutableSortedDictionary<long, KeptProcess>.Empty;

    /// <summary>The highest number that the keeper knows, also of workers that no record does: whoever is launched now must not be taken for one of them.</summary>
    public long HighestNumber { get; init; }

    /// <summary>Sockets that were given back, and what each is bound to.</summary>
    public ImmutableDictionary<ListenerAddress, string> Listeners { get; init; } = ImmutableDictionary<ListenerAddress, string>.Empty;

    /// <summary>Sockets that could only be bound anew beside the old ones: whoever accepts on an old one has to be replaced.</summary>
    public ImmutableHashSet<ListenerAddress> BoundAnew { get; init; } = [];

    /// <summary>Those of them that get no connection until we say so: the old ones have them all.</summary>
    public ImmutableHashSet<ListenerAddress> Steered { get; init; } = [];

    /// <summary>True: this keeper served the daemon that wrote the state, so a worker that it does not know was never launched, and it sends
    /// no signal twice. False: keeper or both were killed since. A worker that ran and that nobody knows is gone, one that had not begun to
    /// run is withdrawn (its trampoline ended with its keeper), and which signals were sent is not known.</summary>
    public bool SameKeeper { get; init; } = true;
}

/// <summary>A launch that is not forgotten, as the keeper knows it.</summary>
/// <param name="Stage">How far it came.</param>
/// <param name="Pid">0 if there never was a process.</param>
/// <param name="Exit">How it ended, in <see cref="KeptStage.Exited"/>; null: nobody knows.</param>
/// <param name="Problem">Why it never ran, in <see cref="KeptStage.Failed"/>.</param>
/// <param name="ChannelLost">The sockets over which it speaks are not there any more: it can be neither told nor heard, and what
/// it said last may be lost.</param>
public sealed record KeptProcess(KeptStage Stage, int Pid, ExitStatus? Exit = null, LaunchProblem? Problem = null, bool ChannelLost = false)
{
    /// <summary>What lives of its tree, in <see cref="KeptStage.Exited"/>; null: nothing.</summary>
    public TreeRest? Rest { get; init; }

    /// <summary>When it ended (CLOCK_MONOTONIC); null when it lives, or nobody knows.</summary>
    public TimeSpan? EndedAt { get; init; }

    /// <summary>What it printed last, in <see cref="KeptStage.Exited"/>.</summary>
    public EquatableArray<string> LastWords { get; init; } = [];
}

/// <summary>How far a launch came while nobody was told.</summary>
public enum KeptStage
{
    /// <summary>The process waits at its gate.</summary>
    AtGate,

    /// <summary>The gate is open, the program does not run yet.</summary>
    Starting,

    /// <summary>The program runs.</summary>
    Started,

    /// <summary>It ended.</summary>
    Exited,

    /// <summary>It never ran.</summary>
    Failed,
}
