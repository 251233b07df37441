using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// A job does its work and ends. It is not restarted, so a good end is a success of the command that ran it, however quick. A program that
/// serves has no good end: its spec says that it serves, or it listened, or the worker before it did.
/// </summary>
internal static class Jobs
{
    /// <summary>The worker did its work. Called before its slot forgets it.</summary>
    public static bool EndedWell(AppDraft app, SlotState slot, Worker worker, ExitStatus? status) =>
        status is { } exit && IsGood(worker.Spec.Restart, exit) && !Serves(app, slot, worker);

    /// <summary>What an exit that is no good end says about the program, for the advice in an answer.</summary>
    public static ExitMeaning MeaningOf(AppDraft app, Worker worker, ExitStatus status)
    {
        if (!status.IsKnown || status.Signal is not null || status.Code != 0)
            return ExitMeaning.Failed;
        if (app.FindSlot(worker.Slot) is { } slot && Serves(app, slot, worker))
            return ExitMeaning.ShouldServe;
        return worker.Spec.Restart.Autorestart ? ExitMeaning.IsRestarted : ExitMeaning.Failed;
    }

    /// <summary>The app runs from time to time, and not now: a new definition can be recorded without running it.</summary>
    public static bool IsAtRest(AppDraft app) =>
        app.Roll is null
        && app.State.Slots.All(slot => !slot.Wanted && slot.Current is null && (slot.EndedWell || !app.Spec.Restart.Autorestart))
        && !ServesBySpec(app.Spec);

    public static SlotState AtRest(SlotState slot) => slot with
    {
        Phase = WorkerPhase.Stopped,
        Wanted = false,
        EndedWell = true,
        Crashes = 0,
        PreviousBackoff = null,
        FailedTries = 0,
        LastFailure = null,
        LastFailedAt = null,
    };

    /// <summary>An exit code of the list may mean "do not try again" where exits are restarted; only 0 is a success there.</summary>
    private static bool IsGood(RestartRule rule, ExitStatus status)
    {
        if (!status.IsKnown || status.Signal is not null)
            return false;
        var listed = rule.StopExitCodes.Items.Contains(status.Code);
        return status.Code == 0 ? listed || !rule.Autorestart : listed && !rule.Autorestart;
    }

    private static bool Serves(AppDraft app, SlotState slot, Worker worker) =>
        ServesBySpec(worker.Spec)
        || Listened(worker)
        || slot.ListenedOn.Count > 0
        || slot.OwnPorts.Count > 0
        || (slot.Newcomer == worker.Id && app.Find(slot.Current) is { } predecessor && Listened(predecessor))
        || app.Roll is { GapBecauseOf: not null };

    private static bool ServesBySpec(AppSpec spec) =>
        spec.Listen.Count > 0
        || spec.Ready.Sign is ReadySign.Spoken or ReadySign.SpokenStrict
        || (spec.ExecMode == ExecMode.Cluster && !(spec.ClusterImplied && spec.Instances == 1));

    private static bool Listened(Worker worker) => worker.ListensSomewhere || worker.OwnPort is not null;
}
