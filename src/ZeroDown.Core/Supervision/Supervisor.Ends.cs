using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

// How workers end: exits and launches that failed. Whoever was asked to leave just goes; a newcomer fails its roll; the
// worker that stands for a slot meets the restart rule.
public static partial class Supervisor
{
    /// <param name="app">Whose worker.</param>
    /// <param name="worker">Who.</param>
    /// <param name="status">How.</param>
    /// <param name="at">When, if it was not just now.</param>
    /// <param name="rest">What lives of its tree.</param>
    /// <param name="words">What it printed last.</param>
    internal static void Exited(AppDraft app, Worker worker, ExitStatus status, TimeSpan? at = null, TreeRest? rest = null, EquatableArray<string> words = default)
    {
        if (worker.LeaderExit is not null)
            return; // said twice
        var treeLives = rest is not null && worker.Spec.Stop.WholeTree;
        if (worker.Leaving is not null && !treeLives)
            Leaving.SayDisconnected(app, worker);
        SayExited(app, worker, status);
        if (rest is not null && !treeLives)
            app.Turn.Announce(
                new FleetNews.TreeLeftRunning(app.Name, worker.Slot, worker.PmId, worker.Id, Leaving.IsOld(worker), rest.Processes), worker.Request);
        var lived = (at ?? app.Now) - (worker.ExecutedAt ?? worker.LaunchedAt);
        if (lived < TimeSpan.Zero)
            lived = TimeSpan.Zero; // it was executed and ended before we were told of either
        // An end of which nobody saw anything says nothing about the length of the life.
        TimeSpan? life = status.IsKnown || at is not null ? lived : null;
        var cause = CauseOf(app, worker, status, lived) with { LastWords = words };
        if (!treeLives)
            Ended(app, worker, status, life, cause);
        else
            EndedWithTree(app, worker, status, life, cause, rest!);
    }

    /// <summary>The last process of its tree has ended too.</summary>
    internal static void TreeEnded(AppDraft app, Worker worker, ExitStatus status) =>
        Ended(app, worker, status, null, CauseOf(app, worker, status, TimeSpan.Zero));

    /// <summary>One that was told to leave stands for its slot until its tree has ended. One that exited by itself does not: what follows from that happens now.</summary>
    private static void EndedWithTree(AppDraft app, Worker worker, ExitStatus status, TimeSpan? lived, FailureCause cause, TreeRest rest)
    {
        TreeEnd.Begin(app, worker, status, rest);
        if (worker.Leaving is null)
            LeavesSlot(app, worker, status, lived, cause);
    }

    private static FailureCause.Exited CauseOf(AppDraft app, Worker worker, ExitStatus status, TimeSpan lived) =>
        new(status, lived) { WasReady = worker.ReadyAt is not null, Meaning = Jobs.MeaningOf(app, worker, status), BesideOld = RanBesideOld(app, worker) };

    /// <summary>A newcomer of a roll that may overlap, and the worker that it was to replace runs.</summary>
    private static bool RanBesideOld(AppDraft app, Worker worker) =>
        app.Roll is { InPlace: false }
        && worker.Spec.Reload.Overlap is null
        && app.FindSlot(worker.Slot) is { } slot
        && slot.Newcomer == worker.Id
        && app.Find(slot.Current) is { Leaving: null };

    /// <summary>It is gone, and with it the keeper that could have said how.</summary>
    internal static void Vanished(AppDraft app, Worker worker)
    {
        SayExited(app, worker, ExitStatus.Unknown);
        var most = app.Now - (worker.ExecutedAt ?? worker.LaunchedAt);
        Ended(app, worker, ExitStatus.Unknown, null, CauseOf(app, worker, ExitStatus.Unknown, most));
    }

    private static void SayExited(AppDraft app, Worker worker, ExitStatus status) => app.Turn.Announce(
        new FleetNews.Exited(app.Name, worker.Slot, worker.PmId, worker.Id, Leaving.IsOld(worker), status), worker.Request);

    internal static void NotLaunched(AppDraft app, Worker worker, LaunchProblem problem)
    {
        if (worker.Leaving is null)
        {
            app.Turn.Announce(
                new FleetNews.NotLaunched(app.Name, worker.Slot, worker.PmId, worker.Id, problem), worker.Request);
        }

        Ended(app, worker, null, TimeSpan.Zero, new FailureCause.NotLaunched(problem));
    }

    private static void Ended(AppDraft app, Worker worker, ExitStatus? status, TimeSpan? lived, FailureCause cause)
    {
        app.Remove(worker);
        app.Turn.Order(new ForgetWorker(worker.Id));
        LeavesSlot(app, worker, status, lived, cause);
    }

    private static void LeavesSlot(AppDraft app, Worker worker, ExitStatus? status, TimeSpan? lived, FailureCause cause)
    {
        if (app.FindSlot(worker.Slot) is not { } slot)
            return; // the slot went before its worker
        var endedWell = Jobs.EndedWell(app, slot, worker, status);
        if (slot.Newcomer == worker.Id)
        {
            app.Set(slot with { Newcomer = null, LastExit = status ?? slot.LastExit });
            if (endedWell)
                Rolls.EndedWell(app, new SlotEnd(worker.Slot, worker.PmId, status!.Code));
            else
                Rolls.Fail(app, new SlotFailure(worker.Slot, worker.PmId, worker.Id, cause));
        }
        else if (slot.Current == worker.Id)
        {
            slot = app.Set(slot with { Current = null, LastExit = status ?? slot.LastExit });
            if (worker.Leaving is not null)
                app.Set(slot with { Phase = slot.Wanted ? WorkerPhase.Starting : WorkerPhase.Stopped });
            else if (endedWell)
                app.Set(Jobs.AtRest(slot));
            else
                ApplyRestartRule(app, slot, worker, status, lived, cause);
        }
    }

    private static void ApplyRestartRule(
        AppDraft app, SlotState slot, Worker worker, ExitStatus? status, TimeSpan? lived, FailureCause cause)
    {
        var verdict = cause is FailureCause.NotLaunched { Problem.Temporary: true }
            ? AfterWant(slot, worker)
            : cause is FailureCause.NotLaunched { Problem.Permanent: true } && worker.Spec.Restart.Autorestart
            ? new Verdict(WorkerPhase.Errored, slot.Crashes + 1, TimeSpan.Zero, null)
            : CrashWindow.Judge(worker.Spec.Restart, slot, worker.Id, status, lived);
        slot = app.Set(slot with
        {
            Phase = verdict.Phase,
            Crashes = verdict.Crashes,
            PreviousBackoff = verdict.Backoff,
            FailedTries = slot.FailedTries + 1,
            LastFailure = cause,
            LastFailed = worker.Id,
            LastFailedAt = app.Now,
        });

        switch (verdict.Phase)
        {
            case WorkerPhase.Stopped:
                app.Set(slot with { Wanted = false });
                break;
            case WorkerPhase.Errored:
                if (status is not null)
                    slot = app.Set(slot with { LastFailure = new FailureCause.GaveUp(verdict.Crashes, status) { Meaning = Jobs.MeaningOf(app, worker, status), LastWords = FailureCause.WordsOf(cause) } });
                app.Turn.Announce(
                    new FleetNews.TooManyRestarts(app.Name, slot.Slot, slot.PmId, worker.Id, verdict.Crashes), slot.Request);
                break;
            case WorkerPhase.Backoff:
                app.Pause(app.Set(slot with { Restarts = slot.Restarts + 1 }), verdict.Pause);
                app.Turn.Announce(
                    new FleetNews.RestartIn(app.Name, slot.Slot, slot.PmId, worker.Id, verdict.Pause), slot.Request);
                break;
            case WorkerPhase.Starting:
                app.Set(slot with { Restarts = slot.Restarts + 1 });
                break;
            default:
                throw new InvalidOperationException($"the restart rule said {verdict.Phase}");
        }
    }

    /// <summary>The machine lacked something for the moment. That is not the program's fault: it is tried again, and not counted.</summary>
    private static Verdict AfterWant(SlotState slot, Worker worker)
    {
        var pause = Backoff.Next(slot.PreviousBackoff, Backoff.AfterWant);
        return new Verdict(WorkerPhase.Backoff, slot.Crashes, Backoff.WithJitter(pause, worker.Id), pause);
    }
}
