using ZeroDown.Core.Apps;
using ZeroDown.Daemon.Upkeep;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Rpc;

/// <summary>The part of <see cref="AppDefinitions"/> about memory, schedule and changed files.</summary>
internal static class UpkeepDefinitions
{
    private static readonly UpkeepRule None = new();

    public static UpkeepDefinition? FromRule(UpkeepRule rule) => rule == None ? null : new()
    {
        MaxMemoryBytes = rule.MaxMemoryBytes,
        Cron = rule.Cron,
        Watch = rule.Watch is { } watch
            ? new WatchDefinition
            {
                Enabled = watch.Enabled,
                Paths = [.. watch.Paths],
                Ignore = [.. watch.Ignore],
                DelayMs = AppDefinitions.Milliseconds(watch.Delay),
                Depth = watch.Depth,
                FollowLinks = watch.FollowLinks,
            }
            : null,
    };

    /// <exception cref="FormatException">It makes no sense; the message says what.</exception>
    public static UpkeepRule ToRule(UpkeepDefinition? definition) => definition is null ? None : new()
    {
        MaxMemoryBytes = definition.MaxMemoryBytes is null or > 0
            ? definition.MaxMemoryBytes
            : throw new FormatException($"upkeep.maxMemoryBytes is {definition.MaxMemoryBytes}; it must be above 0, or null for no limit"),
        Cron = definition.Cron is { } cron && CronPattern.Problem(cron) is { } problem
            ? throw new FormatException($"upkeep.cron is \"{cron}\": {problem}")
            : definition.Cron,
        Watch = definition.Watch is { } watch
            ? new WatchRule
            {
                Enabled = watch.Enabled,
                Paths = watch.Paths.Select(path => AppDefinitions.AbsolutePath(path, "upkeep.watch.paths")).ToEquatableArray(),
                Ignore = watch.Ignore.ToEquatableArray(),
                Delay = AppDefinitions.Duration(watch.DelayMs, "upkeep.watch.delayMs"),
                Depth = watch.Depth is { } depth ? AppDefinitions.Between(depth, 0, 1_000, "upkeep.watch.depth") : null,
                FollowLinks = watch.FollowLinks,
            }
            : null,
    };
}
