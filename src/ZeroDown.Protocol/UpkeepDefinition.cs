namespace ZeroDown.Protocol;

/// <summary>When an app's workers are replaced without a command.</summary>
public sealed record UpkeepDefinition
{
    public long? MaxMemoryBytes { get; set; }

    /// <summary>Five fields, or six with seconds in front.</summary>
    public string? Cron { get; set; }

    public WatchDefinition? Watch { get; set; }
}

/// <summary>Whose changes replace an app's workers.</summary>
public sealed record WatchDefinition
{
    public bool Enabled { get; set; } = true;

    /// <summary>Absolute.</summary>
    public string[] Paths { get; set; } = [];

    /// <summary>Names at any depth, or absolute paths.</summary>
    public string[] Ignore { get; set; } = [];

    public long DelayMs { get; set; } = 200;

    public int? Depth { get; set; }

    public bool FollowLinks { get; set; }
}
