using System.Collections.Immutable;
using ZeroDown.Daemon.Workers;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Survival;

/// <summary>Workers that were left alone when keeper and daemon were killed both, as a command sees them that finds no daemon.</summary>
public static class LeftAlone
{
    private const int MostNamed = 3;

    /// <summary>Whether a daemon should be started by a command that otherwise starts none, because it could supervise them again.</summary>
    public static bool In(HomeFolder home) => new StateFile(home).Read(setAside: false).State is { } state && Remains.AreLeft(state);

    /// <summary>They live, and nobody can read what they are: nothing may be started beside them, nor be said to be all there is.</summary>
    /// <returns>What is so and what to do, in a sentence; null when the state can be read, or nobody lives.</returns>
    public static string? Problem(HomeFolder home)
    {
        var (state, problems) = new StateFile(home).Read(setAside: false);
        if (state is not null || problems.IsEmpty || Unknown(home).Where(stray => stray.LeadsSession).ToList() is not { Count: > 0 } living)
            return null;
        var named = string.Join(", ", living.Take(MostNamed).Select(stray => $"{stray.CommandLine} (pid {stray.Pid})")) + (living.Count > MostNamed ? ", …" : "");
        return $"{string.Join("; ", problems)}. {living.Count} workers that an earlier daemon started still run, and nobody knows which apps they are: {named}. Nothing is started beside them. "
            + "`zd kill` ends them and sets the state aside; or put a state.json that can be read in its place, and they are supervised again";
    }

    /// <summary>Every process that was started for this home and is still there.</summary>
    public static IReadOnlyList<StrayWorker> Unknown(HomeFolder home) => [.. RunFolders.Of(home).SelectMany(folder => StrayWorkers.Find(folder, [])).DistinctBy(stray => stray.Pid)];

    /// <summary>Gives a state that cannot be read another name, so that the next daemon begins anew.</summary>
    /// <returns>Sentences about it.</returns>
    public static ImmutableArray<string> SetAside(HomeFolder home) => new StateFile(home).Read(setAside: true).Problems;
}
