using System.Collections.Immutable;

namespace ZeroDown.Core.Supervision;

/// <summary>How an app gets and loses slots. New ones take the lowest free numbers, old ones go from the highest.</summary>
internal static class SlotNumbers
{
    /// <returns>The numbers of the new slots.</returns>
    public static ImmutableArray<int> Grow(AppDraft app, int count, bool wanted)
    {
        var added = ImmutableArray.CreateBuilder<int>();
        for (var number = 0; app.State.Slots.Length < count; number++)
        {
            if (app.FindSlot(number) is not null)
                continue;
            app.AddSlot(number, wanted);
            added.Add(number);
        }

        return added.ToImmutable();
    }

    /// <returns>The workers that leave with their slots.</returns>
    public static ImmutableArray<WorkerId> Shrink(AppDraft app, int count, DrainReason reason, RequestId request)
    {
        var leaving = ImmutableArray.CreateBuilder<WorkerId>();
        while (app.State.Slots.Length > count)
            leaving.AddRange(Remove(app, app.State.Slots[^1].Slot, reason, request));
        return leaving.ToImmutable();
    }

    /// <summary>Forgets a slot; whoever stands for it leaves.</summary>
    public static ImmutableArray<WorkerId> Remove(AppDraft app, int number, DrainReason reason, RequestId? request)
    {
        if (app.FindSlot(number) is not { } slot)
            return [];
        var leaving = ImmutableArray.CreateBuilder<WorkerId>();
        foreach (var worker in app.State.Workers.Values)
        {
            if (worker.Slot != number)
                continue;
            leaving.Add(worker.Id);
            Leaving.Ask(app, worker, reason, request);
        }

        app.RemoveSlot(app.Slot(slot.Slot));
        return leaving.ToImmutable();
    }
}
