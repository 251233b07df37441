using System.Globalization;
using ZeroDown.Cli.Views;
using ZeroDown.Daemon.Workers;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Health;

/// <summary>Keeper, daemon, their workers, and what they may have left.</summary>
internal static class DaemonChecks
{
    /// <param name="home">Where they live.</param>
    /// <param name="fleet">Null when there is no daemon that answers.</param>
    public static IEnumerable<Finding> Of(HomeFolder home, FleetSnapshot? fleet)
    {
        var keeper = InstanceLock.ReadHolder(home.KeeperLock);
        var keeperLives = keeper > 0 && ProcessIdentity.Of(keeper)?.IsAlive() == true && IsHeld(home.KeeperLock);
        if (fleet is null)
        {
            yield return keeperLives
                ? Finding.Broken("daemon", $"the keeper (pid {keeper}) is there and no daemon answers", $"{home.KeeperLog} and {home.DaemonLog} say why; `zd list` asks again")
                : Finding.Note("daemon", "none is running");
        }
        else
        {
            yield return Finding.Good("daemon", $"pid {fleet.Daemon.Pid}, keeper {fleet.Daemon.KeeperPid}, {fleet.Apps.Length} apps");
            yield return Versions(fleet.Daemon);
        }

        var workers = fleet?.Apps.SelectMany(app => app.Slots.Select(slot => slot.Worker).OfType<WorkerView>().Concat(app.Draining)).ToList() ?? [];
        if (!keeperLives || fleet is not null)
        {
            var strays = RunFolders.Of(home).SelectMany(folder => StrayWorkers.Find(folder, [.. workers.Select(worker => worker.Pid)])).ToList();
            yield return strays.Count == 0
                ? Finding.Good("workers", $"{workers.Count}, and none without a daemon")
                : Finding.Warn(
                    "workers",
                    $"{strays.Count} processes of workers that this daemon does not know: {string.Join("; ", strays.Take(5).Select(stray => $"{stray.Pid} {Shortened(stray.CommandLine)}"))}",
                    fleet is null ? "any `zd` command that starts a daemon takes over those that are on record, and names the others; or kill them" : $"kill {string.Join(' ', strays.Select(stray => stray.Pid))}, if nobody needs them");
        }

        foreach (var errored in fleet?.Apps.Where(app => app.Slots.Any(slot => slot.Status == "errored")) ?? [])
            yield return Finding.Warn("apps", $"{errored.Definition.Name} has given up", $"zd logs {errored.Definition.Name} --err, then zd restart {errored.Definition.Name}");
        foreach (var (app, said) in (fleet?.Apps ?? []).Select(app => (app.Definition.Name, Said: ShellVariables.Said(app.Definition, CurrentUser.Name))).Where(one => one.Said is not null))
            yield return Finding.Warn("variables", $"{app} has {said}", $"write it into the file of {app}, then zd reload FILE");
        yield return Leftovers(home, fleet is null && !keeperLives, [.. workers.Select(worker => worker.Id)]);
    }

    private static Finding Versions(DaemonInfo daemon)
    {
        if (daemon.Version != Cli.Versions.Zd)
            return Finding.Warn("versions", $"this is zd {Cli.Versions.Zd}, the daemon is {daemon.Version}", "zd update brings the daemon to this version, under load");
        return RunningProgram.IsReplaced(daemon.KeeperPid) == true || RunningProgram.IsReplaced(daemon.Pid) == true
            ? Finding.Note("versions", $"{daemon.Version}; the file on disk was replaced since keeper and daemon were started")
            : Finding.Good("versions", $"{daemon.Version}, all from the file on disk");
    }

    private static Finding Leftovers(HomeFolder home, bool nobodyLives, HashSet<long> workers)
    {
        List<string> stale = [];
        stale.AddRange(RunFolders.Of(home).SelectMany(folder => Directory.EnumerateFiles(folder, "*.notify")).Where(path =>
            long.TryParse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture, out var number) && !workers.Contains(number)));

        if (nobodyLives && File.Exists(home.Pipe))
            stale.Add(home.Pipe);
        if (Directory.Exists(home.Path))
            stale.AddRange(Directory.EnumerateFiles(home.Path, "*.new"));
        return stale.Count == 0
            ? Finding.Good("leftovers", "none")
            : Finding.Note("leftovers", $"{stale.Count} files that nobody uses any more ({string.Join(", ", stale.Take(3))}{(stale.Count > 3 ? ", …" : "")})", "the next daemon clears them away; they harm nobody");
    }

    /// <summary>A pid in a file is only a number; the lock tells whether its writer lives.</summary>
    private static bool IsHeld(string path)
    {
        try
        {
            using var mine = InstanceLock.TryTake(path, out _);
            return mine is null;
        }
        catch (SystemCallException)
        {
            return false;
        }
    }

    private static string Shortened(string text) => text.Length <= 60 ? text : text[..59] + "…";
}
