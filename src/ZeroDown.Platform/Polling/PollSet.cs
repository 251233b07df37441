namespace ZeroDown.Platform;

/// <summary>poll(2): the list is handed over anew each time. For systems without epoll; tested on Linux too.</summary>
internal sealed unsafe class PollSet : IReadinessSet
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, (int Fd, FdInterest Interest)> _entries = [];

    public void Add(long id, int fd, FdInterest interest) => Change(id, fd, interest);

    public void Change(long id, int fd, FdInterest interest)
    {
        lock (_lock)
        {
            _entries[id] = (fd, interest);
        }
    }

    public void Remove(long id, int fd)
    {
        lock (_lock)
        {
            _entries.Remove(id);
        }
    }

    public void Wait(List<(long Id, FdEvents Events)> ready)
    {
        // A number that is closed and reused right after this snapshot can only cause news for an id that nobody knows any more.
        var (ids, fds) = Snapshot();
        fixed (PollFd* list = fds)
        {
            if (Interop.Poll(list, (nuint)fds.Length, -1) < 0 && Errno.Last != Errno.EINTR)
            {
                throw SystemCallException.FromLast("poll");
            }
        }

        for (var i = 0; i < fds.Length; i++)
        {
            if (fds[i].Happened != 0)
            {
                ready.Add((ids[i], PollBits.ToEvents(fds[i].Happened)));
            }
        }
    }

    public void Dispose()
    {
    }

    private (long[] Ids, PollFd[] Fds) Snapshot()
    {
        lock (_lock)
        {
            return ([.. _entries.Keys], [.. _entries.Values.Select(entry => new PollFd { Fd = entry.Fd, Events = PollBits.FromInterest(entry.Interest) })]);
        }
    }
}
