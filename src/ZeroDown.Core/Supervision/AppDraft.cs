using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>One app within a <see cref="Turn"/>: its state so far, and the few ways in which it changes.</summary>
internal sealed class AppDraft(Turn turn, AppState state)
{
    public Turn Turn => turn;

    public AppState State { get; private set; } = state;

    public AppName Name => State.Spec.Name;

    public AppSpec Spec => State.Spec;

    public Roll? Roll => State.Roll;

    public TimeSpan Now => turn.Now;

    public void Set(AppState state)
    {
        State = state;
        turn.Changed();
    }

    public Roll Set(Roll roll)
    {
        Set(State with { Roll = roll });
        return roll;
    }

    public SlotState? FindSlot(int number)
    {
        foreach (var slot in State.Slots)
        {
            if (slot.Slot == number)
                return slot;
        }

        return null;
    }

    public SlotState Slot(int number) => FindSlot(number) ?? throw new InvalidOperationException($"{Name} has no slot {number}");

    public Worker? Find(WorkerId? id) => id is { } known && State.Workers.TryGetValue(known.Number, out var worker) ? worker : null;

    public SlotState Set(SlotState slot)
    {
        var slots = State.Slots;
        for (var index = 0; index < slots.Length; index++)
        {
            if (slots[index].Slot == slot.Slot)
            {
                Set(State with { Slots = slots.SetItem(index, slot) });
                return slot;
            }
        }

        throw new InvalidOperationException($"{Name} has no slot {slot.Slot}");
    }

    /// <summary>Changes the worker, and its slot's phase with it.</summary>
    public Worker Set(Worker worker)
    {
        Set(State with { Workers = State.Workers.SetItem(worker.Id.Number, worker) });
        if (FindSlot(worker.Slot) is { } slot && slot.Current == worker.Id && slot.Phase != worker.Phase)
            Set(slot with { Phase = worker.Phase });
        return worker;
    }

    public SlotState AddSlot(int number, bool wanted)
    {
        var slot = new SlotState
        {
            Slot = number,
            PmId = turn.NewPmId(),
            CreatedAt = Now,
            Wanted = wanted,
            Phase = wanted ? WorkerPhase.Starting : WorkerPhase.Stopped,
        };
        Set(State with { Slots = State.Slots.Add(slot).Sort((one, other) => one.Slot.CompareTo(other.Slot)) });
        return slot;
    }

    /// <summary>Forgets the slot; its workers, if any, are to leave by themselves.</summary>
    public void RemoveSlot(SlotState slot)
    {
        Resume(slot);
        Set(State with { Slots = State.Slots.RemoveAll(other => other.Slot == slot.Slot) });
    }

    /// <summary>The worker is gone: nothing waits for it any more.</summary>
    public void Remove(Worker worker)
    {
        foreach (var deadline in worker.Deadlines)
            turn.Order(new DisarmDeadline(IdOf(worker, deadline)));
        Set(State with { Workers = State.Workers.Remove(worker.Id.Number) });
    }

    /// <summary>Arms a deadline of the worker; one of the same kind is disarmed first.</summary>
    public Worker Arm(Worker worker, DeadlineKind kind, TimeSpan at)
    {
        worker = Disarm(worker, kind);
        var deadline = new ArmedDeadline(kind, turn.NewEpoch(), at);
        turn.Order(new ArmDeadline(IdOf(worker, deadline), at));
        return Set(worker with { Deadlines = worker.Deadlines.Add(deadline) });
    }

    public Worker Disarm(Worker worker, DeadlineKind kind)
    {
        foreach (var deadline in worker.Deadlines)
        {
            if (deadline.Kind == kind)
            {
                turn.Order(new DisarmDeadline(IdOf(worker, deadline)));
                return Set(worker with { Deadlines = worker.Deadlines.Remove(deadline) });
            }
        }

        return worker;
    }

    /// <summary>Makes the slot wait before its next start.</summary>
    public SlotState Pause(SlotState slot, TimeSpan pause)
    {
        slot = Resume(slot);
        var deadline = new ArmedDeadline(DeadlineKind.Backoff, turn.NewEpoch(), Now + pause);
        turn.Order(new ArmDeadline(new DeadlineId(Name, slot.Slot, null, deadline.Kind, deadline.Epoch), deadline.At));
        return Set(slot with { Phase = WorkerPhase.Backoff, Pause = deadline });
    }

    /// <summary>Ends the slot's pause, if it is in one; the phase is the caller's to set.</summary>
    public SlotState Resume(SlotState slot)
    {
        if (slot.Pause is not { } pause)
            return slot;
        turn.Order(new DisarmDeadline(new DeadlineId(Name, slot.Slot, null, pause.Kind, pause.Epoch)));
        return Set(slot with { Pause = null });
    }

    /// <summary>Gives the app another name. Its deadlines are known by the name, so each is armed anew under the new one.</summary>
    public void Rename(AppName name)
    {
        var armed = State.Workers.Values.SelectMany(worker => worker.Deadlines.Select(deadline => (worker.Slot, Worker: (WorkerId?)worker.Id, deadline)))
            .Concat(State.Slots.Where(slot => slot.Pause is not null).Select(slot => (slot.Slot, Worker: (WorkerId?)null, deadline: slot.Pause!.Value)))
            .ToList();
        foreach (var (slot, worker, deadline) in armed)
        {
            turn.Order(new DisarmDeadline(new DeadlineId(Name, slot, worker, deadline.Kind, deadline.Epoch)));
            turn.Order(new ArmDeadline(new DeadlineId(name, slot, worker, deadline.Kind, deadline.Epoch), deadline.At));
        }

        Commands.Rename(turn, Name, name);
        Set(State with { Spec = Spec with { Name = name } });
    }

    /// <summary>Orders every deadline that is armed, for a daemon that does not know them.</summary>
    public void ArmAgain()
    {
        foreach (var (_, worker) in State.Workers)
        {
            foreach (var deadline in worker.Deadlines)
                turn.Order(new ArmDeadline(IdOf(worker, deadline), deadline.At));
        }

        foreach (var slot in State.Slots)
        {
            if (slot.Pause is { } pause)
                turn.Order(new ArmDeadline(new DeadlineId(Name, slot.Slot, null, pause.Kind, pause.Epoch), pause.At));
        }
    }

    private DeadlineId IdOf(Worker worker, ArmedDeadline deadline) =>
        new(Name, worker.Slot, worker.Id, deadline.Kind, deadline.Epoch);
}
