using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// When a worker counts as ready. Facts come in any order; each of them asks again. Either a sign is there (it listens, it said so)
/// and the worker has lived on for a moment, or nothing is to be expected of it but that it lives for a while.
/// </summary>
internal static class Readiness
{
    /// <summary>How long a program without any sign must live. A missing module, a wrong argument or a refused connection ends it before.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(1);

    /// <summary>The same for a newcomer of a roll: a healthy worker is about to leave for it, so the proof may take longer.</summary>
    private static readonly TimeSpan LifeInRoll = TimeSpan.FromSeconds(3);

    /// <summary>The same for a worker of a Node cluster that has not asked for a socket: most of them will, and a queue worker never does.</summary>
    private static readonly TimeSpan LifeInCluster = TimeSpan.FromSeconds(3);

    /// <summary>How long a worker must live on after its sign. Many programs listen first and connect to their database then.</summary>
    private static readonly TimeSpan AfterSign = TimeSpan.FromMilliseconds(250);

    /// <summary>How long the worker must live to count where it shows no sign; null where living proves nothing.</summary>
    public static TimeSpan? LifeTime(AppDraft app, Worker worker)
    {
        if (!MayCountByLiving(worker))
            return null;
        var asked = worker.Spec.Ready.MinReady;
        // In a cluster a listener is to be expected: without one, the program is given the time in which it would ask.
        if (worker.Spec.IsNodeCluster)
            return asked > LifeInCluster ? asked : LifeInCluster;
        // On the way back too, where the old worker is gone: the new one may have been started from the files that made the roll fail.
        return asked ?? (IsNewcomer(app, worker) && app.Roll is not { Stage: RollStage.RollingBack, InPlace: false } ? LifeInRoll : Life);
    }

    /// <summary>Arms the end of the time that it must live, where living counts.</summary>
    public static Worker BeginToLive(AppDraft app, Worker worker)
    {
        if (LifeTime(app, worker) is not { } life)
            return worker;
        var until = worker.ExecutedAt!.Value + life;
        return until > app.Now ? app.Arm(worker, DeadlineKind.Settle, until) : app.Set(worker with { Settled = true });
    }

    /// <summary>When a worker that is judged anew is looked at again: a moment from now, and not before its time to live.</summary>
    public static TimeSpan SettlesAt(AppDraft app, Worker worker)
    {
        var (soon, lived) = (app.Now + AfterSign, worker.ExecutedAt!.Value + (LifeTime(app, worker) ?? TimeSpan.Zero));
        return lived > soon ? lived : soon;
    }

    /// <summary>It counts when it has lived long enough, without any sign.</summary>
    public static bool MayCountByLiving(Worker worker) => worker.Expects.Count == 0 && worker.ExpectsPorts.Count == 0 && worker.Spec switch
    {
        { Ready.Sign: ReadySign.Settled } => true,
        { IsNodeCluster: true, Listen.Count: 0, Ready.Sign: ReadySign.Listening or ReadySign.Spoken } => true,
        _ => false,
    };

    /// <summary>How long after its launch the worker is given up, when nothing speaks for it: the later of <c>listen_timeout</c> and its time to live.</summary>
    public static TimeSpan Limit(AppDraft app, Worker worker)
    {
        var limit = worker.Spec.Ready.ListenTimeout;
        return LifeTime(app, worker) is { } life && life > limit ? life : limit;
    }

    /// <summary>Nothing but time is missing: the end of a deadline that is armed will tell.</summary>
    public static bool IsWaitedFor(Worker worker) =>
        Has(worker, DeadlineKind.Confirm) || (Has(worker, DeadlineKind.Settle) && MayCountByLiving(worker));

    /// <summary>It is known to listen. A program that is given sockets and is ready takes them.</summary>
    public static bool Listens(Worker worker) => worker.ListensSomewhere
        || (worker.Spec.Listen.Count > 0 && worker.Spec.Ready.Sign == ReadySign.Listening)
        || OwnPorts.Listens(worker);

    /// <summary>Somebody has to look whether it listens.</summary>
    public static bool IsLookedAt(Worker worker) =>
        worker.Spec.Listen.Count > 0 ? worker.Spec.Ready.Sign is ReadySign.Listening or ReadySign.Spoken : OwnPorts.AreLookedFor(worker);

    /// <summary>It gets ready without saying anything.</summary>
    public static bool ComesWithoutWord(Worker worker) => worker.Spec.Ready.Sign switch
    {
        ReadySign.Settled => true,
        ReadySign.Listening => !worker.Spec.IsNodeCluster && !worker.Stranded,
        ReadySign.Spoken or ReadySign.SpokenStrict => false,
        var other => throw new InvalidOperationException($"no such sign: {other}"),
    };

    /// <summary>Makes the worker ready when its sign is there and has been there for long enough.</summary>
    public static void Consider(AppDraft app, Worker worker)
    {
        if (worker.Phase != WorkerPhase.Starting || worker.Leaving is not null)
            return;
        var newcomer = IsNewcomer(app, worker);
        worker = HasSign(worker, newcomer) ? Sign(app, worker) : Unsign(app, worker);
        if (worker.SignedAt is null ? !HasLived(worker) : Has(worker, DeadlineKind.Confirm))
            return;
        worker = app.Disarm(worker, DeadlineKind.Ready);
        worker = app.Disarm(worker, DeadlineKind.Settle);
        var withoutWord = worker.Spec.Ready.Sign == ReadySign.Spoken && !worker.SaidReady;
        worker = app.Set(worker with { Phase = WorkerPhase.Ready, ReadyAt = app.Now, SignedAt = null, WithoutWord = withoutWord });
        if (!newcomer)
            RememberListeners(app, worker);
        app.Turn.Announce(
            new FleetNews.Online(app.Name, worker.Slot, worker.PmId, worker.Id, worker.Generation, withoutWord), worker.Request);
    }

    /// <summary>Says that the worker is not ready, when its <c>listen_timeout</c> is over and no other deadline can make it ready. A newcomer has failed then.</summary>
    public static void GiveUpIfTooLate(AppDraft app, WorkerId id)
    {
        if (app.Find(id) is not { Phase: WorkerPhase.Starting, Leaving: null, Overdue: true } worker || IsWaitedFor(worker))
            return;
        app.Turn.Announce(
            new FleetNews.NotReadyInTime(app.Name, worker.Slot, worker.PmId, worker.Id, worker.Spec.Ready.ListenTimeout), worker.Request);
        if (IsNewcomer(app, worker))
            Rolls.Fail(app, new SlotFailure(worker.Slot, worker.PmId, worker.Id, Cause(worker)));
    }

    /// <summary>Why it is not ready, now that its time is over.</summary>
    public static FailureCause.NotReady Cause(Worker worker)
    {
        var rule = worker.Spec.Ready;
        return new FailureCause.NotReady(rule.ListenTimeout, rule.Sign, worker.ListensSomewhere)
        {
            InCluster = worker.Spec.IsNodeCluster,
            Missing = MissingInCluster(worker),
            MissingPorts = worker.ExpectsSame && OwnPorts.Missing(worker) is { Count: > 0 } missing ? missing : OwnPorts.IsAsExpected(worker) ? [] : worker.ExpectsPorts,
            ListensOn = OwnPorts.Serving(worker),
        };
    }

    /// <summary>The worker stands for its slot and is ready: its next one is measured by it.</summary>
    public static void RememberListeners(AppDraft app, Worker worker)
    {
        OwnPorts.Remember(app, worker);
        Handover.Remember(app, worker);
    }

    private static bool IsNewcomer(AppDraft app, Worker worker) => app.FindSlot(worker.Slot)?.Newcomer == worker.Id;

    /// <summary>The sign is there, perhaps since before.</summary>
    private static Worker Sign(AppDraft app, Worker worker)
    {
        if (worker.SignedAt is not null)
            return worker;
        worker = app.Set(worker with { SignedAt = app.Now });
        // Its word may have been faster than the news that it was executed.
        var until = worker.Spec.Ready.MinReady is { } asked ? (worker.ExecutedAt ?? worker.LaunchedAt) + asked : app.Now + AfterSign;
        return until > app.Now ? app.Arm(worker, DeadlineKind.Confirm, until) : worker;
    }

    /// <summary>The sign is not there, or not any more: a program that looks for a free port listens for a moment.</summary>
    private static Worker Unsign(AppDraft app, Worker worker)
    {
        if (worker.SignedAt is null)
            return worker;
        worker = app.Set(app.Disarm(worker, DeadlineKind.Confirm) with { SignedAt = null });
        GiveUpIfTooLate(app, worker.Id);
        return worker;
    }

    private static bool HasSign(Worker worker, bool newcomer) => worker.Spec.Ready.Sign switch
    {
        ReadySign.Settled => OwnPorts.Listens(worker) || (worker.SaidReady && OwnPorts.IsAsExpected(worker)),
        ReadySign.Listening when worker.Spec.IsNodeCluster => worker.Listens || ListensInCluster(worker, newcomer),
        // Some servers say READY=1 before they accept (gunicorn); a library of ours says it when it does.
        ReadySign.Listening => worker.Listens || (worker.SaidReady && worker.HasChannel),
        ReadySign.Spoken => (worker.SaidReady && OwnPorts.IsAsExpected(worker))
            || (worker.Overdue && (worker.Listens || OwnPorts.Listens(worker) || ListensInCluster(worker, newcomer))),
        ReadySign.SpokenStrict => worker.SaidReady && OwnPorts.IsAsExpected(worker),
        var other => throw new InvalidOperationException($"no such sign: {other}"),
    };

    /// <summary>It has lived for its time. One in a cluster that waits for a socket is about to listen.</summary>
    private static bool HasLived(Worker worker) => worker.Settled && MayCountByLiving(worker) && worker.Asks.IsEmpty
        && (worker.Spec.Ready.Sign != ReadySign.Spoken || worker.Overdue);

    /// <summary>
    /// It listens on one address at least, and on those of its predecessor (on as many, where it is started differently). Outside a roll nobody serves
    /// in its place, so one that listens elsewhere or on fewer counts at last.
    /// </summary>
    private static bool ListensInCluster(Worker worker, bool newcomer)
    {
        if (!worker.Spec.IsNodeCluster)
            return false;
        ImmutableArray<ListenerAddress> addresses = [.. Handover.Serving(worker)];
        var asExpected = addresses.Length >= worker.Expects.Count && (!worker.ExpectsSame || MissesNone(worker, addresses));
        return addresses.Length > 0 && (asExpected || (worker.Overdue && !newcomer));
    }

    /// <summary>An address that the kernel chose, or that a variable which changed names, may have moved.</summary>
    private static bool MissesNone(Worker worker, ImmutableArray<ListenerAddress> addresses)
    {
        var missing = MissingInCluster(worker).Items.Where(address => !OwnPorts.IsChosenByKernel(worker.Spec.Launch, address)).ToList();
        var elsewhere = addresses.Count(address => OwnPorts.IsToldAnew(worker, address) && !worker.Expects.Items.Contains(address));
        var moved = missing.RemoveAll(address => OwnPorts.IsToldAnew(worker, address));
        return missing.Count <= Math.Max(0, elsewhere - moved);
    }

    private static EquatableArray<ListenerAddress> MissingInCluster(Worker worker) =>
        [.. worker.Expects.Items.Where(address => !worker.Grants.Any(grant => grant.Listening && grant.Listener == address))];

    private static bool Has(Worker worker, DeadlineKind kind)
    {
        foreach (var deadline in worker.Deadlines)
        {
            if (deadline.Kind == kind)
                return true;
        }

        return false;
    }
}
