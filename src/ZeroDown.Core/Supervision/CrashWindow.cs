using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// The restart rule: what becomes of a slot whose worker ended without having been asked to. Quick ends in a row are counted
/// per slot; a life of <c>min_uptime</c> makes the count start anew, so a worker that crashes late and for ever restarts for
/// ever, and a crash loop ends also when it begins late.
/// </summary>
internal static class CrashWindow
{
    /// <param name="rule">The app's restart rule.</param>
    /// <param name="slot">The slot before the end.</param>
    /// <param name="worker">Whose end it was; jitter is derived from it.</param>
    /// <param name="status">How it ended; null when it could not be launched.</param>
    /// <param name="lived">How long it ran; null when nobody knows: then it neither counts nor ends the count.</param>
    public static Verdict Judge(RestartRule rule, SlotState slot, WorkerId worker, ExitStatus? status, TimeSpan? lived)
    {
        var crashed = status is null || lived < rule.MinUptime;
        var livedOn = status is not null && lived >= rule.MinUptime;
        var crashes = crashed ? slot.Crashes + 1 : livedOn ? 0 : slot.Crashes;
        var previous = livedOn ? null : slot.PreviousBackoff;

        if (!rule.Autorestart || (status is { IsKnown: true, Signal: null } && rule.StopExitCodes.Items.Contains(status.Code)))
            return new Verdict(WorkerPhase.Stopped, crashes, TimeSpan.Zero, null);
        if (crashed && crashes >= Math.Max(1, rule.MaxRestarts))
            return new Verdict(WorkerPhase.Errored, crashes, TimeSpan.Zero, null);
        if (rule.BackoffDelay is { } first && first > TimeSpan.Zero)
        {
            var pause = Backoff.Next(previous, first);
            return new Verdict(WorkerPhase.Backoff, crashes, Backoff.WithJitter(pause, worker), pause);
        }

        return rule.Delay > TimeSpan.Zero
            ? new Verdict(WorkerPhase.Backoff, crashes, rule.Delay, null)
            : new Verdict(WorkerPhase.Starting, crashes, TimeSpan.Zero, null);
    }
}

/// <param name="Phase">Stopped, Errored, Backoff, or Starting for at once.</param>
/// <param name="Crashes">Quick ends in a row, this one included.</param>
/// <param name="Pause">How long Backoff lasts.</param>
/// <param name="Backoff">The pause before jitter, for the next one to grow from.</param>
internal readonly record struct Verdict(WorkerPhase Phase, int Crashes, TimeSpan Pause, TimeSpan? Backoff);
