using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// Workers that outlived keeper and daemon accept on a socket that nobody could fetch from them; ours stands beside it. New connections go where somebody
/// accepts: to the old one while only its workers serve, to both while a roll replaces them, to ours before the last of them is told to leave. What waits on
/// the old socket is lost when the last who has it is gone, so that one goes on accepting until nothing waits.
/// </summary>
public static class OldSockets
{
    /// <summary>How long a handshake that began before the switch may still bring a connection to the old socket: one retransmission of a lost packet.</summary>
    public static readonly TimeSpan LastHandshakes = TimeSpan.FromSeconds(1.5);

    internal static void Steer(Turn turn)
    {
        foreach (var (address, listener) in turn.Listeners)
        {
            if (listener.Steered is not { } now)
                continue;
            var wanted = Wanted(turn, address);
            if (wanted == now)
                continue;
            turn.Set(address, listener with { Steered = wanted });
            if (wanted is { } to)
                turn.Order(new SteerListener(address, to));
        }
    }

    /// <summary>For a daemon that does not know what its predecessor said to the kernel.</summary>
    internal static void Again(Turn turn, TakeOverFacts facts)
    {
        foreach (var (address, listener) in turn.Listeners)
        {
            if (facts.BoundAnew.Contains(address))
                turn.Set(address, listener with { Steered = facts.Steered.Contains(address) ? Steering.Old : null });
            else if (listener.Steered is { } to)
                turn.Order(new SteerListener(address, to));
        }
    }

    /// <summary>Where nobody is to serve any more, nobody waits for clients either: they would be refused in a moment.</summary>
    internal static bool MayWait(AppDraft app, Worker worker) => worker.Leaving switch
    {
        null or DrainReason.Stop or DrainReason.Delete or DrainReason.Shutdown or DrainReason.Exited => false,
        DrainReason.Restart => !app.Turn.ShuttingDown && app.FindSlot(worker.Slot) is { Wanted: true },
        DrainReason.Reload or DrainReason.Scale or DrainReason.RollBack => true,
        var other => throw new InvalidOperationException($"no such reason: {other}"),
    };

    /// <summary>Everybody who accepts on an old socket of its is to leave.</summary>
    internal static bool IsLastOn(AppDraft app, Worker worker) => !Left(app, worker).IsEmpty;

    internal static void AwaitEmptyQueue(AppDraft app, Worker worker) =>
        app.Turn.Order(new AwaitEmptyQueue(worker.Id, Left(app, worker).ToEquatableArray(), worker.LeftAt!.Value + LastHandshakes));

    private static ImmutableArray<ListenerAddress> Left(AppDraft app, Worker worker) => worker.Stranded
        ? [.. app.Turn.Listeners.Where(pair => pair.Value.Steered == Steering.New && ListenerUse.Has(worker, pair.Key)).Select(pair => pair.Key)]
        : [];

    /// <returns>Null when nobody has the old socket any more.</returns>
    private static Steering? Wanted(Turn turn, ListenerAddress address)
    {
        var (exists, stays, replaced) = (false, false, false);
        foreach (var app in turn.Apps)
        {
            foreach (var (_, worker) in app.State.Workers)
            {
                if (!ListenerUse.Has(worker, address))
                    continue;
                exists |= worker.Stranded;
                stays |= worker is { Stranded: true, Leaving: null };
                // A newcomer of a roll serves for certain when it has taken over; until then the roll may fail.
                replaced |= worker is { Stranded: false, Leaving: null, Phase: WorkerPhase.Ready } && app.FindSlot(worker.Slot)?.Current == worker.Id;
            }
        }

        return !exists ? null : !stays ? Steering.New : replaced ? Steering.Both : Steering.Old;
    }
}
