using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Rpc;

/// <summary>
/// Makes sentences of the core's answers: what happened, where, what now. Whoever drives the pipe without <c>zd</c> gets
/// the same words.
/// </summary>
/// <param name="lastLines">What a worker printed last.</param>
/// <param name="specOf">What an app is now; null when there is none of that name.</param>
internal sealed class Phrases(Func<WorkerId, string[]> lastLines, Func<AppName, AppSpec?> specOf)
{
    public CommandReply Reply(Answer answer, IEnumerable<string> errors)
    {
        string[] problems = [.. errors];
        var code = answer.Kind switch
        {
            AnswerKind.Done => problems.Length == 0 ? 0 : 1,
            AnswerKind.Failed or AnswerKind.Refused => 1,
            AnswerKind.RollFailed => 7,
            _ => throw new ArgumentOutOfRangeException(nameof(answer)),
        };
        return new CommandReply { ExitCode = code, Apps = [.. answer.Apps.Select(Reply)], Errors = problems };
    }

    private AppReply Reply(AppOutcome outcome) => new()
    {
        App = outcome.App.Value,
        Outcome = Word(outcome.Kind),
        Message = Sentence(outcome),
        Generation = outcome.Generation,
        Failures = [.. outcome.Failures.Select(failure => Failure(outcome, failure))],
        Warnings = [.. Warnings(outcome)],
    };

    private static string Word(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Started => "started",
        OutcomeKind.Reloaded => "reloaded",
        OutcomeKind.Restarted => "restarted",
        OutcomeKind.Stopped => "stopped",
        OutcomeKind.Deleted => "deleted",
        OutcomeKind.Scaled or OutcomeKind.ScaledToZero => "scaled",
        OutcomeKind.Reset => "reset",
        OutcomeKind.Signalled => "signalled",
        OutcomeKind.Watched => "watched",
        OutcomeKind.Unwatched => "unwatched",
        OutcomeKind.Unchanged => "unchanged",
        OutcomeKind.Registered => "registered",
        OutcomeKind.Recorded => "recorded",
        OutcomeKind.StillStarting => "stillStarting",
        OutcomeKind.Failed => "failed",
        OutcomeKind.RolledBack => "rolledBack",
        OutcomeKind.RefusedRollUnderWay or OutcomeKind.RefusedStopped or OutcomeKind.RefusedScaledToZero or OutcomeKind.RefusedNotRunning or OutcomeKind.RefusedRename or OutcomeKind.RefusedShuttingDown
            or OutcomeKind.RefusedUnknown => "refused",
        OutcomeKind.Untouched => "untouched",
        OutcomeKind.Superseded => "superseded",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static string Sentence(AppOutcome outcome)
    {
        var app = outcome.App;
        return outcome.Kind switch
        {
            OutcomeKind.Started or OutcomeKind.Restarted or OutcomeKind.Reloaded or OutcomeKind.Scaled when !outcome.EndedWell.IsEmpty => EndedWell(outcome),
            OutcomeKind.Started => $"{app} is online",
            OutcomeKind.Reloaded => $"{app} reloaded, generation {outcome.Generation} serves",
            OutcomeKind.Restarted => $"{app} restarted",
            OutcomeKind.Stopped => $"{app} stopped",
            OutcomeKind.Deleted => $"{app} deleted",
            OutcomeKind.Scaled => $"{app} scaled",
            OutcomeKind.ScaledToZero => $"{app} is scaled to 0: no worker runs. To have workers again: zd scale {app} N, or zd start {app} for as many as before",
            OutcomeKind.Reset => $"{app}: counters are zero again",
            OutcomeKind.Signalled => $"{app} has got the signal",
            OutcomeKind.Watched => $"{app} is reloaded when its files change",
            OutcomeKind.Unwatched => $"{app}: changed files mean nothing any more",
            OutcomeKind.Unchanged => $"{app} already is as asked",
            OutcomeKind.Registered => $"{app} is registered and stopped (autostart is off); start it: zd start {app}",
            OutcomeKind.Recorded => $"{app}: the new definition is recorded and counts from the next run on; it was not run. Run it now: zd start {app}",
            OutcomeKind.StillStarting => $"{app} is still starting; `zd list` shows when it is online, `zd logs {app}` what it says",
            OutcomeKind.Failed => $"{app} did not become as asked",
            OutcomeKind.RolledBack => RolledBack(outcome),
            OutcomeKind.RefusedRollUnderWay => $"{app} is being reloaded just now; try again when that is done",
            OutcomeKind.RefusedStopped => $"{app} is stopped, so there is nothing to reload; start it: zd start {app}",
            OutcomeKind.RefusedScaledToZero => $"{app} is scaled to 0, so there is nothing to reload, and nothing was changed; start it: zd start {app}, or zd scale {app} N",
            OutcomeKind.RefusedNotRunning => $"{app} has no process that could get the signal; start it: zd start {app}",
            OutcomeKind.RefusedRename => $"{app} was not renamed: only a whole app can be, by a restart, and to a name that no other app has",
            OutcomeKind.RefusedShuttingDown => "the daemon is shutting down",
            OutcomeKind.RefusedUnknown => $"there is no app called {app}; `zd list` shows what there is",
            OutcomeKind.Untouched => $"{app} was not touched, because an app before it failed",
            OutcomeKind.Superseded => $"another command took over {app} before this one was done",
            _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
        };
    }

    /// <summary>Where the old workers ended first, those that run now were started from the files that are there now: only what was seen of them is said.</summary>
    private static string RolledBack(AppOutcome outcome)
    {
        var (app, generation) = (outcome.App, outcome.Generation);
        var failed = $"{app} was not reloaded: the new generation failed.";
        if (!outcome.InPlace)
        {
            return outcome.NobodyServes
                ? $"{failed} No worker of generation {generation} is online either; it goes on trying with its old config, and `zd logs {app}` shows what it says"
                : $"{failed} Generation {generation} serves on with its old config";
        }

        var first = outcome.GapBecauseOf is { } address
            ? $"The old worker had to stop first, because it binds {address} itself"
            : "The old worker was stopped first (reload: { overlap: false })";
        if (outcome.NobodyServes)
            return $"{failed} {first}. No worker of generation {generation} is online yet; it is being started again with its old config, from the files as they are now, and `zd logs {app}` shows what it says";
        if (!outcome.NotBack.IsEmpty)
            return $"{failed} {first}. Not online yet: {string.Join(", ", outcome.NotBack.Select(pmId => $"{app}:{pmId}"))}; generation {generation} is being started again there with its old config, from the files as they are now, and `zd logs {app}` shows what it says";
        return $"{failed} {first}; generation {generation} {(outcome.ListensAgain ? "serves" : "runs")} again with its old config";
    }

    /// <summary>Jobs that ended are named by their exit code: nothing of them is online.</summary>
    private static string EndedWell(AppOutcome outcome)
    {
        var codes = string.Join(" and ", outcome.EndedWell.Select(end => end.Code).Distinct().Order());
        var done = outcome.Kind switch
        {
            OutcomeKind.Started => "was run",
            OutcomeKind.Restarted => "was run again",
            OutcomeKind.Scaled => "scaled",
            _ => $"reloaded to generation {outcome.Generation}",
        };
        return $"{outcome.App} {done}: {Workers(outcome)} finished with exit code {codes}";
    }

    private static string Workers(AppOutcome outcome) =>
        outcome.EndedWell is [var one] ? $"{outcome.App}:{one.PmId}" : string.Join(", ", outcome.EndedWell.Select(end => $"{outcome.App}:{end.PmId}"));

    private SlotReply Failure(AppOutcome outcome, SlotFailure failure)
    {
        string[] lines = failure.Worker is { } worker && failure.Cause is not FailureCause.NoListener ? lastLines(worker) : [];
        // A daemon that has taken over did not see what was printed before.
        if (lines.Length == 0)
            lines = [.. FailureCause.WordsOf(failure.Cause)];
        return new SlotReply
        {
            Slot = failure.Slot,
            PmId = failure.PmId,
            Message = Reason(failure.Cause, lines, specOf(outcome.App), outcome.Kind == OutcomeKind.RolledBack),
            LastLines = lines,
        };
    }

    /// <summary>The cause, and what to do where its last words tell.</summary>
    /// <param name="cause">As the core knows it.</param>
    /// <param name="lines">Its last words.</param>
    /// <param name="spec">Of its app, when it is known.</param>
    /// <param name="inRoll">It was the newcomer of a roll.</param>
    public static string Reason(FailureCause cause, IEnumerable<string> lines, AppSpec? spec, bool inRoll) =>
        spec is not null && AddressInUse.IsSaidIn(lines) ? Cause(cause) + AddressInUse.Advice(spec, inRoll) : Cause(cause);

    private static string Cause(FailureCause cause) => cause switch
    {
        FailureCause.Exited it => $"it exited {NewsText.Duration(it.After)} after its start{(it.WasReady ? "" : ", before it was ready")} ({it.Status}){Advice(it.Meaning)}{(it.BesideOld ? BesideOld : "")}",
        FailureCause.NotReady it => NotReady(it),
        FailureCause.NotLaunched it => $"it could not be launched: {it.Problem.Text}",
        FailureCause.NoListener it => it.Problem,
        FailureCause.GaveUp it => $"it exited {it.Crashes} times in a row shortly after its start{(it.Last is { } last ? $" (the last time: {last})" : "")}, so it is errored and not restarted any more{Advice(it.Meaning)}",
        _ => throw new ArgumentOutOfRangeException(nameof(cause)),
    };

    private const string BesideOld = "; the old worker ran beside it: if two of this program may not run at once, set reload: { overlap: false }";

    private static string Advice(ExitMeaning meaning) => meaning switch
    {
        ExitMeaning.Failed => "",
        ExitMeaning.IsRestarted => "; a job that ends on purpose needs autorestart: false (--no-autorestart)",
        ExitMeaning.ShouldServe => "; a program that serves does not end by itself, and this one has listen, cluster mode or wait_ready, or listened before",
        _ => throw new ArgumentOutOfRangeException(nameof(meaning)),
    };

    private static string NotReady(FailureCause.NotReady it)
    {
        var limit = NewsText.Duration(it.Limit);
        if (it.MissingPorts.Count > 0)
        {
            var instead = it.ListensOn.Count > 0 ? $"it listens on {string.Join(" and ", it.ListensOn)}" : "it listens on no port";
            return $"it did not listen on {string.Join(" and ", it.MissingPorts)}, as the worker before it did, within {limit} (listen_timeout): {instead}; if that is as it should be: zd restart";
        }

        return it.Sign switch
        {
            ReadySign.SpokenStrict when it.Listens =>
                $"it listens, but did not say ready within {limit} (listen_timeout), and wait_ready is strict",
            ReadySign.Spoken or ReadySign.SpokenStrict => $"it did not say ready within {limit} (listen_timeout)",
            ReadySign.Listening when it.Missing.Count > 0 =>
                $"it did not listen on {string.Join(" and ", it.Missing)}, as the worker before it does, within {limit} (listen_timeout); if that is as it should be: zd restart",
            ReadySign.Listening when it.InCluster => $"it did not listen within {limit} (listen_timeout)",
            ReadySign.Listening =>
                $"it did not accept on the socket it was given within {limit} (listen_timeout); does the program take the inherited socket (fd 3, LISTEN_FDS)?",
            ReadySign.Settled => $"it was not up within {limit} (listen_timeout)",
            _ => throw new ArgumentOutOfRangeException(nameof(it)),
        };
    }

    private static IEnumerable<string> Warnings(AppOutcome outcome)
    {
        if (outcome is { GapInCluster: true, GapBecauseOf: { } exclusive })
            yield return $"{outcome.App} binds {exclusive} itself although it is in cluster mode (listen with exclusive: true, or a program that it starts), so there was a gap; without `exclusive` its workers share a socket that stays open";
        else if (outcome.GapBecauseOf is { } address)
            yield return $"{outcome.App} binds {address} itself, so there was a gap; use `listen:` or `exec_mode: cluster`{(outcome.OverlapAsked ? " (overlap: true has no effect without them)" : "")}";
        foreach (var pmId in outcome.CountedWithoutWord)
            yield return $"{outcome.App}:{pmId} never said ready; counted because it listens";
        if (!outcome.SlotsLeftOnNewGeneration.IsEmpty)
            yield return $"{outcome.App}: could not be rolled back in slot {string.Join(", ", outcome.SlotsLeftOnNewGeneration)}; the new generation stays there";
    }
}
