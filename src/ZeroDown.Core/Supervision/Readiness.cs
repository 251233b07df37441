using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>When a worker counts as ready. Facts come in any order; each of them asks again.</summary>
internal static class Readiness
{
    /// <summary>How long a program without listener and word must live. Long enough for a wrong argument or a missing module to
    /// end it, short enough for a command to wait.</summary>
    public static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(200);

    /// <summary>Makes the worker ready when its sign is there.</summary>
    public static void Consider(AppDraft app, Worker worker)
    {
        if (worker.Phase != WorkerPhase.Starting || worker.Leaving is not null || !IsMet(worker))
            return;
        worker = app.Disarm(worker, DeadlineKind.Ready);
        worker = app.Disarm(worker, DeadlineKind.Settle);
        var withoutWord = worker.Spec.Ready.Sign == ReadySign.Spoken && !worker.SaidReady;
        worker = app.Set(worker with { Phase = WorkerPhase.Ready, ReadyAt = app.Now, WithoutWord = withoutWord });
        app.Turn.Announce(
            new FleetNews.Online(app.Name, worker.Slot, worker.PmId, worker.Id, worker.Generation, withoutWord), worker.Request);
    }

    private static bool IsMet(Worker worker) => worker.Spec.Ready.Sign switch
    {
        ReadySign.Settled => worker.Settled || worker.SaidReady,
        // Some servers say READY=1 before they accept (gunicorn); a library of ours says it when it does.
        ReadySign.Listening => worker.Listens || (worker.SaidReady && worker.HasChannel),
        ReadySign.Spoken => worker.SaidReady || (worker.Overdue && worker.Listens),
        ReadySign.SpokenStrict => worker.SaidReady,
        var other => throw new InvalidOperationException($"no such sign: {other}"),
    };
}
