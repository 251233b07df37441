using System.Collections.Immutable;
using ZeroDown.Daemon.Output;
using ZeroDown.Keeper;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Survival;

/// <summary>
/// What a daemon before us left. The keeper gives it back; or, when that has no record of a fleet and the last daemon of this boot did not end in order, what can be
/// gathered without one.
/// </summary>
/// <param name="Bequest">Every descriptor.</param>
/// <param name="Workers">Every worker.</param>
/// <param name="State">What it wrote down last; null when there is nothing to go on with.</param>
/// <param name="Gathered">Null when the keeper had it all.</param>
internal sealed record Legacy(Bequest Bequest, IReadOnlyList<KeptWorker> Workers, Remembered? State, Remains? Gathered)
{
    /// <summary>Sentences about state files that could not be read, where nothing else was to go on with.</summary>
    public ImmutableArray<string> Problems { get; private init; } = [];

    public static Legacy Find(HomeFolder home, StateFile stateFile, KeeperClient keeper, LogPaths paths, DaemonLog log)
    {
        var given = keeper.GiveBack;
        if (FleetRecord.Find(given.Held) is { } remembered)
            return new Legacy(new Bequest(given.Held), given.Workers, remembered, null);
        if (LeftAlone.Problem(home) is { } unknown)
            throw new UnreadableStateException(unknown); // before anything is set aside: the next command must find what this one found
        var found = stateFile.Read(setAside: true);
        foreach (var problem in found.Problems)
            log.StateFileUnreadable(problem);
        if (found.State is { } state && Remains.IsAbandoned(state))
            return Join(given, state, Remains.Gather(state, keeper, home, paths));
        KeepForResurrect(found.State, stateFile, log);
        return new Legacy(new Bequest(given.Held), given.Workers, null, null) { Problems = found.Problems };
    }

    /// <summary>A daemon that was killed while it gathered leaves a part of it with the keeper: that was gathered once more.</summary>
    private static Legacy Join(GiveBack given, StateOnDisk state, Remains remains)
    {
        var held = new Dictionary<string, HeldFd>(given.Held);
        foreach (var (key, gathered) in remains.Held)
        {
            if (held.Remove(key, out var earlier))
                earlier.Fd.Dispose();
            held[key] = gathered;
        }

        return new Legacy(
            new Bequest(held),
            [.. remains.Workers, .. given.Workers.ExceptBy(remains.Workers.Select(worker => worker.LaunchId), worker => worker.LaunchId)],
            state.State,
            remains);
    }

    private static void KeepForResurrect(StateOnDisk? left, StateFile stateFile, DaemonLog log)
    {
        if (left is null || left.State.Fleet.Apps.IsEmpty)
            return;
        try
        {
            stateFile.KeepForResurrect(left);
        }
        catch (IOException problem)
        {
            log.LastStateNotKept(problem.Message);
        }
    }
}
