using System.Collections.Immutable;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Simulation;

/// <summary>A moment at which somebody who is to survive everything is killed.</summary>
/// <param name="Step">In the how manieth step of the core, or the first after it that gives an order <see cref="Near"/>.</param>
/// <param name="Orders">After how many orders of that step, or after the order that is near; -1: before it was written down, so it never happened.</param>
/// <param name="OutageMs">How long nobody lives.</param>
/// <param name="Victim">Who is killed.</param>
internal sealed record Crash(int Step, int Orders, int OutageMs, Victim Victim)
{
    private static readonly ImmutableArray<Type> Rare =
    [
        typeof(OpenListener), typeof(CloseListener), typeof(SteerListener), typeof(AwaitEmptyQueue), typeof(LaunchWorker), typeof(OpenGate), typeof(WatchForListening), typeof(TellDrain), typeof(HandOverListener),
        typeof(HandOverListener), typeof(RefuseListener), typeof(RefuseListener), typeof(SignalWorker), typeof(SendShutdown), typeof(WatchTree), typeof(SignalProcess), typeof(KillTree), typeof(ForgetWorker), typeof(AnswerRequest), typeof(EndDaemon),
    ];

    /// <summary>It waits for an order of this kind, so that what happens seldom is interrupted as often as anything else.</summary>
    public Type? Near { get; init; }

    public override string ToString() =>
        $"step {Step}{(Near is null ? "" : $" or later")}: {Victim} dies "
        + (Orders < 0 ? "before it is written down" : Near is null ? $"after {Orders} orders" : $"{(Orders == 0 ? "before" : $"{Orders} orders after")} {Near.Name}")
        + $", for {OutageMs} ms";

    /// <summary>After how many orders of this step it happens; null: not in this step.</summary>
    public int? At(int step, ImmutableArray<SupervisorAction> orders)
    {
        if (step < Step)
            return null;
        if (Near is null)
            return Orders;
        for (var index = 0; index < orders.Length; index++)
        {
            if (orders[index].GetType() == Near)
                return Orders < 0 ? -1 : index + Orders;
        }

        return null;
    }

    /// <summary>Five of six lives have some; they come in swarms too, so that one who takes over dies of it.</summary>
    public static IEnumerable<Crash> Throw(Dice dice)
    {
        var step = 0;
        for (var count = dice.Of(0, 1, 2, 3, 4, 8); count > 0; count--)
        {
            step += dice.Once(2) ? dice.Between(1, 4) : dice.Between(1, 60);
            var victim = dice.Below(8) switch
            {
                0 => Victim.Keeper,
                1 or 2 => Victim.Both,
                _ => Victim.Daemon,
            };
            var outage = dice.Of(0, 1, 30, 200, 1_500, 40_000);
            yield return dice.Once(2)
                ? new Crash(step, dice.Between(-1, 5), outage, victim)
                : new Crash(step, dice.Of(-1, 0, 0, 0, 1), outage, victim) { Near = Rare[dice.Below(Rare.Length)] };
        }
    }
}

/// <summary>Who is killed.</summary>
internal enum Victim
{
    Daemon,

    /// <summary>The daemon hands all that it has to another keeper, and ends: what waited at its gate is gone, and who exits meanwhile exits unseen.</summary>
    Keeper,

    /// <summary>Channels are lost and what was said over them, sockets too or not, and some workers with them.</summary>
    Both,
}
