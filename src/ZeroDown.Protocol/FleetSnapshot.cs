namespace ZeroDown.Protocol;

/// <summary>What runs, at one moment.</summary>
public sealed record FleetSnapshot
{
    public required DaemonInfo Daemon { get; init; }

    public AppView[] Apps { get; init; } = [];

    /// <summary>Targets of the request that name nothing, each with the nearest match in words.</summary>
    public string[] Errors { get; init; } = [];
}

public sealed record AppView
{
    public required AppDefinition Definition { get; init; }

    public int Generation { get; init; }

    public bool Rolling { get; init; }

    public SlotView[] Slots { get; init; } = [];

    /// <summary>Old workers that finish what they hold.</summary>
    public WorkerView[] Draining { get; init; } = [];

    public ListenerView[] Listeners { get; init; } = [];
}

/// <summary>A slot and the worker that stands for it.</summary>
public sealed record SlotView
{
    public int Slot { get; init; }

    public int PmId { get; init; }

    /// <summary>launching, online, stopping, stopped, errored, waiting restart.</summary>
    public required string Status { get; init; }

    public WorkerView? Worker { get; init; }

    public int Restarts { get; init; }

    public int UnstableRestarts { get; init; }

    public long? PreviousBackoffMs { get; init; }

    public int? LastExitCode { get; init; }

    public string? LastExitSignal { get; init; }

    /// <summary>Unix time in milliseconds of the slot's creation.</summary>
    public long CreatedAtMs { get; init; }

    public required string OutLog { get; init; }

    public required string ErrorLog { get; init; }
}

/// <summary>One process.</summary>
public sealed record WorkerView
{
    public long Id { get; init; }

    public int Slot { get; init; }

    public int PmId { get; init; }

    public int Pid { get; init; }

    public int Generation { get; init; }

    /// <summary>launching, online, draining, stopping.</summary>
    public required string Status { get; init; }

    /// <summary>Unix time in milliseconds of its launch.</summary>
    public long StartedAtMs { get; init; }

    public double CpuPercent { get; init; }

    public long MemoryBytes { get; init; }

    /// <summary>How many connections a draining worker still holds; null when not counted.</summary>
    public int? Connections { get; init; }

    /// <summary>What it says of itself (STATUS=).</summary>
    public string? StatusText { get; init; }

    /// <summary>An address it listens on by itself.</summary>
    public string? OwnPort { get; init; }
}

public sealed record ListenerView
{
    public required string Address { get; init; }

    public required string Name { get; init; }

    public string? BoundAddress { get; init; }

    /// <summary>Connections that wait for a worker; null when unknown.</summary>
    public int? Queue { get; init; }
}
