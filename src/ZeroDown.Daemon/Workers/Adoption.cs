using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;
using ZeroDown.Daemon.Survival;
using ZeroDown.Keeper;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// Goes on with what a daemon before us had launched: takes up the lines of its workers, and of those whom they left behind. What they say from now on is
/// posted behind what is being taken over.
/// </summary>
internal sealed class Adoption(WorkerProcesses processes, WorkerTrees trees, WorkerLines lines, WorkerHostSettings settings)
{
    /// <param name="worker">As that daemon remembered it.</param>
    /// <param name="kept">As the keeper knows it.</param>
    /// <param name="handedOver">Listeners that it asked for and has.</param>
    /// <param name="bequest">Where its descriptors are.</param>
    /// <returns>False when its channel is lost.</returns>
    public bool Adopt(Worker worker, KeptWorker kept, IEnumerable<ListenerSpec> handedOver, Bequest bequest)
    {
        var order = new LaunchWorker(worker.Id, worker.Spec, worker.Slot, worker.PmId, worker.Generation);
        var course = WorkerNote.Read(kept.Note.Span)?.Output is { } noted ? noted with { User = WorkerUser.RightsOf(worker.Spec) } : OutputCourse.Of(order, settings.Logs);
        var (channel, node) = (Take(HoldKeys.Channel), Take(HoldKeys.Node));
        var process = new WorkerProcess(order)
        {
            Pid = kept.Pid,
            Out = lines.GoOnReading(worker.Id, course, error: false, bequest),
            Error = lines.GoOnReading(worker.Id, course, error: true, bequest),
            Input = Take(HoldKeys.Input),
            Notify = Take(HoldKeys.Notify) is { } notify
                ? lines.Hear(worker.Id, NotifySocket.FromHandle(notify), WorkerUser.OwnerOf(worker.Spec))
                : null,
            Channel = channel is null ? null : lines.SpeakWithLibrary(worker.Id, new StreamChannel(channel)),
            Node = node is null ? null : lines.SpeakWithNode(order, new StreamChannel(node)),
        };
        foreach (var listener in handedOver)
            process.HandedOver[listener.Address] = listener;
        processes.Add(process);
        if (kept.Pid > 0)
            trees.Enter(process, kept.StartTime);
        if (kept.Exit is not null)
            processes.HasExited(kept.Pid);
        return channel is not null || node is not null;

        FdHandle? Take(string what) => bequest.Take(HoldKeys.Of(worker.Id.Number, what))?.Fd;
    }

    /// <summary>What lives of a worker that has exited; null: nothing.</summary>
    public TreeRest? RestOf(WorkerId worker) => processes.Find(worker) is { } process ? trees.RestOf(process) : null;

    /// <summary>Goes on with the output of a worker that nobody else knows any more, as long as there is somebody who prints.</summary>
    public void AdoptOutput(WorkerId worker, OutputCourse? known, Bequest bequest)
    {
        var course = known ?? OutputCourse.Nowhere;
        _ = lines.GoOnReading(worker, course, error: false, bequest);
        _ = lines.GoOnReading(worker, course, error: true, bequest);
        lines.LeaveToOrphans(worker, course);
        if (!lines.IsRead(worker))
            lines.LeaveToOrphans(worker, null);
    }

    /// <summary>Somebody may still print for this worker.</summary>
    public bool IsRead(long worker) => lines.IsRead(new WorkerId(worker));

    /// <summary>Returns when all is read that these workers had written: the story of their end may quote it.</summary>
    public void ReadLastWords(IEnumerable<WorkerId> exited)
    {
        WorkerProcess[] gone = [.. exited.Select(processes.Find).OfType<WorkerProcess>()];
        if (gone.Length == 0)
            return;
        using var read = new ManualResetEventSlim();
        lines.ReadLastWords(gone, read.Set);
        read.Wait();
    }

    public EquatableArray<string> LastWordsOf(WorkerId worker) => LastWords.Of(lines.LastLines(worker));

    /// <summary>Removes what a daemon that was killed in the middle of a launch left in the folders of short-lived things.</summary>
    public void TidyRunFolders()
    {
        foreach (var path in RunFolders.Of(settings.Home).SelectMany(Directory.EnumerateFiles))
        {
            var name = Path.GetFileName(path);
            var left = name.StartsWith(OutputFifo.NamePrefix, StringComparison.Ordinal)
                || (name.StartsWith(HalfLine.NamePrefix, StringComparison.Ordinal) && !(long.TryParse(name[HalfLine.NamePrefix.Length..].Split('-')[0], out var printer) && IsRead(printer)))
                || (name.EndsWith(".notify", StringComparison.Ordinal) && !(long.TryParse(name.AsSpan(..^7), out var worker) && processes.Find(worker) is not null));
            if (left)
                RunFolders.Remove(path);
        }
    }
}
