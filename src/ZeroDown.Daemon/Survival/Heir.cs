using System.Collections.Immutable;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Workers;
using ZeroDown.Keeper;

namespace ZeroDown.Daemon.Survival;

/// <summary>
/// Takes over what a daemon before us had made and the keeper kept: first the sockets, then the workers with everything through which they
/// speak, then what is left of those that nobody remembers. What it finds are the facts for <see cref="Supervisor.TakeOver"/>; what it
/// takes up speaks from then on into the mailbox, behind that step.
/// </summary>
internal sealed class Heir(
    KeeperClient keeper, ListenerHost listeners, Adoption workers, Strangers strangers, Keepsakes keepsakes, DaemonLog log)
{
    /// <param name="remembered">What that daemon wrote down last.</param>
    /// <param name="given">The workers that the keeper has.</param>
    /// <param name="bequest">The descriptors that it has; when this returns, all are taken or closed.</param>
    public TakeOverFacts Take(FleetState remembered, IReadOnlyList<KeptWorker> given, Bequest bequest)
    {
        var bound = Listeners(remembered, bequest);
        var known = remembered.Apps.SelectMany(app => app.Workers.Values).ToDictionary(worker => worker.Id.Number);
        var processes = ImmutableSortedDictionary.CreateBuilder<long, KeptProcess>();
        foreach (var kept in given)
        {
            if (known.TryGetValue(kept.LaunchId, out var worker))
                processes[kept.LaunchId] = Adopt(worker, remembered, kept, bequest);
            else if (kept.State is KeptState.Exited or KeptState.Failed)
                processes[kept.LaunchId] = Describe(kept, channelLost: false); // its story is written, the core has it forgotten
            else
                strangers.End(kept, WorkerNote.Read(kept.Note.Span), bequest);
        }

        Orphans(given, bequest, launched: number => known.ContainsKey(number));
        listeners.CloseLeftovers(bequest);
        if (bequest.LetGo(keeper) is > 0 and var left)
            log.LeftoversClosed(left);
        keepsakes.Keep(channelOf: known.ContainsKey, orphansOf: workers.IsRead);
        workers.TidyRunFolders();
        WorkerId[] ended = [.. processes.Where(process => process.Value.Stage == KeptStage.Exited).Select(process => new WorkerId(process.Key))];
        workers.ReadLastWords(ended);
        foreach (var worker in ended)
            processes[worker.Number] = processes[worker.Number] with { LastWords = workers.LastWordsOf(worker) };
        return new TakeOverFacts { Processes = processes.ToImmutable(), Listeners = bound, HighestNumber = given.Count == 0 ? 0 : given.Max(kept => kept.LaunchId) };
    }

    private ImmutableDictionary<ListenerAddress, string> Listeners(FleetState remembered, Bequest bequest)
    {
        var bound = ImmutableDictionary.CreateBuilder<ListenerAddress, string>();
        foreach (var (address, listener) in remembered.Listeners)
        {
            var (user, declared) = ListenerOwner.In(remembered, address);
            if (listeners.Adopt(listener.Spec, user, declared, bequest) is { } name)
                bound[address] = name;
        }

        return bound.ToImmutable();
    }

    private KeptProcess Adopt(Worker worker, FleetState remembered, KeptWorker kept, Bequest bequest)
    {
        var handedOver = worker.Grants
            .Select(grant => remembered.Listeners.GetValueOrDefault(grant.Listener)?.Spec)
            .OfType<ListenerSpec>();
        var speaks = workers.Adopt(worker, kept, handedOver, bequest);
        var process = Describe(kept, channelLost: worker.HasChannel && !speaks);
        return process.Stage == KeptStage.Exited ? process with { Rest = workers.RestOf(worker.Id) } : process;
    }

    /// <summary>Workers that are forgotten may have left children that print on.</summary>
    private void Orphans(IReadOnlyList<KeptWorker> given, Bequest bequest, Predicate<long> launched)
    {
        var notes = given.ToDictionary(kept => kept.LaunchId, kept => WorkerNote.Read(kept.Note.Span)?.Output);
        string[] streams = [HoldKeys.Out, HoldKeys.Error];
        foreach (var number in bequest.Keys.Select(HoldKeys.WorkerOf).OfType<long>().Distinct())
        {
            // A launch that never came about has nobody who could print; it is made anew.
            if (!launched(number) && streams.Any(stream => bequest.Has(HoldKeys.Of(number, stream))))
                workers.AdoptOutput(new WorkerId(number), notes.GetValueOrDefault(number) ?? keepsakes.OfOrphans(number), bequest);
        }
    }

    private static KeptProcess Describe(KeptWorker kept, bool channelLost) => new(
        kept.State switch
        {
            KeptState.AtGate => KeptStage.AtGate,
            KeptState.Starting => KeptStage.Starting,
            KeptState.Started => KeptStage.Started,
            KeptState.Exited => KeptStage.Exited,
            KeptState.Failed => KeptStage.Failed,
            var other => throw new InvalidOperationException($"the keeper has a worker in state {other}"),
        },
        kept.Pid,
        kept.Exit is { } exit ? ExitStatuses.Of(exit) : null,
        kept.Failure is { } failure ? LaunchProblems.From(failure) : null,
        channelLost)
    {
        EndedAt = kept.Exit?.At,
    };
}
