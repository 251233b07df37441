namespace ZeroDown.Platform;

/// <summary>poll's and epoll's bits, which are the same ones.</summary>
internal static class PollBits
{
    internal static short FromInterest(FdInterest interest) => (short)(
        (interest.HasFlag(FdInterest.Read) ? Constants.POLLIN : 0) |
        (interest.HasFlag(FdInterest.Write) ? Constants.POLLOUT : 0));

    internal static FdEvents ToEvents(short bits) =>
        ((bits & Constants.POLLIN) != 0 ? FdEvents.Readable : 0) |
        ((bits & Constants.POLLOUT) != 0 ? FdEvents.Writable : 0) |
        ((bits & (Constants.POLLERR | Constants.POLLNVAL)) != 0 ? FdEvents.Error : 0) |
        ((bits & Constants.POLLHUP) != 0 ? FdEvents.HangUp : 0);
}
