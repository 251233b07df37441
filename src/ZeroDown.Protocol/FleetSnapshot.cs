namespace ZeroDown.Protocol;

/// <summary>What runs, at one moment.</summary>
public sealed record FleetSnapshot
{
    public required DaemonInfo Daemon { get; init; }

    public AppView[] Apps { get; set; } = [];

    /// <summary>Targets of the request that name nothing, each with the nearest match in words.</summary>
    public string[] Errors { get; set; } = [];
}

public sealed record AppView
{
    public required AppDefinition Definition { get; init; }

    /// <summary>The one that serves; a reload that failed does not count.</summary>
    public int Generation { get; set; }

    public bool Rolling { get; set; }

    /// <summary>It has no instances now; <see cref="AppDefinition.Instances"/> is the number that a start brings back.</summary>
    public bool ScaledToZero { get; set; }

    /// <summary>Why the last reload failed; null when it did not, or the app was started anew since.</summary>
    public FailureView? FailedReload { get; set; }

    public SlotView[] Slots { get; set; } = [];

    /// <summary>Old workers that finish what they hold.</summary>
    public WorkerView[] Draining { get; set; } = [];

    public ListenerView[] Listeners { get; set; } = [];
}

/// <summary>A slot and the worker that stands for it.</summary>
public sealed record SlotView
{
    public int Slot { get; set; }

    public int PmId { get; set; }

    /// <summary>launching, online, stopping, stopped, errored, waiting restart.</summary>
    public required string Status { get; init; }

    public WorkerView? Worker { get; set; }

    public int Restarts { get; set; }

    public int UnstableRestarts { get; set; }

    public long? PreviousBackoffMs { get; set; }

    public int? LastExitCode { get; set; }

    /// <summary>It was a job, and ended well.</summary>
    public bool EndedWell { get; set; }

    /// <summary>Why its last worker ended that was not asked to; null when none has since the last command.</summary>
    public FailureView? LastFailure { get; set; }

    public string? LastExitSignal { get; set; }

    /// <summary>Unix time in milliseconds of the slot's creation.</summary>
    public long CreatedAtMs { get; set; }

    public required string OutLog { get; init; }

    public required string ErrorLog { get; init; }

    /// <summary>One more file with both streams; null when there is none.</summary>
    public string? CombinedLog { get; set; }

    public string? PidFile { get; set; }
}

/// <summary>Why something failed.</summary>
public sealed record FailureView
{
    /// <summary>A sentence for people.</summary>
    public required string Reason { get; init; }

    /// <summary>Unix time in milliseconds.</summary>
    public long AtMs { get; set; }

    /// <summary>The one that a reload was to bring.</summary>
    public int? Generation { get; set; }

    /// <summary>What the worker printed last: a few short lines.</summary>
    public string[] LastWords { get; set; } = [];
}

/// <summary>One process.</summary>
public sealed record WorkerView
{
    public long Id { get; set; }

    public int Slot { get; set; }

    public int PmId { get; set; }

    public int Pid { get; set; }

    public int Generation { get; set; }

    /// <summary>launching, online, draining, stopping.</summary>
    public required string Status { get; init; }

    /// <summary>A reload started it to follow the slot's worker: it does not serve in its place yet, or that reload has failed and it is to leave.</summary>
    public bool Newcomer { get; set; }

    /// <summary>Unix time in milliseconds of its launch.</summary>
    public long StartedAtMs { get; set; }

    public double CpuPercent { get; set; }

    public long MemoryBytes { get; set; }

    /// <summary>How many connections a draining worker still holds; null when not counted.</summary>
    public int? Connections { get; set; }

    /// <summary>What it says of itself (STATUS=).</summary>
    public string? StatusText { get; set; }

    /// <summary>An address it listens on by itself.</summary>
    public string? OwnPort { get; set; }

    /// <summary>Tells this process from every other that ever stood in its place, whichever daemon is asked.</summary>
    public string? UniqueId { get; set; }
}

public sealed record ListenerView
{
    public required string Address { get; init; }

    public required string Name { get; init; }

    public string? BoundAddress { get; set; }

    /// <summary>Connections that wait for a worker; null when unknown.</summary>
    public int? Queue { get; set; }
}
