using System.Text;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Simulation;

/// <summary>Stories, events and orders as people read them.</summary>
internal static class StoryText
{
    public static string Of(Story story, Ending ending)
    {
        var text = new StringBuilder();
        text.AppendLine(ending.Rule is null ? $"seed {story.Seed}: all is well after {ending.Steps} steps" : $"seed {story.Seed} breaks {ending.Rule}: {ending.Finding}");
        foreach (var service in story.Programs)
            text.AppendLine($"  {service}");
        foreach (var act in story.Acts)
            text.AppendLine($"  {act}");
        for (var launch = 0; launch < story.Fates.Length; launch++)
        {
            if (story.Fates[launch] != Fate.Healthy)
                text.AppendLine($"  w{launch + 1}:{story.Fates[launch]}");
        }

        foreach (var crash in story.Crashes)
            text.AppendLine($"  {crash}");
        for (var opening = 0; opening < story.ListenerFails.Length; opening++)
        {
            if (story.ListenerFails[opening])
                text.AppendLine($"  opening {opening + 1} of a listener fails");
        }

        return text.ToString();
    }

    public static string Of(SupervisorEvent happened) => happened switch
    {
        StartRequested start => $"{start.Request}: start {Of(start.Targets)}",
        ReloadRequested reload => $"{reload.Request}: reload {Of(reload.Targets)}{(reload.WaitDrained ? ", wait for drains" : "")}",
        RestartRequested restart => $"{restart.Request}: restart {Of(restart.Targets)}",
        StopRequested stop => $"{stop.Request}: stop {Of(stop.Targets)}",
        DeleteRequested delete => $"{delete.Request}: delete {Of(delete.Targets)}",
        ScaleRequested scale => $"{scale.Request}: scale {scale.App} {(scale.Relative ? "by" : "to")} {scale.Amount}",
        ResetRequested reset => $"{reset.Request}: reset {Of(reset.Targets)}",
        WatchRequested watch => $"{watch.Request}: watch {(watch.On is { } on ? on ? "on" : "off" : "toggle")} {Of(watch.Targets)}",
        ShutdownRequested shutdown => $"{shutdown.Request}: shutdown",
        DaemonTookOver took => $"took over: {Of(took.Facts)}",
        DeadlinePassed passed => $"passed: {Of(passed.Deadline)}",
        _ => happened.ToString(),
    };

    public static string Of(SupervisorAction order) => order switch
    {
        OpenListener open => $"open {open.Listener.Address}",
        LaunchWorker launch => $"launch {launch.Worker} {launch.Spec.Name}/{launch.Slot}@g{launch.Generation} variant {launch.Spec.Launch.Environment[0].Value}",
        ArmDeadline arm => $"arm {Of(arm.Deadline)}",
        DisarmDeadline disarm => $"disarm {Of(disarm.Deadline)}",
        AnswerRequest answer => $"answer {answer.Request}: {Of(answer.Answer)}",
        Announce announce => $"say {announce.News}",
        _ => order.ToString(),
    };

    public static string Of(Answer? answer) => answer is null
        ? "no answer"
        : $"{answer.Kind} [{string.Join(", ", answer.Apps.Select(app => $"{app.App} {app.Kind} g{app.Generation}{string.Concat(app.Failures.Select(failure => $" {failure.Slot}:{failure.Cause}"))}"))}]";

    private static string Of(TakeOverFacts facts) =>
        string.Join(", ", facts.Processes.Select(pair => $"w{pair.Key} {pair.Value.Stage}{(pair.Value.Exit is { } exit ? $" ({exit})" : "")}{(pair.Value.ChannelLost ? " (deaf)" : "")}"))
        + $"; open [{string.Join(", ", facts.Listeners.Keys)}]{(facts.BoundAnew.IsEmpty ? "" : $", anew [{string.Join(", ", facts.BoundAnew)}]")}{(facts.SameKeeper ? "" : "; another keeper")}";

    private static string Of(DeadlineId deadline) => $"{deadline.Kind} of {deadline.App}/{deadline.Slot} {deadline.Worker} #{deadline.Epoch}";

    private static string Of(IEnumerable<Target> targets) => string.Join(", ", targets.Select(target =>
        target.App
        + (target.Slots is { } slots ? "/" + string.Join(",", slots) : "")
        + (target.NewSpec is { } spec ? $" (variant {spec.Launch.Environment[0].Value}, {spec.Instances} instances)" : "")));
}
