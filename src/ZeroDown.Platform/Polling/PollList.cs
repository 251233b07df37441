namespace ZeroDown.Platform;

/// <summary>poll(2) for a thread that owns everything that it waits for: fill the list, wait, ask. For a handful of descriptors; <see cref="FdPoller"/> is for many.</summary>
internal sealed unsafe class PollList
{
    private PollFd[] _entries = new PollFd[16];

    internal int Count { get; private set; }

    internal void Clear() => Count = 0;

    /// <returns>The index to ask <see cref="Happened"/> with. The handle must stay open until then.</returns>
    internal int Add(FdHandle fd, FdInterest interest)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        _entries[Count] = new PollFd { Fd = fd.Number, Events = PollBits.FromInterest(interest) };
        return Count++;
    }

    /// <summary>Waits until something happens or the time is over; a signal may end it early.</summary>
    /// <param name="timeout">Null waits without end; rounded up to whole milliseconds, so that a deadline has passed when it returns.</param>
    internal void Wait(TimeSpan? timeout)
    {
        var milliseconds = timeout is { } time ? (int)Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 0, int.MaxValue) : -1;
        fixed (PollFd* at = _entries)
        {
            if (Interop.Poll(at, (nuint)Count, milliseconds) < 0)
            {
                if (Errno.Last != Errno.EINTR)
                {
                    throw SystemCallException.FromLast("poll");
                }

                for (var i = 0; i < Count; i++)
                {
                    at[i].Happened = 0;
                }
            }
        }
    }

    internal FdEvents Happened(int index) => PollBits.ToEvents(_entries[index].Happened);
}
