namespace ZeroDown.Core.Apps;

/// <summary>When the supervisor replaces an app's workers by itself: too much memory, a schedule, changed files. All three
/// take the way of a reload, so none of them loses a request.</summary>
public sealed record UpkeepRule
{
    /// <summary>A worker whose process tree holds more than this is replaced; null: as much as it likes.</summary>
    public long? MaxMemoryBytes { get; init; }

    /// <summary>Five or six fields, checked where it was read; null: no schedule.</summary>
    public string? Cron { get; init; }

    /// <summary>Null: it was never asked for.</summary>
    public WatchRule? Watch { get; init; }
}

/// <summary>Whose changes replace an app's workers.</summary>
public sealed record WatchRule
{
    /// <summary>False: switched off with <c>--watch</c>, and what is watched is remembered for when it is switched on again.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Absolute paths of files and folders; <c>*</c>, <c>?</c> and <c>**</c> are understood.</summary>
    public EquatableArray<string> Paths { get; init; } = [];

    /// <summary>What is not looked at. A word without a slash is a name at any depth, else it is an absolute path with all below it.</summary>
    public EquatableArray<string> Ignore { get; init; } = StandardIgnore;

    /// <summary>How long nothing more must change before the workers are replaced.</summary>
    public TimeSpan Delay { get; init; } = StandardDelay;

    /// <summary>How many folders below each path are looked into; null: all.</summary>
    public int? Depth { get; init; }

    public bool FollowLinks { get; init; }

    /// <summary>pm2's: dotfiles and node_modules.</summary>
    public static EquatableArray<string> StandardIgnore => [".*", "node_modules"];

    /// <summary>An editor that saves writes more than once, and a checkout writes many files.</summary>
    public static readonly TimeSpan StandardDelay = TimeSpan.FromMilliseconds(200);
}
