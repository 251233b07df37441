using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Config;

/// <summary>Makes an app's upkeep rule of its draft: paths become absolute, and what cannot work is said.</summary>
/// <param name="cwd">Where relative paths start, as in pm2.</param>
/// <param name="absolute">Makes a path absolute from a folder.</param>
/// <param name="problems">Where problems go.</param>
internal sealed class UpkeepResolution(string cwd, Func<string, string, string> absolute, Problems problems)
{
    /// <summary>How pm2's documentation writes "dotfiles": <c>[\/\\]\.</c></summary>
    private static readonly string[] DotFilesInPm2 = [@"[\/\\]\.", @"[\/\\]\./", @"[\\/\\\\]\\./"];

    public UpkeepRule Of(AppDraft draft, ResolvedScript program) => new()
    {
        MaxMemoryBytes = draft.MaxMemory is { Value: > 0 } limit ? limit.Value : null,
        Cron = draft.Cron?.Value,
        Watch = Watch(draft, program),
    };

    private WatchRule? Watch(AppDraft draft, ResolvedScript program)
    {
        if (draft is { Watch: null, IgnoreWatch: null, WatchDelay: null, WatchOptions: null })
            return null;
        // Without 'watch' the rest is kept for the day it is switched on: zd restart --watch.
        var watch = draft.Watch ?? new(new(false, []), draft.Place);
        if (watch.Value.Enabled && program.Project is not null)
        {
            problems.Warning(
                watch.Place,
                $"{Path.GetFileName(program.Script)} is not watched: its changes mean nothing before they are built, and only `zd` builds, not the daemon",
                "after a change: zd reload with this file builds it and rolls");
            return null;
        }

        var rule = new WatchRule
        {
            Enabled = watch.Value.Enabled,
            Paths = watch.Value.Paths.IsEmpty ? [cwd] : watch.Value.Paths.Select(Watched).ToEquatableArray(),
            Depth = draft.WatchOptions?.Value.Depth,
            FollowLinks = draft.WatchOptions?.Value.FollowLinks ?? false,
        };
        if (draft.WatchDelay is { } delay && delay.Value > TimeSpan.Zero)
            rule = rule with { Delay = delay.Value };
        ImmutableArray<string> ignored = [.. draft.IgnoreWatch?.Value ?? [], .. draft.WatchOptions?.Value.Ignored ?? []];
        if (draft.IgnoreWatch is not null || !ignored.IsEmpty)
            rule = rule with { Ignore = ignored.Select(Ignored).ToEquatableArray() };
        if (watch.Value.Enabled)
            CheckPaths(watch, rule.Paths);
        return rule;
    }

    private string Watched(string path) => absolute(path, cwd);

    /// <summary>A name stays a name, at any depth; what has a slash is a path.</summary>
    private string Ignored(string pattern)
    {
        if (DotFilesInPm2.Contains(pattern))
            return ".*";
        var trimmed = pattern.TrimEnd('/');
        if (trimmed.StartsWith("**/", StringComparison.Ordinal) && !trimmed[3..].Contains('/'))
            return trimmed[3..];
        return trimmed.Contains('/') || trimmed == "~" ? absolute(trimmed, cwd) : trimmed;
    }

    private void CheckPaths(Setting<WatchDraft> watch, EquatableArray<string> paths)
    {
        foreach (var path in paths)
        {
            if (path.AsSpan().IndexOfAny("*?[{") < 0 && !Path.Exists(path))
                problems.Warning(watch.Place, $"watch: {path} does not exist", NearestFiles.Hint(path));
        }
    }
}
