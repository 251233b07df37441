using ZeroDown.Daemon.Survival;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Health;

/// <summary>What is written down for the next daemon and the next boot.</summary>
internal static class SavedChecks
{
    public static IEnumerable<Finding> Of(HomeFolder home, FleetSnapshot? fleet)
    {
        if (File.Exists(home.State))
        {
            yield return DumpFile.ProblemOf(home.State) is { } problem
                ? Finding.Broken("state file", problem, $"a daemon that runs writes it anew at the next change; else move it away: mv {home.State} {home.State}.bad")
                : Finding.Good("state file", "can be read");
        }

        foreach (var warning in fleet?.Daemon.Warnings ?? [])
            yield return Finding.Warn("state file", warning, $"make room, or mend the rights of {home.Path}; the daemon tries again by itself");

        foreach (var path in (string[])[home.Dump, home.PreviousDump])
        {
            if (DumpFile.ProblemOf(path) is { } problem)
                yield return path == home.Dump ? Finding.Broken("saved list", problem, "zd save") : Finding.Warn("saved list", problem, "two times `zd save` replaces it");
        }

        if (DumpFile.Summary(home.Dump) is not { } saved)
        {
            if (!File.Exists(home.Dump))
                yield return Finding.Note("saved list", "nothing is saved with `zd save`; a boot starts what last ran");
            yield break;
        }

        yield return fleet is null ? Finding.Good("saved list", $"{saved.Count} apps") : InSync(saved, fleet);
    }

    private static Finding InSync(IReadOnlyDictionary<string, int> saved, FleetSnapshot fleet)
    {
        var running = fleet.Apps.ToDictionary(app => app.Definition.Name, app => app.Slots.Count(slot => slot.Status != "stopped"));
        List<string> differences =
        [
            .. running.Where(app => !saved.ContainsKey(app.Key)).Select(app => $"{app.Key} is not saved"),
            .. saved.Where(app => !running.ContainsKey(app.Key)).Select(app => $"{app.Key} is saved and not here"),
            .. running.Where(app => saved.TryGetValue(app.Key, out var count) && count != app.Value).Select(app => $"{app.Key} runs {app.Value} workers and {saved[app.Key]} are saved"),
        ];
        return differences.Count == 0
            ? Finding.Good("saved list", $"{saved.Count} apps, as they run")
            : Finding.Warn("saved list", string.Join("; ", differences), "zd save, if what runs now is what a boot should start");
    }
}
