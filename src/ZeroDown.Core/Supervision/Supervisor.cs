using System.Collections.Immutable;

namespace ZeroDown.Core.Supervision;

/// <summary>The whole of ZeroDown's judgement: one synchronous function without clock, chance or input/output.</summary>
public static class Supervisor
{
    /// <summary>Takes one event in and says what is true now and what is to be done.</summary>
    public static StepResult Step(FleetState state, Stamped stamped) => new(state, []);
}

/// <param name="State">What is true now.</param>
/// <param name="Actions">What is to be done, in order.</param>
public readonly record struct StepResult(FleetState State, ImmutableArray<SupervisorAction> Actions);
