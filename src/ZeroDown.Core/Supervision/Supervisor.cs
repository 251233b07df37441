using System.Collections.Immutable;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// The whole of ZeroDown's judgement: one synchronous function without clock, chance or input/output. An event's arm records
/// what happened and what is wanted; then rolls, <see cref="Reconcile"/> and the pending commands take turns until nobody
/// has anything more to do.
/// </summary>
public static partial class Supervisor
{
    /// <summary>Takes one event in and says what is true now and what is to be done.</summary>
    public static StepResult Step(FleetState state, Stamped stamped)
    {
        var turn = new Turn(state, stamped.Now);
        Take(turn, stamped.Event);
        Settle(turn);
        return turn.Result();
    }

    /// <summary>Until nobody has anything more to do.</summary>
    internal static void Settle(Turn turn)
    {
        int before;
        do
        {
            before = turn.Changes;
            foreach (var app in turn.Apps)
            {
                RollProgress.Advance(app);
                Upkeep.Advance(app);
                Upkeep.Renew(app);
            }

            Reconcile.Fleet(turn);
            Commands.Advance(turn);
        }
        while (turn.Changes != before);
    }

    private static void Take(Turn turn, SupervisorEvent happened)
    {
        switch (happened)
        {
            case DaemonTookOver took:
                TakingOver.Take(turn, took.Facts);
                break;
            case Requested request:
                Take(turn, request);
                break;
            case WorkerFact fact:
                if (turn.TryFind(fact.Worker, out var app, out var worker))
                    Take(app, worker, fact);
                break; // else old news: the worker is forgotten
            case CronCame came:
                Upkeep.CronCame(turn, came);
                break;
            case FilesChanged changed:
                Upkeep.FilesChanged(turn, changed);
                break;
            case ListenerOpened opened:
                Take(turn, opened);
                break;
            case ListenerFailed failed:
                Take(turn, failed);
                break;
            case DeadlinePassed passed:
                Take(turn, passed.Deadline);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(happened), happened.GetType().Name, "no arm for this event");
        }
    }
}

/// <param name="State">What is true now.</param>
/// <param name="Actions">What is to be done, in order.</param>
public readonly record struct StepResult(FleetState State, ImmutableArray<SupervisorAction> Actions);
