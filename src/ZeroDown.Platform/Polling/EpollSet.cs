using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

/// <summary>epoll(7), level-triggered.</summary>
internal sealed unsafe class EpollSet : IReadinessSet
{
    private const int BatchSize = 64;

    /// <summary>struct epoll_event is packed on x64 (12 bytes) and padded everywhere else (16).</summary>
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    private static readonly int EventSize = DataOffset + sizeof(long);

    private readonly FdHandle _epoll;

    internal EpollSet()
    {
        var fd = Interop.EpollCreate1(Constants.EPOLL_CLOEXEC);
        _epoll = fd >= 0 ? new FdHandle(fd) : throw SystemCallException.FromLast("epoll_create1");
    }

    public void Add(long id, int fd, FdInterest interest) => Control(Constants.EPOLL_CTL_ADD, id, fd, interest);

    public void Change(long id, int fd, FdInterest interest) => Control(Constants.EPOLL_CTL_MOD, id, fd, interest);

    public void Remove(long id, int fd)
    {
        try
        {
            Control(Constants.EPOLL_CTL_DEL, id, fd, FdInterest.None);
        }
        catch (ObjectDisposedException)
        {
            // The poller has ended, and its set with it.
        }
    }

    public void Wait(List<(long Id, FdEvents Events)> ready)
    {
        var batch = stackalloc byte[BatchSize * 16];
        var count = Interop.EpollWait(_epoll, batch, BatchSize, -1);
        if (count < 0 && Errno.Last != Errno.EINTR)
        {
            throw SystemCallException.FromLast("epoll_wait");
        }

        for (var i = 0; i < count; i++)
        {
            var one = batch + (i * EventSize);
            ready.Add((*(long*)(one + DataOffset), PollBits.ToEvents((short)*(int*)one)));
        }
    }

    public void Dispose() => _epoll.Dispose();

    private void Control(int operation, long id, int fd, FdInterest interest)
    {
        var one = stackalloc byte[16];
        *(uint*)one = (ushort)PollBits.FromInterest(interest) | (interest.HasFlag(FdInterest.NewsOnly) ? Constants.EPOLLET : 0);
        *(long*)(one + DataOffset) = id;
        if (Interop.EpollCtl(_epoll, operation, fd, one) != 0)
        {
            throw SystemCallException.FromLast($"epoll_ctl fd {fd}");
        }
    }
}
