namespace ZeroDown.Platform;

/// <summary>The way of a worker's stdout or stderr to us: a FIFO, not a pipe, so that the worker's own end can be open for reading too.</summary>
/// <remarks>
/// A worker whose output is a plain pipe dies of SIGPIPE or EPIPE at its next word when the reader dies. Here the worker itself counts as a reader, so it never
/// does. Our end is read-only, so it sees the end of file when the last process that holds the worker's end (grandchildren too) is gone. The name in the file
/// system exists only for the moment between mkfifo and the two opens.
/// </remarks>
public sealed class OutputFifo : IDisposable
{
    /// <summary>How the names begin that FIFOs have for a moment, while they are opened.</summary>
    public const string NamePrefix = "fifo-";

    private OutputFifo(FdHandle readEnd, FdHandle workerEnd)
    {
        ReadEnd = readEnd;
        WorkerEnd = workerEnd;
    }

    /// <summary>Ours: read-only, non-blocking. The keeper holds a duplicate of it.</summary>
    public FdHandle ReadEnd { get; }

    /// <summary>The worker's 1 or 2: read-write, blocking. Close it here as soon as the worker has it, or the end of file never comes.</summary>
    public FdHandle WorkerEnd { get; }

    /// <summary>Bytes that wait in the FIFO.</summary>
    public int BytesWaiting => ReadEnd.BytesWaiting;

    /// <param name="folder">An existing folder where we may create a name for a moment.</param>
    /// <param name="ownerUid">The worker's user, so that it may open /dev/stdout anew; null: ours.</param>
    /// <exception cref="SystemCallException">The folder is missing or not writable, or no descriptors are left.</exception>
    public static OutputFifo Create(string folder, int? ownerUid = null)
    {
        var path = Fifo.Make(folder, ownerUid);
        try
        {
            var readEnd = FdHandle.Open(path, Constants.O_RDONLY | Constants.O_NONBLOCK);
            Fifo.Widen(readEnd);
            return new OutputFifo(readEnd, FdHandle.Open(path, Constants.O_RDWR));
        }
        finally
        {
            _ = Interop.Unlink(path);
        }
    }

    public void Dispose()
    {
        ReadEnd.Dispose();
        WorkerEnd.Dispose();
    }
}
