using System.Collections.Immutable;
using System.Text;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>
/// What a daemon that takes over does about a worker, for every phase that it was left in and everything that the keeper may say of it, as a
/// table that people read and diff: <c>takeover.md</c>. <c>ZD_WRITE_STATES=1 dotnet test</c> writes it anew.
/// </summary>
public sealed class TakeOverTableTests
{
    private static readonly AppSpec Spec = FleetStory.Spec() with
    {
        Ready = new ReadyRule { Sign = ReadySign.Spoken, MinReady = TimeSpan.Zero },
        Restart = new RestartRule { Delay = TimeSpan.FromSeconds(5), MaxRestarts = 2 },
    };

    private static readonly (string Name, int Subject, Func<FleetStory> Story)[] Phases =
    [
        ("Starting, launch ordered", 1, () => Launched()),
        ("Starting, gate ordered to open", 1, () => Launched().Happens(new WorkerSpawned(new WorkerId(1), 4711))),
        ("Starting, runs", 1, () => Launched().Runs(new WorkerId(1))),
        ("Starting, newcomer of a roll", 2, () => Ready().Then(story => story.Reload())),
        ("Starting, newcomer of a roll, runs", 2, () => Ready().Then(story => story.Reload(), story => story.Runs(new WorkerId(2)))),
        ("Ready", 1, () => Ready()),
        ("Draining", 1, () => Ready().Happens(new WorkerOpenedChannel(new WorkerId(1))).Then(story => story.Stop())),
        ("Draining, old worker of a roll", 1, Replaced),
        ("Stopping, signalled in the last step", 1, () => Ready().Then(story => story.Stop())),
        ("Stopping, signalled before", 1, () => Ready().Then(story => story.Stop(), story => story.Happens(new WorkerSaidStatus(new WorkerId(1), "bye")))),
        ("Stopping, not spawned yet", 1, () => Launched().Then(story => story.Stop())),
        ("Stopping, killed", 1, () => Ready().Then(story => story.Stop(), story => story.Passes(DeadlineKind.Kill))),
        ("Backoff", 1, () => Ready().Exits(new WorkerId(1))),
        ("Errored", 1, () => Ready(Spec with { Restart = Spec.Restart with { MaxRestarts = 0 } }).Exits(new WorkerId(1))),
        ("Stopped", 1, () => Ready().Then(story => story.Stop(), story => story.Exits(new WorkerId(1), 0))),
        ("Starting, in a Node cluster, waits for a socket", 1, () => NodeStory.Starting().Asks(new WorkerId(1))),
        ("Starting, in a Node cluster, was given one", 1, () => NodeStory.Starting().Asks(new WorkerId(1)).ListenersOpen()),
        ("Ready, in a Node cluster", 1, () => NodeStory.Listening(new WorkerId(1)).Happens(new WorkerOpenedChannel(new WorkerId(1)))),
        ("Stopping by message, told in the last step", 1, () => NodeStory.Listening(new WorkerId(1), byMessage: true).Then(story => story.Stop())),
        ("Stopping by message, told before", 1, () => NodeStory.Listening(new WorkerId(1), byMessage: true).Then(story => story.Stop(), story => story.Happens(new WorkerSaidStatus(new WorkerId(1), "bye")))),
    ];

    private static readonly Telling[] Tellings =
    [
        new("nothing: it was never launched", null) { Of = Knowledge.OrderToLaunch },
        new("nothing, and it is another keeper", null) { SameKeeper = false },
        new("it waits at its gate", new KeptProcess(KeptStage.AtGate, 4711)) { Of = Knowledge.Process },
        new("its gate is open", new KeptProcess(KeptStage.Starting, 4711)) { Of = Knowledge.Process },
        new("it runs", new KeptProcess(KeptStage.Started, 4711)),
        new("it runs, and it is another keeper", new KeptProcess(KeptStage.Started, 4711)) { SameKeeper = false },
        new("it runs and is deaf, and it is another keeper", new KeptProcess(KeptStage.Started, 4711, ChannelLost: true)) { SameKeeper = false },
        new("the same, and its listener was bound anew", new KeptProcess(KeptStage.Started, 4711, ChannelLost: true)) { SameKeeper = false, Socket = Socket.Anew },
        new("the same, and its listener is lost", new KeptProcess(KeptStage.Started, 4711, ChannelLost: true)) { SameKeeper = false, Socket = Socket.Lost },
        new("it exited with 1", new KeptProcess(KeptStage.Exited, 4711, new ExitStatus(1))),
        new("it is gone, nobody knows how", new KeptProcess(KeptStage.Exited, 4711)),
        new("it never ran", new KeptProcess(KeptStage.Failed, 0, Problem: new LaunchProblem("execve", 2, "no such program"))) { Of = Knowledge.Process },
    ];

    /// <summary>How much the state knows of the worker; a keeper that served it cannot know less.</summary>
    private enum Knowledge
    {
        OrderToLaunch,
        Process,
        Program,
    }

    private enum Socket
    {
        Back,
        Anew,
        Lost,
    }

    [Fact]
    public void Every_phase_has_its_answer_to_everything_the_keeper_may_say() => PhaseTable.IsAsWritten("takeover.md", Table());

    private static string Table()
    {
        var text = new StringBuilder()
            .Append("# What a take-over makes of every phase\n\n")
            .Append("Written by `TakeOverTableTests`; the app has one slot, `wait_ready`, a listener that was given back, `restart_delay: 5s` and `max_restarts: 2`.\n")
            .Append("The next daemon comes one second after the last step of the one that died; deadlines are armed again throughout, and left out here.\n")
            .Append("In a roll the worker's partner lives. Missing rows cannot be: the keeper knows no less of a worker than the state.\n")
            .Append("An arrow is a change of the worker's phase (of the slot's, where it has no worker); then the orders, in their sequence.\n");
        foreach (var (phase, number, story) in Phases)
        {
            text.Append($"\n## {phase}\n\n| the keeper says | what follows |\n| --- | --- |\n");
            var subject = new WorkerId(number);
            foreach (var telling in Tellings)
            {
                if (KnowledgeOf(story().Find(subject)) is { } known ? known <= telling.Of : telling.Process is null && telling.Of == Knowledge.OrderToLaunch)
                    text.Append($"| {telling.Name} | {Cell(story(), subject, telling)} |\n");
            }
        }

        return text.ToString();
    }

    private static Knowledge? KnowledgeOf(Worker? worker) => worker switch
    {
        null => null,
        { ExecutedAt: not null } => Knowledge.Program,
        { Pid: not 0 } => Knowledge.Process,
        _ => Knowledge.OrderToLaunch,
    };

    private static string Cell(FleetStory story, WorkerId subject, Telling telling)
    {
        var before = PhaseTable.PhaseOf(story, subject);
        var back = telling.Socket == Socket.Lost ? [] : story.State.Listeners.Keys.ToImmutableDictionary(address => address, address => address.ToString()!);
        story.Later(TimeSpan.FromSeconds(1)).TakesOver(
            (worker, process) => worker.Id == subject ? telling.Process : process,
            facts => facts with
            {
                SameKeeper = telling.SameKeeper,
                Listeners = back,
                BoundAnew = telling.Socket == Socket.Anew ? [.. back.Keys] : [],
            });
        return PhaseTable.WhatFollowed(before, story, subject, story.Orders.Where(IsTold)) ?? "nothing: it goes on";
    }

    private static bool IsTold(SupervisorAction order) => order is not (ArmDeadline or DisarmDeadline);

    private static FleetStory Launched(AppSpec? spec = null) => new FleetStory().Then(story => story.Start(spec ?? Spec), story => story.ListenersOpen());

    private static FleetStory Ready(AppSpec? spec = null) => Launched(spec).Runs(new WorkerId(1)).Happens(new WorkerSaidReady(new WorkerId(1)));

    private static FleetStory Replaced() => Ready().Happens(new WorkerOpenedChannel(new WorkerId(1))).Then(
        story => story.Reload(),
        story => story.Runs(new WorkerId(2)).Happens(new WorkerSaidReady(new WorkerId(2))));

    /// <param name="Name">As a sentence.</param>
    /// <param name="Process">Null: it knows no such worker.</param>
    private sealed record Telling(string Name, KeptProcess? Process)
    {
        public bool SameKeeper { get; init; } = true;

        public Socket Socket { get; init; }

        /// <summary>It can be said of workers of which the state knows no more than this.</summary>
        public Knowledge Of { get; init; } = Knowledge.Program;
    }
}
