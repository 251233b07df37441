using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon;

/// <summary>
/// The deadlines that are armed now, earliest first. It owns no timer: the loop asks how long it may sleep and takes what is
/// due, so a deadline can never race with an event that is already in the mailbox. Only the loop's thread touches it.
/// </summary>
internal sealed class Deadlines
{
    private readonly SortedSet<(TimeSpan At, long Epoch, DeadlineId Id)> _order =
        new(Comparer<(TimeSpan At, long Epoch, DeadlineId Id)>.Create((a, b) =>
            a.At != b.At ? a.At.CompareTo(b.At) : a.Epoch.CompareTo(b.Epoch)));

    private readonly Dictionary<DeadlineId, TimeSpan> _times = [];

    public TimeSpan? Next => _order.Count == 0 ? null : _order.Min.At;

    public void Arm(DeadlineId id, TimeSpan at)
    {
        Disarm(id);
        _times[id] = at;
        _order.Add((at, id.Epoch, id));
    }

    public void Disarm(DeadlineId id)
    {
        if (_times.Remove(id, out var at))
            _order.Remove((at, id.Epoch, id));
    }

    public bool TryTakeDue(TimeSpan now, out DeadlineId due)
    {
        if (_order.Count > 0 && _order.Min.At <= now)
        {
            due = _order.Min.Id;
            Disarm(due);
            return true;
        }

        due = default;
        return false;
    }
}
