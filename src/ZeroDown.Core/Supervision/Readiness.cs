using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>When a worker counts as ready. Facts come in any order; each of them asks again.</summary>
internal static class Readiness
{
    /// <summary>How long a program without listener and word must live. Long enough for a wrong argument or a missing module to
    /// end it, short enough for a command to wait.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(200);

    /// <summary>The same for a worker of a Node cluster that has not asked for a socket: most of them will, and a queue worker never does.</summary>
    private static readonly TimeSpan SettlingInCluster = TimeSpan.FromSeconds(3);

    /// <summary>How long a worker of this spec must live to count, where nothing else makes it ready; null where living is no sign.</summary>
    public static TimeSpan? SettleTime(AppSpec spec) => spec switch
    {
        { Ready.Sign: ReadySign.Settled } => Settling,
        { IsNodeCluster: true, Listen.Count: 0, Ready.Sign: ReadySign.Listening or ReadySign.Spoken } => SettlingInCluster,
        _ => null,
    };

    /// <summary>Somebody has to look whether it listens.</summary>
    public static bool IsLookedAt(Worker worker) =>
        worker.Spec.Listen.Count > 0 && worker.Spec.Ready.Sign is ReadySign.Listening or ReadySign.Spoken;

    /// <summary>It gets ready without saying anything.</summary>
    public static bool ComesWithoutWord(Worker worker) => worker.Spec.Ready.Sign switch
    {
        ReadySign.Settled => true,
        ReadySign.Listening => !worker.Spec.IsNodeCluster && !worker.Stranded,
        ReadySign.Spoken or ReadySign.SpokenStrict => false,
        var other => throw new InvalidOperationException($"no such sign: {other}"),
    };

    /// <summary>Makes the worker ready when its sign is there.</summary>
    public static void Consider(AppDraft app, Worker worker)
    {
        var slot = app.FindSlot(worker.Slot);
        var newcomer = slot?.Newcomer == worker.Id;
        if (worker.Phase != WorkerPhase.Starting || worker.Leaving is not null || !IsMet(worker, newcomer))
            return;
        worker = app.Disarm(worker, DeadlineKind.Ready);
        worker = app.Disarm(worker, DeadlineKind.Settle);
        var withoutWord = worker.Spec.Ready.Sign == ReadySign.Spoken && !worker.SaidReady;
        worker = app.Set(worker with { Phase = WorkerPhase.Ready, ReadyAt = app.Now, WithoutWord = withoutWord });
        if (!newcomer)
            Handover.Remember(app, worker);
        app.Turn.Announce(
            new FleetNews.Online(app.Name, worker.Slot, worker.PmId, worker.Id, worker.Generation, withoutWord), worker.Request);
    }

    /// <summary>Why it is not ready, now that its time is over.</summary>
    public static FailureCause.NotReady Cause(Worker worker)
    {
        var rule = worker.Spec.Ready;
        return new FailureCause.NotReady(rule.ListenTimeout, rule.Sign, worker.ListensSomewhere)
        {
            InCluster = worker.Spec.IsNodeCluster,
            Missing = [.. worker.Expects.Items.Where(address => !worker.Grants.Any(grant => grant.Listening && grant.Listener == address))],
        };
    }

    private static bool IsMet(Worker worker, bool newcomer) => worker.Spec.Ready.Sign switch
    {
        ReadySign.Settled => worker.Settled || worker.SaidReady,
        ReadySign.Listening when worker.Spec.IsNodeCluster => worker.Listens || IsMetInCluster(worker, newcomer),
        // Some servers say READY=1 before they accept (gunicorn); a library of ours says it when it does.
        ReadySign.Listening => worker.Listens || (worker.SaidReady && worker.HasChannel),
        ReadySign.Spoken => worker.SaidReady || (worker.Overdue && (worker.Listens || ListensByItself(worker) || IsMetInCluster(worker, newcomer))),
        ReadySign.SpokenStrict => worker.SaidReady,
        var other => throw new InvalidOperationException($"no such sign: {other}"),
    };

    /// <summary>A program that is given no socket and has bound one. In a cluster its own port proves nothing: that may be a debugger's.</summary>
    private static bool ListensByItself(Worker worker) => worker is { OwnPort: not null, Spec: { IsNodeCluster: false, Listen.Count: 0 } };

    /// <summary>
    /// It listens on as many addresses as its predecessor. One without a predecessor that listened: on any, or it has lived for a
    /// while without asking for one. Outside a roll nobody serves in its place, so one that listens on fewer counts at last.
    /// </summary>
    private static bool IsMetInCluster(Worker worker, bool newcomer)
    {
        if (!worker.Spec.IsNodeCluster)
            return false;
        var addresses = worker.Grants.Where(grant => grant.Listening).Select(grant => grant.Listener).Distinct().Count();
        if (addresses > 0)
            return addresses >= worker.Expects.Count || (worker.Overdue && !newcomer);
        return worker.Settled && worker.Expects.Count == 0 && worker.Asks.IsEmpty;
    }
}
