namespace ZeroDown.Platform;

/// <summary>The way to a worker's stdin. It stays open and silent until somebody sends a line, and outlives the daemon (the keeper holds our end).</summary>
/// <remarks>The worker's end is read-write, so that the worker never reads an end of file, even when keeper and daemon are both gone: many programs end at one.</remarks>
public sealed class InputFifo : IDisposable
{
    private InputFifo(FdHandle writeEnd, FdHandle workerEnd)
    {
        WriteEnd = writeEnd;
        WorkerEnd = workerEnd;
    }

    /// <summary>Ours: write-only, non-blocking.</summary>
    public FdHandle WriteEnd { get; }

    /// <summary>The worker's 0: read-write, blocking. Close it here as soon as the worker has it.</summary>
    public FdHandle WorkerEnd { get; }

    /// <inheritdoc cref="OutputFifo.Create"/>
    public static InputFifo Create(string folder, int? ownerUid = null)
    {
        var path = Fifo.Make(folder, ownerUid);
        try
        {
            // The worker's end first: to open for writing only, without waiting, needs a reader (else ENXIO).
            var workerEnd = FdHandle.Open(path, Constants.O_RDWR);
            return new InputFifo(FdHandle.Open(path, Constants.O_WRONLY | Constants.O_NONBLOCK), workerEnd);
        }
        finally
        {
            _ = Interop.Unlink(path);
        }
    }

    public void Dispose()
    {
        WriteEnd.Dispose();
        WorkerEnd.Dispose();
    }
}
