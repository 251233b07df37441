using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;
using ZeroDown.Daemon.Survival;
using ZeroDown.Keeper;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// The lines over which workers speak to us: their output, their notify socket, their channels. What comes over them becomes events and log lines, and
/// each is held by the keeper for as long as somebody may still speak.
/// </summary>
internal sealed class WorkerLines(KeeperClient keeper, FdPoller poller, SupervisorLoop loop, OutputPump output, Keepsakes keepsakes, DaemonLog log)
{
    /// <param name="worker">Whose.</param>
    /// <param name="course">Where it goes.</param>
    /// <param name="error">stderr or stdout.</param>
    /// <param name="readEnd">Owned from now on; closed when the last worker's end is.</param>
    public OutputStream Read(WorkerId worker, OutputCourse course, bool error, FdHandle readEnd)
    {
        var key = KeyOf(worker, error);
        return output.Read(worker, course, error, readEnd, () => StreamEnded(worker, key));
    }

    /// <summary>Goes on where another daemon was killed.</summary>
    /// <returns>Null when the stream had ended.</returns>
    public OutputStream? GoOnReading(WorkerId worker, OutputCourse course, bool error, Bequest bequest)
    {
        var key = KeyOf(worker, error);
        return bequest.Take(key) is { } held
            ? output.GoOn(worker, course, error, held.Fd, held.DiscardedBytes, () => StreamEnded(worker, key))
            : null;
    }

    /// <param name="worker">Who speaks.</param>
    /// <param name="socket">Owned.</param>
    /// <param name="owner">See <see cref="WorkerUser.OwnerUid"/>.</param>
    public NotifyReader Hear(WorkerId worker, NotifySocket socket, int? owner) => new(worker, socket, owner, poller, loop);

    /// <summary>The channel of our library.</summary>
    public DrainChannel SpeakWithLibrary(WorkerId worker, StreamChannel channel) => new(worker, channel, poller, loop.Post);

    public NodeChannel SpeakWithNode(LaunchWorker order, StreamChannel channel) => new(order, channel, poller, loop.Post, keepsakes, log);

    /// <summary>One of the worker's streams has not ended yet.</summary>
    public bool IsRead(WorkerId worker) => output.IsRead(worker);

    /// <summary>The last lines that a worker wrote to stderr, or to stdout when it wrote nothing there.</summary>
    public string[] LastLines(WorkerId worker) => output.LastLines(worker);

    /// <summary>Reads all that these workers have written, on the poller's thread: the story of their end may quote it.</summary>
    public void ReadLastWords(IReadOnlyList<WorkerProcess> processes, Action then) => poller.Post(() =>
    {
        try
        {
            foreach (var process in processes)
            {
                process.Out?.ReadWhatIsThere();
                process.Error?.ReadWhatIsThere();
            }
        }
        finally
        {
            then();
        }
    });

    /// <summary>A worker that is gone, or forgotten, may leave children that print on; a successor of ours finds nobody else who could say where that goes.</summary>
    /// <param name="worker">Whose they are.</param>
    /// <param name="course">Null when there is nobody left.</param>
    public void LeaveToOrphans(WorkerId worker, OutputCourse? course) => keepsakes.OfOrphans(worker.Number, course);

    /// <summary>All that goes with the worker; its output stays until it ends by itself.</summary>
    public void Release(WorkerId worker)
    {
        foreach (var what in HoldKeys.WithWorker)
            keeper.Release(HoldKeys.Of(worker.Number, what));
        keepsakes.OfChannel(worker.Number, null);
    }

    private static string KeyOf(WorkerId worker, bool error) => HoldKeys.Of(worker.Number, error ? HoldKeys.Error : HoldKeys.Out);

    private void StreamEnded(WorkerId worker, string key)
    {
        keeper.Release(key);
        if (!output.IsRead(worker))
            LeaveToOrphans(worker, null);
    }
}
