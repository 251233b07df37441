using System.Collections.Immutable;
using Xunit;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Tests.Core;

/// <summary>A take-over that forgets one thing, one after the other: the simulation must find out about each.</summary>
public sealed class SpoiltTakeOverTests
{
    private static readonly Dictionary<string, Func<SupervisorAction, bool>> Orders = new()
    {
        ["to launch who was never launched"] = order => order is LaunchWorker,
        ["to open the gate"] = order => order is OpenGate,
        ["to open a listener"] = order => order is OpenListener,
        ["to close a listener"] = order => order is CloseListener,
        ["to look who listens"] = order => order is WatchForListening,
        ["to count connections"] = order => order is CountConnections,
        ["to tell who drains"] = order => order is TellDrain,
        ["to send a stop signal"] = order => order is SignalWorker { Signal: not "SIGKILL" } or SendShutdown,
        ["to hand over a socket"] = order => order is HandOverListener,
        ["to refuse a socket"] = order => order is RefuseListener,
        ["who ended"] = order => order is ForgetWorker,
        ["to end"] = order => order is EndDaemon,
        ["the deadlines"] = order => order is ArmDeadline,
    };

    private static readonly Dictionary<string, Func<TakeOverFacts, TakeOverFacts>> Facts = new()
    {
        ["who exited"] = facts => facts with { Processes = Only(facts, process => process.Stage != KeptStage.Exited) },
        ["who failed"] = facts => facts with { Processes = Only(facts, process => process.Stage != KeptStage.Failed) },
        ["who lives"] = facts => facts with { Processes = Only(facts, process => process.Stage != KeptStage.Started) },
        ["that there is another keeper"] = facts => facts with { SameKeeper = true },
        ["that sockets were bound anew"] = facts => facts with { BoundAnew = [] },
        ["that channels are lost"] = facts => facts with
        {
            Processes = facts.Processes.ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value with { ChannelLost = false }),
        },
    };

    private static readonly Dictionary<string, Func<FleetState, FleetState>> States = new()
    {
        ["what it was about to do last"] = state => state with { Unconfirmed = [], LastStepAt = TimeSpan.MaxValue },
        ["what was asked of it"] = state => state with { Requests = [] },
        ["what workers asked for"] = state => EachWorker(state, worker => worker with { Asks = [], Grants = [.. worker.Grants.Select(grant => grant with { Ask = null })] }),
        ["whom it told to leave"] = state => EachWorker(state, worker => worker with { Leaving = null, Phase = worker.ReadyAt is null ? WorkerPhase.Starting : WorkerPhase.Ready }),
        ["its workers"] = state => state with { Apps = [.. state.Apps.Select(app => app with { Workers = app.Workers.Clear() })] },
        ["which numbers are taken"] = state => state with { NextWorker = Math.Max(1, state.NextWorker - 1) },
        ["that it shuts down"] = state => state with { ShuttingDown = false },
    };

    public static TheoryData<string> Names => [.. Orders.Keys, .. Facts.Keys, .. States.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_take_over_that_forgets(string what) => SimulationTests.IsFoundOut((state, stamped) =>
    {
        if (stamped.Event is not DaemonTookOver took)
            return Supervisor.Step(state, stamped);
        if (States.TryGetValue(what, out var forget))
            return Supervisor.Step(forget(state), stamped);
        if (Facts.TryGetValue(what, out var ignore))
            return Supervisor.Step(state, stamped with { Event = new DaemonTookOver(ignore(took.Facts)) });
        var step = Supervisor.Step(state, stamped);
        return step with { Actions = step.Actions.RemoveAll(order => Orders[what](order)) };
    });

    private static ImmutableSortedDictionary<long, KeptProcess> Only(TakeOverFacts facts, Func<KeptProcess, bool> keep) =>
        facts.Processes.Where(pair => keep(pair.Value)).ToImmutableSortedDictionary();

    private static FleetState EachWorker(FleetState state, Func<Worker, Worker> change) => state with
    {
        Apps = [.. state.Apps.Select(app => app with { Workers = app.Workers.ToImmutableSortedDictionary(pair => pair.Key, pair => change(pair.Value)) })],
    };
}
