namespace ZeroDown.Core.Supervision;

// Time. A deadline that is not armed any more (its epoch is old) is old news and changes nothing.
public static partial class Supervisor
{
    private static void Take(Turn turn, DeadlineId passed)
    {
        if (turn.Find(passed.App) is not { } app)
            return;
        if (passed.Worker is { } id)
        {
            if (app.Find(id) is { } worker && TryTakeOff(app, ref worker, passed))
                Over(app, worker, passed.Kind);
        }
        else if (app.FindSlot(passed.Slot) is { Pause: { } pause } slot && pause.Epoch == passed.Epoch)
        {
            app.Set(slot with { Pause = null, Phase = slot.Phase == WorkerPhase.Backoff ? WorkerPhase.Starting : slot.Phase });
        }
    }

    private static bool TryTakeOff(AppDraft app, ref Worker worker, DeadlineId passed)
    {
        foreach (var deadline in worker.Deadlines)
        {
            if (deadline.Epoch == passed.Epoch)
            {
                worker = app.Set(worker with { Deadlines = worker.Deadlines.Remove(deadline) });
                return true;
            }
        }

        return false;
    }

    private static void Over(AppDraft app, Worker worker, DeadlineKind kind)
    {
        switch (kind)
        {
            case DeadlineKind.Settle:
                worker = app.Set(worker with { Settled = true });
                ReadinessIsDue(app, worker);
                break;
            case DeadlineKind.Confirm:
                ReadinessIsDue(app, worker);
                break;
            case DeadlineKind.Ready:
                worker = app.Set(worker with { Overdue = true });
                ReadinessIsDue(app, worker);
                break;
            case DeadlineKind.Drain:
                Leaving.LetGo(app, worker);
                break;
            case DeadlineKind.Heed:
                break; // whoever waited for its word looks anew
            case DeadlineKind.Kill:
                Leaving.KillTimeoutOver(app, worker);
                break;
            case DeadlineKind.KillAtLast:
                app.Set(worker with { KillDue = true });
                break;
            case DeadlineKind.Unlisten:
                if (worker.Leaving is null)
                    Handover.Remember(app, worker);
                break;
            case DeadlineKind.Backoff:
                throw new InvalidOperationException("a backoff belongs to a slot, not to a worker");
            default:
                throw new ArgumentOutOfRangeException(nameof(kind));
        }
    }

    private static void ReadinessIsDue(AppDraft app, Worker worker)
    {
        Readiness.Consider(app, worker);
        Readiness.GiveUpIfTooLate(app, worker.Id);
    }
}
