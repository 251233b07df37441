using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// A daemon takes over from one that died. First the deadlines, then the sockets, then what became of each worker meanwhile: facts are
/// taken as if they had just been told, and where there are none the orders are given again. What follows from all of it (a roll that goes
/// on or turns back, a slot that starts again) is decided afterwards, as after any other event.
/// </summary>
internal static class TakingOver
{
    /// <summary>What workers said while nobody listened is read first; only then is one judged for having said nothing.</summary>
    public static readonly TimeSpan HearFirst = TimeSpan.FromSeconds(2);

    public static void Take(Turn turn, TakeOverFacts facts)
    {
        turn.NumberAbove(Math.Max(facts.HighestNumber, facts.Processes.IsEmpty ? 0 : facts.Processes.Keys.Max()));
        foreach (var app in turn.Apps)
            ArmAgain(app);
        var lost = Listeners(turn, facts);
        foreach (var app in turn.Apps)
            Announce(app, Workers(app, facts, lost));
        foreach (var order in turn.Before.Unconfirmed)
            GiveAgain(turn, order);
        ForgetTheEnded(turn, facts);
        if (turn.Ended)
            turn.Order(new EndDaemon());

        // Whoever has not run a line yet begins only if that is still wanted, after all that has become of the others.
        Supervisor.Settle(turn);
        foreach (var app in turn.Apps)
            Begin(app, facts);
    }

    private static void ArmAgain(AppDraft app)
    {
        var heard = app.Now + HearFirst;
        foreach (var (_, worker) in app.State.Workers)
        {
            var deadlines = worker.Deadlines;
            for (var index = 0; index < deadlines.Length; index++)
            {
                if (deadlines[index].At < heard && IsAboutWords(deadlines[index].Kind))
                    deadlines = deadlines.SetItem(index, deadlines[index] with { At = heard });
            }

            if (deadlines != worker.Deadlines)
                app.Set(worker with { Deadlines = deadlines });
        }

        app.ArmAgain();
    }

    /// <summary>A worker may have said meanwhile what the deadline waits for.</summary>
    private static bool IsAboutWords(DeadlineKind kind) => kind switch
    {
        DeadlineKind.Settle or DeadlineKind.Confirm or DeadlineKind.Ready or DeadlineKind.Unlisten or DeadlineKind.Heed => true,
        DeadlineKind.Drain or DeadlineKind.Kill or DeadlineKind.KillAtLast or DeadlineKind.Backoff => false,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <returns>Addresses whose old socket is lost to us: living workers may still accept on it.</returns>
    private static ImmutableHashSet<ListenerAddress> Listeners(Turn turn, TakeOverFacts facts)
    {
        var lost = facts.BoundAnew;
        foreach (var (address, listener) in turn.Listeners)
        {
            var bound = facts.Listeners.GetValueOrDefault(address)
                ?? (facts.BoundAnew.Contains(address) ? listener.BoundAddress ?? address.ToString() : null);
            if (bound is null)
            {
                if (listener.Phase == ListenerPhase.Open)
                    lost = lost.Add(address);
                turn.Remove(address); // whoever needs it for a launch or an answer orders it again; one that nobody needs only takes connections
            }
            else if (listener.Phase == ListenerPhase.Opening)
            {
                Supervisor.Take(turn, new ListenerOpened(address, bound));
            }
            else if (listener.BoundAddress != bound)
            {
                turn.Set(address, listener with { BoundAddress = bound });
            }
        }

        OldSockets.Again(turn, facts);
        foreach (var (address, _) in facts.Listeners)
        {
            if (!turn.Listeners.ContainsKey(address))
                turn.Order(new CloseListener(address)); // the order was given, and nobody was left to carry it out
        }

        return lost;
    }

    private static Tally Workers(AppDraft app, TakeOverFacts facts, ImmutableHashSet<ListenerAddress> lost)
    {
        var tally = new Tally();
        foreach (var (number, worker) in app.State.Workers)
        {
            if (!facts.Processes.TryGetValue(number, out var process))
                NobodyKnows(app, worker, facts, tally);
            else if (worker.LeaderExit is not null)
                EndsTree(app, worker, process, tally);
            else if (process.Stage is KeptStage.Exited or KeptStage.Failed)
                Ended(app, worker, process, tally);
            else
                Lives(app, worker, process, facts.SameKeeper, lost, tally);
        }

        return tally;
    }

    private static void NobodyKnows(AppDraft app, Worker worker, TakeOverFacts facts, Tally tally)
    {
        if (worker.LeaderExit is not null)
        {
            TreeEnd.Ended(app, worker); // nobody can find its tree any more
        }
        else if (!NeverRan(worker, facts))
        {
            tally.Ended++;
            tally.Unknown++;
            Supervisor.Vanished(app, worker);
        }
        else if (!facts.SameKeeper || worker.Leaving is not null)
        {
            Withdraw(app, worker);
        }
        else
        {
            tally.Count(worker);
        }
    }

    /// <summary>It was never launched, or it waited at its gate when the keeper died.</summary>
    private static bool NeverRan(Worker worker, TakeOverFacts facts) => worker.ExecutedAt is null && (worker.Pid == 0 || !facts.SameKeeper);

    private static void Begin(AppDraft app, TakeOverFacts facts)
    {
        foreach (var (number, worker) in app.State.Workers)
        {
            if (!app.Turn.KnewBefore(worker.Id))
                continue;
            if (!facts.Processes.TryGetValue(number, out var process))
            {
                if (worker.Leaving is null && ListenerUse.AreOpen(app.Turn, worker.Spec))
                    LaunchAgain(app, worker);
                else
                    Withdraw(app, worker);
            }
            else if (process.Stage == KeptStage.AtGate)
            {
                BeginAtGate(app, worker, process.Pid);
            }
        }
    }

    private static void BeginAtGate(AppDraft app, Worker worker, int pid)
    {
        if (worker.Pid == 0)
            Supervisor.Spawned(app, worker, pid);
        else if (worker.Leaving is null)
            app.Turn.Order(new OpenGate(worker.Id));
        else
            app.Set(worker with { KillDue = true }); // no line has run, the stop signal would find no handler
        worker = app.Find(worker.Id)!;
        if (worker.Leaving is null)
            app.Arm(worker, DeadlineKind.Ready, app.Now + Readiness.Limit(app, worker));
    }

    private static void LaunchAgain(AppDraft app, Worker worker)
    {
        worker = app.Set(worker with { LaunchedAt = app.Now });
        app.Turn.Order(new LaunchWorker(worker.Id, worker.Spec, worker.Slot, worker.PmId, worker.Generation));
        app.Arm(worker, DeadlineKind.Ready, app.Now + Readiness.Limit(app, worker));
    }

    /// <summary>There never was a launch; another one follows where it is still wanted.</summary>
    private static void Withdraw(AppDraft app, Worker worker)
    {
        app.Remove(worker);
        app.Turn.Order(new ForgetWorker(worker.Id));
        if (app.FindSlot(worker.Slot) is not { } slot)
            return;
        if (slot.Newcomer == worker.Id)
            app.Set(slot with { Newcomer = null });
        else if (slot.Current == worker.Id)
            app.Set(slot with { Current = null, Phase = slot.Wanted ? WorkerPhase.Starting : WorkerPhase.Stopped });
    }

    private static void Ended(AppDraft app, Worker worker, KeptProcess process, Tally tally)
    {
        tally.Ended++;
        if (process.Stage == KeptStage.Failed)
        {
            Supervisor.NotLaunched(app, worker, process.Problem ?? new LaunchProblem("launch", 0, "the launch failed, and nobody knows why"));
            return;
        }

        if (process.Exit is not { IsKnown: true })
            tally.Unknown++;
        Supervisor.Exited(app, worker, process.Exit ?? ExitStatus.Unknown, process.EndedAt, process.Rest, process.LastWords);
    }

    /// <summary>The end of the launched process was written down; of its tree there may be something left.</summary>
    private static void EndsTree(AppDraft app, Worker worker, KeptProcess process, Tally tally)
    {
        if (process is { Stage: KeptStage.Exited, Rest: not null })
        {
            tally.Count(worker);
            TreeEnd.Again(app, worker);
        }
        else
        {
            TreeEnd.Ended(app, worker);
        }
    }

    private static void Lives(
        AppDraft app, Worker worker, KeptProcess process, bool sameKeeper, ImmutableHashSet<ListenerAddress> lost, Tally tally)
    {
        var leaves = worker.Leaving is not null;
        if (process.Stage != KeptStage.AtGate && worker.Pid != process.Pid)
        {
            // One that was told to leave before it was known to live has no signal yet: it would have been killed at its gate.
            var unsignalled = worker is { Pid: 0, Phase: WorkerPhase.Stopping };
            worker = app.Set(worker with { Pid = process.Pid, SignalledAt = unsignalled ? app.Now : worker.SignalledAt });
        }

        if (process.Stage == KeptStage.Started && worker.ExecutedAt is null)
            Supervisor.Executed(app, worker);
        else if (Readiness.IsLookedAt(worker) && worker is { ExecutedAt: not null, Phase: WorkerPhase.Starting, Listens: false })
            app.Turn.Order(new WatchForListening(worker.Id));

        Stranded(app, app.Find(worker.Id)!, lost);
        if (process.ChannelLost)
            LoseChannel(app, app.Find(worker.Id)!);
        worker = app.Find(worker.Id)!;
        if (leaves && process.Stage != KeptStage.AtGate)
            Leaving.Again(app, worker, sameKeeper);
        else if (worker.Leaving is null)
            Handover.Again(app, worker);
        tally.Count(app.Find(worker.Id)!);
    }

    private static void Stranded(AppDraft app, Worker worker, ImmutableHashSet<ListenerAddress> lost)
    {
        if (!lost.Any(address => ListenerUse.Has(worker, address)))
            return;
        app.Set(worker with { Stranded = true });
        if (worker.Leaving is null)
            app.Set(app.State with { RenewDue = true });
    }

    /// <summary>It can be neither told nor heard. One that serves goes on; a drain runs until it exits, nobody is connected, or its time
    /// is over; one whose readiness would be its own word is replaced, because that word may be lost.</summary>
    private static void LoseChannel(AppDraft app, Worker worker)
    {
        worker = Leaving.Heeded(app, app.Set(worker with { HasChannel = false }));
        if (worker is not { Phase: WorkerPhase.Starting, Leaving: null } || Readiness.ComesWithoutWord(worker))
            return;
        if (app.FindSlot(worker.Slot) is { } slot && slot.Newcomer == worker.Id)
            RollProgress.Dismiss(app, slot.Slot, DrainReason.RollBack, worker.Request);
        else
            Leaving.Ask(app, worker, DrainReason.Restart, worker.Request);
    }

    private static void GiveAgain(Turn turn, SupervisorAction order)
    {
        if (order is SignalProcess)
            return; // TreeEnd.Again has looked at it
        var id = order switch
        {
            RefuseListener refuse => refuse.Worker,
            RelaySignal relay => relay.Worker,
            _ => throw new InvalidOperationException($"{order.GetType().Name} is implied by the state"),
        };
        if (turn.TryFind(id, out _, out var worker) && worker is { Pid: > 0, Leaving: null })
            turn.Order(order);
    }

    /// <summary>The end of its story was written down, and the keeper was not told any more that it may forget it.</summary>
    private static void ForgetTheEnded(Turn turn, TakeOverFacts facts)
    {
        foreach (var (number, process) in facts.Processes)
        {
            var id = new WorkerId(number);
            if (process.Stage is KeptStage.Exited or KeptStage.Failed && !turn.KnewBefore(id))
                turn.Order(new ForgetWorker(id));
        }
    }

    private static void Announce(AppDraft app, Tally tally)
    {
        if (tally.IsEmpty)
            return;
        var news = new FleetNews.TookOver(app.Name, tally.Serving, tally.Starting, tally.Leaving)
        {
            Ended = tally.Ended,
            Unknown = tally.Unknown,
            Stranded = tally.Stranded,
            Rolls = app.Roll is not null,
        };
        app.Turn.Announce(news, null);
    }

    private sealed class Tally
    {
        public int Serving { get; private set; }

        public int Starting { get; private set; }

        public int Leaving { get; private set; }

        public int Stranded { get; private set; }

        public int Ended { get; set; }

        public int Unknown { get; set; }

        public bool IsEmpty => Serving + Starting + Leaving + Ended == 0;

        public void Count(Worker worker)
        {
            if (worker.Leaving is not null)
                Leaving++;
            else if (worker.Phase == WorkerPhase.Ready)
                Serving++;
            else
                Starting++;
            if (worker is { Stranded: true, Leaving: null })
                Stranded++;
        }
    }
}
