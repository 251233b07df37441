using System.Collections.Immutable;

namespace ZeroDown.Core.Supervision;

/// <summary>A command that is not answered yet. It is answered when each of its errands is done.</summary>
public sealed record PendingRequest(RequestId Id, Verb Verb, ImmutableArray<Errand> Errands)
{
    /// <summary>A reload is answered only when the last old worker is gone.</summary>
    public bool WaitDrained { get; init; }
}

/// <summary>What a pending command was.</summary>
public enum Verb
{
    Start,
    Reload,
    Restart,
    Stop,
    Delete,
    Scale,
    Reset,
    Signal,
    Watch,
    Shutdown,
}

/// <summary>A command's part about one app.</summary>
public sealed record Errand(Target Target, ErrandStage Stage)
{
    /// <summary>What it will have come to when all goes well.</summary>
    public OutcomeKind Promise { get; init; }

    /// <summary>While <see cref="ErrandStage.Starting"/>: the slots that are to be ready.</summary>
    public ImmutableArray<int> Slots { get; init; } = [];

    /// <summary>While <see cref="ErrandStage.Leaving"/>: the workers that are to be gone.</summary>
    public ImmutableArray<WorkerId> Workers { get; init; } = [];

    /// <summary>Known once it is done; while <see cref="ErrandStage.Heeding"/> or <see cref="ErrandStage.Draining"/> what it will be.</summary>
    public AppOutcome? Outcome { get; init; }
}

/// <summary>What an errand waits for.</summary>
public enum ErrandStage
{
    /// <summary>For its turn to be rolled.</summary>
    Queued,

    /// <summary>For the end of the app's roll.</summary>
    Rolling,

    /// <summary>For everybody whom the roll told to leave to take no new connection any more.</summary>
    Heeding,

    /// <summary>For the last old worker to be gone.</summary>
    Draining,

    /// <summary>For its slots to be ready.</summary>
    Starting,

    /// <summary>For its workers to be gone.</summary>
    Leaving,

    /// <summary>For nothing.</summary>
    Done,
}
