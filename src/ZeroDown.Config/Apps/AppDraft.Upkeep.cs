using System.Collections.Immutable;

namespace ZeroDown.Config;

// What was said about replacing workers without a command.
internal sealed partial class AppDraft
{
    /// <summary>0: no limit.</summary>
    public Setting<long>? MaxMemory { get; set; }

    /// <summary>Null inside: no schedule, said explicitly.</summary>
    public Setting<string?>? Cron { get; set; }

    public Setting<WatchDraft>? Watch { get; set; }
    public Setting<ImmutableArray<string>>? IgnoreWatch { get; set; }
    public Setting<TimeSpan>? WatchDelay { get; set; }
    public Setting<WatchDetails>? WatchOptions { get; set; }
}

/// <summary><c>watch: false | true | path | list</c>.</summary>
/// <param name="Enabled">False: not watched.</param>
/// <param name="Paths">As written; empty: the working directory.</param>
internal readonly record struct WatchDraft(bool Enabled, ImmutableArray<string> Paths);

/// <summary>What <c>watch_options</c> can say here.</summary>
internal sealed record WatchDetails
{
    public ImmutableArray<string> Ignored { get; init; } = [];

    public int? Depth { get; init; }

    public bool FollowLinks { get; init; }
}
