using Xunit;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>What the tables of behaviour have in common: stories about one app, what a step did to one worker of it, in words, and the file that people read.</summary>
internal static class PhaseTable
{
    /// <summary><c>ZD_WRITE_STATES=1 dotnet test</c> writes it anew.</summary>
    /// <param name="file">In this folder.</param>
    /// <param name="table">What it has to say.</param>
    public static void IsAsWritten(string file, string table)
    {
        var path = Path.Combine(Repository.Root, "tests/ZeroDown.Tests/Core", file);
        if (Environment.GetEnvironmentVariable("ZD_WRITE_STATES") == "1")
            File.WriteAllText(path, table);
        Assert.Equal(File.ReadAllText(path), table);
    }

    public static FleetStory Then(this FleetStory story, params Action<FleetStory>[] chapters)
    {
        foreach (var chapter in chapters)
            chapter(story);
        return story;
    }

    public static string PhaseOf(FleetStory story, WorkerId subject) => story.State.Apps is not [var app]
        ? "forgotten"
        : (app.Workers.TryGetValue(subject.Number, out var worker) ? worker.Phase : app.Slots[0].Phase).ToString();

    /// <returns>Null when nothing did.</returns>
    public static string? WhatFollowed(string before, FleetStory story, WorkerId subject, IEnumerable<SupervisorAction> orders)
    {
        var after = PhaseOf(story, subject);
        string[] parts = [.. before == after ? Array.Empty<string>() : [$"→ {after}"], .. orders.Select(Words)];
        return parts.Length > 0 ? string.Join("; ", parts) : null;
    }

    private static string Words(SupervisorAction order) => order switch
    {
        LaunchWorker launch => $"launch {launch.Worker}",
        SignalWorker { WholeGroup: true } signal => $"{signal.Signal} to its group",
        SignalWorker signal => signal.Signal,
        WatchTree => "look after its tree",
        SignalProcess signal => $"{signal.Signal} to {signal.Process}",
        KillTree => "SIGKILL to its tree",
        RelaySignal relay => $"pass {relay.Signal} on",
        OpenGate => "open its gate",
        WatchForListening => "watch its listeners",
        CountConnections => "count its connections",
        TellDrain tell => $"tell it to drain ({tell.Order.Reason}, idle {tell.Order.Idle.TotalSeconds:0} s, {tell.Order.Limit.TotalSeconds:0} s in all)",
        HandOverListener => "give it the listener",
        RefuseListener refuse => $"refuse it the listener ({refuse.Reason})",
        SendShutdown shutdown => $"send it shutdown (or {shutdown.OrSignal})",
        ForgetWorker => "forget it",
        ArmDeadline arm => $"arm {arm.Deadline.Kind}",
        DisarmDeadline disarm => $"disarm {disarm.Deadline.Kind}",
        AnswerRequest answer => $"answer: {answer.Answer.Kind}{string.Concat(answer.Answer.Apps.Select(app => $" ({app.Kind})"))}",
        Announce announce => $"say {announce.News.GetType().Name}",
        OpenListener => "open the listener",
        CloseListener => "close the listener",
        EndDaemon => "end the daemon",
        _ => throw new ArgumentOutOfRangeException(nameof(order), order.GetType().Name, "no words for this order"),
    };
}
