namespace ZeroDown.Platform;

/// <summary>Anonymous pipes, close-on-exec at both ends.</summary>
internal static unsafe class Pipes
{
    internal static (FdHandle ReadEnd, FdHandle WriteEnd) Create(bool nonBlocking)
    {
        var pair = stackalloc int[2];
        var result = OperatingSystem.IsLinux()
            ? Interop.Pipe2(pair, Constants.O_CLOEXEC | (nonBlocking ? Constants.O_NONBLOCK : 0))
            : Interop.Pipe(pair);
        if (result != 0)
        {
            throw SystemCallException.FromLast("pipe");
        }

        var (readEnd, writeEnd) = (new FdHandle(pair[0]), new FdHandle(pair[1]));
        if (!OperatingSystem.IsLinux())
        {
            _ = Interop.Fcntl(readEnd, Constants.F_SETFD, Constants.FD_CLOEXEC);
            _ = Interop.Fcntl(writeEnd, Constants.F_SETFD, Constants.FD_CLOEXEC);
            readEnd.IsNonBlocking = nonBlocking;
            writeEnd.IsNonBlocking = nonBlocking;
        }

        return (readEnd, writeEnd);
    }
}
