using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon;

/// <summary>
/// Says news in pm2's words, because people and scripts grep for them: <c>App [app:0] online</c>, <c>Stopping app:app
/// id:_old_0</c>. The number is the slot's daemon-wide id; an old worker of a roll is <c>_old_</c> and that id.
/// </summary>
internal static class NewsText
{
    public static string Line(FleetNews news) => news switch
    {
        FleetNews.Starting it => $"App [{Name(it)}] starting in -{(it.Mode == ExecMode.Cluster ? "cluster" : "fork")} mode-",
        FleetNews.Online { WithoutWord: true } it => $"App [{Name(it)}] online (it never said ready; counted because it listens)",
        FleetNews.Online it => $"App [{Name(it)}] online",
        FleetNews.TookOver it => $"Took over app {it.App}: {TookOver(it)}",
        FleetNews.NewWorkerListening { Listens: true } => "-reload- New worker listening",
        FleetNews.NewWorkerListening => "-reload- New worker online",
        FleetNews.Stopping it => $"Stopping app:{it.App} id:{Id(it)}",
        FleetNews.Disconnected it => $"App name:{it.App} id:{Id(it)} disconnected",
        FleetNews.Exited { Status.IsKnown: false } it => $"App [{Name(it)}] exited with code [unknown] via signal [unknown]",
        FleetNews.Exited it => $"App [{Name(it)}] exited with code [{it.Status.Code}] via signal [{it.Status.Signal ?? "none"}]",
        FleetNews.TreeStopping it => $"App [{Name(it)}] has left processes behind, asking them to stop: {string.Join(", ", it.Processes)}",
        FleetNews.TreeEnded it => $"App [{Name(it)}] the processes that it had left behind have ended",
        FleetNews.TreeLeftRunning it => $"App [{Name(it)}] has left processes behind, which live on (treekill: false): {string.Join(", ", it.Processes)}",
        FleetNews.Killing it => $"App [{Name(it)}] still alive after {Duration(it.After)}, sending SIGKILL to its processes",
        FleetNews.NotLaunched it => $"App [{Name(it)}] could not be launched: {it.Problem.Text}",
        FleetNews.RestartIn it => $"App [{Name(it)}] will restart in {it.Delay.TotalMilliseconds:0}ms",
        FleetNews.TooManyRestarts { Crashes: <= 1 } it => $"App [{Name(it)}] failed and is not tried again. \"errored\"",
        FleetNews.TooManyRestarts it => $"App [{Name(it)}] had too many unstable restarts ({it.Crashes}). Stopped. \"errored\"",
        FleetNews.NotReadyInTime it => $"App [{Name(it)}] is not ready after {Duration(it.Limit)}",
        FleetNews.OverMemory it =>
            $"[WORKER] Process {it.PmId} restarted because it exceeds --max-memory-restart value (current_memory={it.Bytes} max_memory_limit={it.Limit} [octets])",
        FleetNews.OnSchedule it => $"[WORKER] App {it.App} restarts on schedule ({it.Pattern})",
        FleetNews.ScheduleSkipped it => $"[WORKER] App {it.App} was to restart on schedule ({it.Pattern}); skipped, because another command or reload of it is under way",
        FleetNews.ChangeDetected it => $"Change detected on path {it.Path} for app {it.App} - restarting",
        FleetNews.RollBegan { InPlace: true } it =>
            $"-reload- App {it.App} generation {it.FromGeneration} -> {it.ToGeneration}, slot by slot {(it.GapBecauseOf is null ? "and the old worker first" : "because it binds its own port")}",
        FleetNews.RollBegan it => $"-reload- App {it.App} generation {it.FromGeneration} -> {it.ToGeneration}, {it.Batch} at a time",
        FleetNews.RollEnded it => $"-reload- App {it.App} done, generation {it.Generation} serves",
        FleetNews.RollFailed { Serves: false } it => $"-reload- App {it.App} failed, and no worker of generation {it.KeptGeneration} is online either",
        FleetNews.RollFailed { InPlace: true } it => $"-reload- App {it.App} failed, generation {it.KeptGeneration} was started again",
        FleetNews.RollFailed { BesideOld: true } it => $"-reload- App {it.App} failed, generation {it.KeptGeneration} serves on; {NotBeside(it.Automatic)}",
        FleetNews.RollFailed it => $"-reload- App {it.App} failed, generation {it.KeptGeneration} serves on",
        FleetNews.BatchLimitedByMemory it => $"-reload- App {it.App}: {it.Batch} at a time instead of {it.Wanted}, more would not fit into memory",
        FleetNews.RollWaitsForDrains it => $"-reload- App {it.App} waits: {it.Draining} old workers of earlier reloads still drain",
        FleetNews.ListenerOpen it => $"Listening on {it.BoundAddress}",
        FleetNews.ListenerFailed it => $"Cannot listen on {it.Listener}: {it.Problem}",
        FleetNews.ListenerClosed it => $"Closed {it.Listener}",
        _ => throw new ArgumentOutOfRangeException(nameof(news), news.GetType().Name, "news without words"),
    };

    /// <summary>The public word for where the worker stands after this news; null when it says nothing of one worker.</summary>
    public static string? Status(FleetNews news) => news switch
    {
        FleetNews.Starting => "launching",
        FleetNews.Online => "online",
        FleetNews.Stopping { Old: true } => "draining",
        FleetNews.Stopping => "stopping",
        FleetNews.Exited => "stopped",
        FleetNews.TooManyRestarts => "errored",
        FleetNews.RestartIn => "waiting restart",
        _ => null,
    };

    public static string Duration(TimeSpan duration) => duration switch
    {
        { TotalMilliseconds: < 1000 } => FormattableString.Invariant($"{duration.TotalMilliseconds:0} ms"),
        { TotalSeconds: < 120 } => FormattableString.Invariant($"{duration.TotalSeconds:0.#} s"),
        _ => FormattableString.Invariant($"{duration.TotalMinutes:0.#} min"),
    };

    private static string NotBeside(bool automatic) =>
        "the new worker exited while the old one ran. If two of this program may not run at once, set reload: { overlap: false }"
        + (automatic ? ". The next automatic restart stops the old one first" : "");

    /// <summary>"4 workers serve on, 1 leaves, 1 exited meanwhile": what a tired person wants to know of a daemon's death.</summary>
    private static string TookOver(FleetNews.TookOver news)
    {
        var parts = new List<string>();
        if (news.Serving > 0 || news is { Launching: 0, Leaving: 0 })
            parts.Add(news.Serving switch { 0 => "no worker serves", 1 => "1 worker serves on", var more => $"{more} workers serve on" });
        if (news.Launching > 0)
            parts.Add(news.Launching == 1 ? "1 is still starting" : $"{news.Launching} are still starting");
        if (news.Leaving > 0)
            parts.Add(news.Leaving == 1 ? "1 is leaving" : $"{news.Leaving} are leaving");
        if (news.Ended > 0)
            parts.Add($"{news.Ended} ended meanwhile" + (news.Unknown > 0 ? $" ({(news.Unknown == news.Ended ? "nobody" : $"of {news.Unknown} nobody")} knows how)" : ""));
        if (news.Stranded > 0)
            parts.Add($"{news.Stranded} will be replaced because the listening socket had to be bound anew");
        if (news.Rolls)
            parts.Add("its reload goes on");
        return string.Join(", ", parts);
    }

    private static string Name(FleetNews.OfWorker news) => $"{news.App}:{Id(news)}";

    private static string Id(FleetNews.OfWorker news) => news.Old ? $"_old_{news.PmId}" : $"{news.PmId}";
}
