using System.Text;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>
/// What every event means in every phase, as a table that people read and diff: <c>states.md</c>. A change in behaviour shows there.
/// <c>ZD_WRITE_STATES=1 dotnet test</c> writes it anew.
/// </summary>
public sealed class StateTableTests
{
    private static readonly AppSpec Spec = FleetStory.Spec() with
    {
        Ready = new ReadyRule { Sign = ReadySign.Spoken, MinReady = TimeSpan.Zero },
        Restart = new RestartRule { Delay = TimeSpan.FromSeconds(5), MaxRestarts = 2 },
        Upkeep = new UpkeepRule { MaxMemoryBytes = 100, Cron = "0 3 * * *", Watch = new WatchRule { Paths = ["/srv"] } },
    };

    private static readonly (string Name, Func<FleetStory> Story)[] Phases =
    [
        ("Starting, at its gate", () => Launched(new FleetStory())),
        ("Starting", Executed),
        ("Ready", Ready),
        ("Draining", () => Ready().Then(story => story.Happens(new WorkerOpenedChannel(Subject)), story => story.Stop())),
        ("Draining, old worker of a roll", Replaced),
        ("Draining, empties the queue of a socket that is lost", Last),
        ("Stopping", () => Ready().Then(story => story.Stop())),
        ("Backoff", () => Ready().Then(story => story.Exits(Subject))),
        ("Errored", Errored),
        ("Stopped", () => Ready().Then(story => story.Stop(), story => story.Exits(Subject, 0))),
        ("Starting, in a Node cluster", NodeStory.Starting),
        ("Starting, in a Node cluster, waits for a socket", () => NodeStory.Starting().Asks(Subject)),
        ("Ready, in a Node cluster", () => NodeStory.Listening(Subject)),
        ("Draining, in a Node cluster", () => NodeStory.Listening(Subject).Happens(new WorkerOpenedChannel(Subject)).Then(story => story.Stop())),
        ("Stopping, only its tree lives", () => FleetStory.Running(Spec).Then(story => story.Stop()).Happens(new WorkerExited(Subject, new ExitStatus(0)) { Rest = new TreeRest(["node (pid 9)"]) })),
        ("Stopping by message, in a Node cluster", () => NodeStory.Listening(Subject, byMessage: true).Then(story => story.Stop())),
    ];

    private static readonly (string Name, Func<FleetStory, SupervisorEvent> Event)[] Events =
    [
        ("WorkerSpawned", _ => new WorkerSpawned(Subject, 4711)),
        ("WorkerExecuted", _ => new WorkerExecuted(Subject)),
        ("LaunchFailed", _ => new LaunchFailed(Subject, new LaunchProblem("execve", 2, "no such program"))),
        ("LaunchFailed, permanent", _ => new LaunchFailed(Subject, new LaunchProblem("exec", 8, "neither a program nor a script") { Permanent = true })),
        ("LaunchFailed, temporary", _ => new LaunchFailed(Subject, new LaunchProblem("fork", 11, "no more processes", Temporary: true))),
        ("WorkerExited with 1", _ => new WorkerExited(Subject, new ExitStatus(1))),
        ("WorkerExited with 1, its tree lives", _ => new WorkerExited(Subject, new ExitStatus(1)) { Rest = new TreeRest(["node (pid 9)"]) }),
        ("WorkerProcessUnasked", _ => new WorkerProcessUnasked(Subject, new TreeProcess(9, 1))),
        ("WorkerTreeEnded", _ => new WorkerTreeEnded(Subject)),
        ("WorkerSaidReady", _ => new WorkerSaidReady(Subject)),
        ("WorkerListens", _ => new WorkerListens(Subject, false)),
        ("WorkerSaidStopping", _ => new WorkerSaidStopping(Subject)),
        ("WorkerSaidStatus", _ => new WorkerSaidStatus(Subject, "warming up")),
        ("WorkerExtendedTimeout", _ => new WorkerExtendedTimeout(Subject, TimeSpan.FromMinutes(5))),
        ("WorkerOpenedChannel", _ => new WorkerOpenedChannel(Subject)),
        ("WorkerClosedChannel", _ => new WorkerClosedChannel(Subject)),
        ("WorkerSaidDraining", _ => new WorkerSaidDraining(Subject, 3)),
        ("WorkerConnectionsCounted, 3", _ => new WorkerConnectionsCounted(Subject, 3)),
        ("WorkerConnectionsCounted, 0", _ => new WorkerConnectionsCounted(Subject, 0)),
        ("WorkerEmptiedQueue", _ => new WorkerEmptiedQueue(Subject)),
        ("WorkerDrained", _ => new WorkerDrained(Subject)),
        ("WorkerAskedToListen", _ => new WorkerAskedToListen(Subject, NodeStory.Ask(8, 3001))),
        ("WorkerAskedToListen, once more", _ => new WorkerAskedToListen(Subject, NodeStory.Ask(7))),
        ("WorkerListensOn", _ => new WorkerListensOn(Subject, NodeStory.Ask(7).Point)),
        ("WorkerStoppedListening", _ => new WorkerStoppedListening(Subject, NodeStory.Ask(7).Point.Key)),
        ("WorkerOverMemory", _ => new WorkerOverMemory(Subject, 101)),
        ("WorkerBindsOwnPort", _ => new WorkerBindsOwnPort(Subject, ["0.0.0.0:3000"])),
        .. Enum.GetValues<DeadlineKind>().Select(kind => ($"DeadlinePassed, {kind}", (Func<FleetStory, SupervisorEvent>)(story => Deadline(story, kind)))),
        ("CronCame", _ => new CronCame(Spec.Name, "0 3 * * *")),
        ("FilesChanged", _ => new FilesChanged(Spec.Name, "/srv/api.js")),
        ("start", story => new StartRequested(Request, [Target])),
        ("reload", story => new ReloadRequested(Request, [Target])),
        ("restart", story => new RestartRequested(Request, [Target])),
        ("stop", story => new StopRequested(Request, [Target])),
        ("delete", story => new DeleteRequested(Request, [Target])),
        ("scale to 2", story => new ScaleRequested(Request, Spec.Name, 2, false)),
        ("scale to 0", story => new ScaleRequested(Request, Spec.Name, 0, false)),
        ("reset", story => new ResetRequested(Request, [Target])),
        ("signal", story => new SignalRequested(Request, [Target], "SIGUSR2")),
        ("watch", story => new WatchRequested(Request, [Target], null)),
        ("shutdown", story => new ShutdownRequested(Request)),
    ];

    private static FleetStory Last() => Ready().Then(
        story => story.TakesOver(facts: all => all with { SameKeeper = false, BoundAnew = [.. all.Listeners.Keys], Steered = [.. all.Listeners.Keys] }),
        story => story.Runs(story.Newcomer(0)).Happens(new WorkerSaidReady(story.Newcomer(0))));

    private static WorkerId Subject => new(1);

    private static RequestId Request => new(99);

    private static Target Target => new(Spec.Name);

    [Fact]
    public void Every_pair_of_phase_and_event_has_its_answer() => PhaseTable.IsAsWritten("states.md", Table());

    [Fact]
    public void The_table_knows_every_fact_about_workers_and_every_request()
    {
        var known = Phases.SelectMany(phase => Events.Select(row => row.Event(phase.Story()).GetType())).ToHashSet();
        var all = typeof(SupervisorEvent).Assembly.GetTypes().Where(type => !type.IsAbstract && (type.IsSubclassOf(typeof(WorkerFact)) || type.IsSubclassOf(typeof(Requested))));
        Assert.Empty(all.Where(type => !known.Contains(type)).Select(type => type.Name));
    }

    private static string Table()
    {
        var text = new StringBuilder()
            .Append("# What every event means in every phase\n\n")
            .Append("Written by `StateTableTests`; the app has one slot, `wait_ready`, `min_ready: 0`, a listener, `restart_delay: 5s` and `max_restarts: 2`.\n")
            .Append("In a Node cluster it has neither word nor listener: its worker asks for port 3000 and listens on it.\n")
            .Append("An arrow is a change of the worker's phase (of the slot's, where it has no worker); then the orders, in their sequence.\n");
        foreach (var (phase, story) in Phases)
        {
            text.Append($"\n## {phase}\n\n| event | what follows |\n| --- | --- |\n");
            foreach (var (name, happened) in Events)
                text.Append($"| {name} | {Cell(story(), happened)} |\n");
        }

        return text.ToString();
    }

    private static string Cell(FleetStory story, Func<FleetStory, SupervisorEvent> make)
    {
        var happened = make(story);
        var (known, before, recorded) = (story.Find(Subject) is not null, PhaseTable.PhaseOf(story, Subject), Recorded(story));
        story.Happens(happened);
        if (PhaseTable.WhatFollowed(before, story, Subject, story.Orders) is { } followed)
            return followed;
        return recorded != Recorded(story) ? "noted" : $"nothing: {WhyNothing(happened, known)}";
    }

    /// <summary>The reason is part of the table: an event without one is a hole.</summary>
    private static string WhyNothing(SupervisorEvent happened, bool known) => happened switch
    {
        WorkerFact when !known => "old news, the worker is forgotten",
        DeadlinePassed => "old news, it is not armed",
        WorkerSpawned or WorkerExecuted or WorkerSaidReady or WorkerListens or WorkerExited => "said twice",
        WorkerProcessUnasked or WorkerTreeEnded => "the worker itself lives",
        WorkerOpenedChannel => "it has one",
        WorkerEmptiedQueue => "nobody waits for that",
        WorkerDrained => "nobody asked it to drain",
        WorkerClosedChannel => "it had none",
        WorkerAskedToListen => "there is no cluster, it is to leave, or it is said twice",
        WorkerListensOn or WorkerStoppedListening => "it never asked for that, or it is said twice",
        WorkerExtendedTimeout => "nothing runs out",
        WorkerOverMemory => "it is not ready yet, or goes already",
        FilesChanged => "what the user stopped stays stopped",
        CronCame => "it has no such schedule",
        _ => throw new InvalidOperationException($"{happened} means nothing here, and nobody says why"),
    };

    /// <summary>What a quiet event may still have written down.</summary>
    private static (Worker? Worker, SlotState? Slot, FilesChanged? Changed, int Requests) Recorded(FleetStory story) =>
        (story.Find(Subject), story.State.Find(Spec.Name)?.Slots[0], story.State.Find(Spec.Name)?.Changed, story.State.Requests.Count);

    private static DeadlinePassed Deadline(FleetStory story, DeadlineKind kind)
    {
        var ended = story.AllOrders.OfType<DisarmDeadline>().Select(order => order.Deadline).ToHashSet();
        var armed = story.AllOrders.OfType<ArmDeadline>().Select(order => order.Deadline).LastOrDefault(id => id.Kind == kind && !ended.Contains(id));
        return new DeadlinePassed(armed == default ? new DeadlineId(Spec.Name, 0, Subject, kind, 0) : armed);
    }

    private static FleetStory Launched(FleetStory story) => story.Then(empty => empty.Start(Spec), started => started.ListenersOpen());

    private static FleetStory Executed() => Launched(new FleetStory()).Runs(Subject);

    private static FleetStory Ready() => Executed().Happens(new WorkerSaidReady(Subject));

    private static FleetStory Replaced() => Ready().Happens(new WorkerOpenedChannel(Subject))
        .Then(story => story.Reload(), story => story.Runs(new WorkerId(2)).Happens(new WorkerSaidReady(new WorkerId(2))));

    private static FleetStory Errored()
    {
        var story = new FleetStory();
        story.Start(Spec with { Restart = Spec.Restart with { MaxRestarts = 0 } });
        return story.ListenersOpen().Runs(Subject).Exits(Subject);
    }
}
