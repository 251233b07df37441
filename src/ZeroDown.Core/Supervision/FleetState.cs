using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// All that the supervisor knows and wants. Immutable, so a reader may keep it for as long as it likes; the only writer is
/// <see cref="Supervisor.Step"/>.
/// </summary>
public sealed record FleetState
{
    public static readonly FleetState Empty = new();

    /// <summary>In the order in which they were first started: the order of <c>all</c>.</summary>
    public ImmutableList<AppState> Apps { get; init; } = [];

    public ImmutableDictionary<ListenerAddress, Listener> Listeners { get; init; } = ImmutableDictionary<ListenerAddress, Listener>.Empty;

    public long NextWorker { get; init; } = 1;

    public int NextPmId { get; init; }

    public long NextEpoch { get; init; } = 1;

    public bool ShuttingDown { get; init; }

    public AppState? Find(AppName name) => Apps.Find(app => app.Spec.Name == name);
}

/// <summary>One app: what is asked of it, its slots and its processes.</summary>
public sealed record AppState
{
    /// <summary>What is asked for now; workers carry the spec that they were launched with.</summary>
    public required AppSpec Spec { get; init; }

    /// <summary>The newest generation that was started.</summary>
    public int Generation { get; init; } = 1;

    public ImmutableArray<SlotState> Slots { get; init; } = [];

    /// <summary>Every process that is launched and not forgotten: current, newcomers of a roll, old ones that drain.</summary>
    public ImmutableSortedDictionary<long, Worker> Workers { get; init; } = ImmutableSortedDictionary<long, Worker>.Empty;

    public Roll? Roll { get; init; }
}

/// <summary>A stable position 0 … n-1 of an app. It outlives its workers.</summary>
public sealed record SlotState
{
    public required int Slot { get; init; }

    /// <summary>Daemon-wide number, as pm2 shows it.</summary>
    public required int PmId { get; init; }

    /// <summary>The intent: true when a worker is wanted here.</summary>
    public bool Wanted { get; init; } = true;

    /// <summary>The worker that stands for the slot, null when there is none.</summary>
    public WorkerId? Current { get; init; }

    /// <summary>Of <see cref="Current"/> if there is one, else Backoff, Errored or Stopped.</summary>
    public WorkerPhase Phase { get; init; } = WorkerPhase.Stopped;

    /// <summary>Quick exits in a row.</summary>
    public int Crashes { get; init; }

    /// <summary>pm2's restart_time: automatic restarts, restarts and reloads.</summary>
    public int Restarts { get; init; }

    public TimeSpan? PreviousBackoff { get; init; }

    public ExitStatus? LastExit { get; init; }
}

/// <summary>One process and what is known of it.</summary>
public sealed record Worker
{
    public required WorkerId Id { get; init; }

    public required int Slot { get; init; }

    public required int Generation { get; init; }

    /// <summary>What it was launched with.</summary>
    public required AppSpec Spec { get; init; }

    public WorkerPhase Phase { get; init; } = WorkerPhase.Starting;

    /// <summary>0 until the keeper has a process.</summary>
    public int Pid { get; init; }

    /// <summary>CLOCK_MONOTONIC of the order to launch.</summary>
    public TimeSpan LaunchedAt { get; init; }

    public TimeSpan? ReadyAt { get; init; }

    public bool SaidReady { get; init; }

    public bool Listens { get; init; }

    public bool HasChannel { get; init; }

    public string? Status { get; init; }

    /// <summary>While it drains: how many connections it still has open; null when nobody has counted.</summary>
    public int? OpenConnections { get; init; }

    /// <summary>An address that it listens on by itself, null when all its sockets are ours.</summary>
    public string? OwnPort { get; init; }

    public DrainReason? Leaving { get; init; }
}

/// <summary>An address that is bound, or is being bound, for whoever uses it.</summary>
public sealed record Listener(ListenerSpec Spec, ListenerPhase Phase, string? BoundAddress = null);

public enum ListenerPhase
{
    Opening,
    Open,
}
