using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>The rows of the option table that replace workers without a command: memory, schedule, changed files.</summary>
internal static class UpkeepOptions
{
    /// <summary>What chokidar, which pm2 watches with, can be told and what makes no difference here.</summary>
    private static readonly string[] NoDifference =
    [
        "persistent", "ignoreInitial", "usePolling", "useFsEvents", "interval", "binaryInterval", "alwaysStat", "awaitWriteFinish",
        "ignorePermissionErrors", "atomic", "disableGlobbing",
    ];

    public static ImmutableArray<AppOption> All { get; } =
    [
        new("max_memory_restart", [], "size", null, "replace a worker whose processes hold more than this: 300M, 1G; 0: never", MaxMemory),
        new("cron_restart", ["cron"], "cron | 0", null, "replace the workers at set times, and start them when they are stopped: 5 or 6 fields, the sixth in front is seconds", Cron),
        new("watch", [], "true | false | path | list", "false", "replace the workers when files change; true: the working directory", Watch),
        new("ignore_watch", [], "text | list", ".* and node_modules", "what 'watch' does not look at: names at any depth, or paths; * and ** are understood", (n, d, r) => List(n, r, v => d.IgnoreWatch = v)),
        AppOptions.Duration("watch_delay", [], 0, "200ms", "how long nothing more must change before the workers are replaced", (d, v) => d.WatchDelay = v),
        new("watch_options", [], "mapping", null, "ignored, depth and followSymlinks, as chokidar knows them; links are not followed unless this says so", WatchOptions),
    ];

    private static void MaxMemory(ConfigNode node, AppDraft draft, ValueReader reader)
    {
        if (reader.Size(node, out var bytes))
            draft.MaxMemory = new(bytes, node.Place);
    }

    private static void Cron(ConfigNode node, AppDraft draft, ValueReader reader)
    {
        if (!reader.Text(node, out var text))
            return;
        var pattern = text.Trim();
        if (pattern is "" or "0" or "false" or "null")
            draft.Cron = new(null, node.Place);
        else if (reader.Context.CronProblem(pattern) is { } problem)
            reader.Fail(node, $"'{Printable.Short(pattern)}' is no schedule: {problem}", "minute hour day month weekday, for example \"0 3 * * *\" for three in the night; six fields begin with seconds");
        else
            draft.Cron = new(pattern, node.Place);
    }

    private static void Watch(ConfigNode node, AppDraft draft, ValueReader reader)
    {
        if (node is ScalarNode)
        {
            if (!reader.Text(node, out var text))
                return;
            if (text.ToLowerInvariant() is "true" or "false" or "")
            {
                draft.Watch = new(new(text.Equals("true", StringComparison.OrdinalIgnoreCase), []), node.Place);
                return;
            }
        }

        List(node, reader, paths => draft.Watch = new(new(true, paths.Value), paths.Place));
    }

    private static void WatchOptions(ConfigNode node, AppDraft draft, ValueReader reader)
    {
        if (node is not MappingNode mapping)
        {
            reader.Wrong(node, "a mapping");
            return;
        }

        var details = new WatchDetails();
        foreach (var (key, value, _) in mapping.Entries)
        {
            switch (key.Value)
            {
                case "ignored":
                    List(value, reader, ignored => details = details with { Ignored = ignored.Value });
                    break;
                case "depth":
                    if (reader.Number(value, 0, 1_000, out var depth))
                        details = details with { Depth = depth };
                    break;
                case "followSymlinks" or "follow_symlinks":
                    if (reader.Flag(value, out var follow))
                        details = details with { FollowLinks = follow };
                    break;
                case "cwd":
                    reader.Problems.Warning(key.Place, "watch_options.cwd is ignored: paths start at the app's cwd", "write absolute paths into 'watch'");
                    break;
                default:
                    if (!NoDifference.Contains(key.Value))
                        reader.Fail(key, $"unknown key '{Printable.Short(key.Value)}' in watch_options", Nearest.Hint(key.Value, ["ignored", "depth", "followSymlinks"]));
                    break;
            }
        }

        draft.WatchOptions = new(details, node.Place);
    }

    /// <summary>One text, or a list of them; unlike arguments, a text is not split at its spaces.</summary>
    private static void List(ConfigNode node, ValueReader reader, Action<Setting<ImmutableArray<string>>> set)
    {
        var values = ImmutableArray.CreateBuilder<string>();
        foreach (var item in ValueReader.OneOrMany(node))
        {
            if (!reader.Word(item, out var text))
                return;
            values.Add(text);
        }

        set(new(values.ToImmutable(), node.Place));
    }
}
