using System.Collections.Concurrent;
using System.Text;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;
using ZeroDown.Daemon.Survival;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// The real worker host: makes what a worker needs (pipes, sockets, environment), lets the keeper launch it, and turns the
/// keeper's news into events. Called on the loop's thread; the keeper's news arrives on a thread of its own.
/// </summary>
internal sealed class WorkerHost(
    KeeperClient keeper,
    FdPoller poller,
    SupervisorLoop loop,
    ListenerHost listeners,
    OutputPump output,
    Keepsakes keepsakes,
    WorkerHostSettings settings,
    DaemonLog log) : IWorkerHost
{
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(1);

    /// <summary>Three FIFOs, a notify socket, channels, and what is open only while it is handed over.</summary>
    private const int FilesOfWorker = 16;

    /// <summary>For clients, log files and sockets when there is no room for another worker.</summary>
    private const int Reserve = 32;

    private readonly ConcurrentDictionary<long, WorkerProcess> _workers = new();

    private long _lastLook;

    public void OpenListener(ListenerSpec listener) => listeners.OpenListener(listener);

    public void CloseListener(ListenerAddress listener) => listeners.CloseListener(listener);

    public void Launch(LaunchWorker order)
    {
        try
        {
            LaunchNow(order);
        }
        catch (Exception problem) when (problem is SystemCallException or IOException or UnauthorizedAccessException)
        {
            Remove(WorkerUser.NotifySocketOf(order.Spec, settings.Home, order.Worker.Number));
            Forget(order.Worker);
            loop.Post(new LaunchFailed(order.Worker, LaunchProblems.From(problem)));
        }
    }

    public void OpenGate(WorkerId worker) => keeper.OpenGate(worker.Number);

    /// <summary>Goes on with a worker that a daemon before us had launched. What it says from now on is posted behind what is being taken over.</summary>
    /// <param name="worker">As that daemon remembered it.</param>
    /// <param name="kept">As the keeper knows it.</param>
    /// <param name="handedOver">Listeners that it asked for and has.</param>
    /// <param name="bequest">Where its descriptors are.</param>
    /// <returns>False when its channel is lost.</returns>
    public bool Adopt(Worker worker, KeptWorker kept, IEnumerable<ListenerSpec> handedOver, Bequest bequest)
    {
        var order = new LaunchWorker(worker.Id, worker.Spec, worker.Slot, worker.PmId, worker.Generation);
        var course = WorkerNote.Read(kept.Note.Span)?.Output ?? OutputCourse.Of(order, settings.Logs);
        var (channel, node) = (Take(HoldKeys.Channel), Take(HoldKeys.Node));
        var process = new WorkerProcess(order)
        {
            Pid = kept.Pid,
            Out = GoOnReading(worker.Id, course, error: false, bequest),
            Error = GoOnReading(worker.Id, course, error: true, bequest),
            Input = Take(HoldKeys.Input),
            Notify = Take(HoldKeys.Notify) is { } notify
                ? new NotifyReader(worker.Id, NotifySocket.FromHandle(notify), WorkerUser.OwnerOf(worker.Spec), poller, loop)
                : null,
            Channel = channel is null ? null : new DrainChannel(worker.Id, new StreamChannel(channel), poller, loop.Post),
            Node = node is null ? null : new NodeChannel(order, new StreamChannel(node), poller, loop.Post, keepsakes, log),
        };
        foreach (var listener in handedOver)
            process.HandedOver[listener.Address] = listener;
        _workers[worker.Id.Number] = process;
        return channel is not null || node is not null;

        FdHandle? Take(string what) => bequest.Take(HoldKeys.Of(worker.Id.Number, what))?.Fd;
    }

    /// <summary>Goes on with the output of a worker that nobody else knows any more, as long as there is somebody who prints.</summary>
    public void AdoptOutput(WorkerId worker, OutputCourse? known, Bequest bequest)
    {
        var course = known ?? OutputCourse.Nowhere;
        _ = GoOnReading(worker, course, error: false, bequest);
        _ = GoOnReading(worker, course, error: true, bequest);
        keepsakes.OfOrphans(worker.Number, course);
        if (!output.IsRead(worker))
            keepsakes.OfOrphans(worker.Number, null);
    }

    /// <summary>Somebody may still print for this worker.</summary>
    public bool IsRead(long worker) => output.IsRead(new WorkerId(worker));

    /// <summary>Removes what a daemon that was killed in the middle of a launch left in the folders of short-lived things.</summary>
    public void TidyRunFolders()
    {
        foreach (var path in RunFolders.Of(settings.Home).SelectMany(Directory.EnumerateFiles))
        {
            var name = Path.GetFileName(path);
            var left = name.StartsWith(OutputFifo.NamePrefix, StringComparison.Ordinal)
                || (name.EndsWith(".notify", StringComparison.Ordinal) && !(long.TryParse(name.AsSpan(..^7), out var worker) && _workers.ContainsKey(worker)));
            if (left)
                Remove(path);
        }
    }

    /// <summary>A name that stays harms nobody.</summary>
    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Its folder is gone, or not ours.
        }
    }

    /// <summary>Returns when all is read that these workers had written: the story of their end may quote it.</summary>
    public void ReadLastWords(IEnumerable<WorkerId> exited)
    {
        using var read = new ManualResetEventSlim();
        WorkerProcess[] processes = [.. exited.Select(worker => _workers.GetValueOrDefault(worker.Number)).OfType<WorkerProcess>()];
        if (processes.Length == 0)
            return;
        poller.Post(() =>
        {
            try
            {
                foreach (var process in processes)
                    ReadLastWords(process);
            }
            finally
            {
                read.Set();
            }
        });
        read.Wait();
    }

    public void WatchForListening(WorkerId worker)
    {
        if (!_workers.TryGetValue(worker.Number, out var process))
            return;
        long[] inodes = [.. process.Order.Spec.Listen.Select(listener => listeners.Find(listener.Address)?.Inode ?? 0)];
        process.Watch ??= new ListeningWatch(
            worker,
            () => keeper.Look(Interlocked.Increment(ref _lastLook), worker.Number, inodes),
            news =>
            {
                listeners.KeepMode(process.Order.Spec.Listen);
                loop.Post(news);
            },
            why => log.ListeningNotVisible(Name(process), why));
    }

    public void CountConnections(WorkerId worker)
    {
        if (!_workers.TryGetValue(worker.Number, out var process) || process.Pid == 0)
            return;
        ListenAddress[] addresses = [.. process.Listeners.Select(listener => listeners.Find(listener.Address)?.LocalAddress).OfType<ListenAddress>()];
        if (addresses.Length == 0)
            return;
        process.ConnectionCount ??= new Timer(
            _ =>
            {
                if (ConnectionCount.Of(ProcessTree.Of(process.Pid), addresses) is { } count)
                    loop.Post(new WorkerConnectionsCounted(worker, count));
            },
            null, TimeSpan.Zero, CountEvery);
    }

    public void TellDrain(WorkerId worker, DrainOrder order)
    {
        if (_workers.TryGetValue(worker.Number, out var process))
        {
            process.Channel?.Tell(order);
            process.Node?.Tell(order);
        }
    }

    public void HandOver(HandOverListener order)
    {
        if (!_workers.TryGetValue(order.Worker.Number, out var process) || process.Node is not { } node)
            return;
        try
        {
            if (listeners.HandOut(order.Listener, order.Ask.Point.Key, order.Ask.Data) is not { } handed)
            {
                node.Refuse(order.Ask, Errno.EBADF);
                return;
            }

            process.HandedOver[order.Listener] = handed.Spec;
            node.HandOver(order.Ask, handed.Socket, handed.Datagrams, handed.Data);
        }
        catch (SystemCallException problem)
        {
            node.Refuse(order.Ask, problem.Errno);
        }
    }

    public void Refuse(RefuseListener order)
    {
        if (!_workers.TryGetValue(order.Worker.Number, out var process))
            return;
        var errno = order.Reason switch
        {
            ListenRefusal.InUse => Errno.EADDRINUSE,
            ListenRefusal.Invalid => Errno.EINVAL,
            ListenRefusal.TooMany => Errno.EMFILE,
            ListenRefusal.ByKernel => new Errno(order.Errno == 0 ? Errno.EINVAL.Value : order.Errno),
            _ => throw new ArgumentOutOfRangeException(nameof(order)),
        };
        log.ListenRefused(Name(process), order.Ask.Point.Key, errno.ToString());
        process.Node?.Refuse(order.Ask, errno);
    }

    public void SendShutdown(WorkerId worker, string orSignal)
    {
        if (_workers.TryGetValue(worker.Number, out var process) && process.Node is { } node)
            node.Shutdown(otherwise: () => Signal(worker, orSignal, wholeGroup: false));
        else
            Signal(worker, orSignal, wholeGroup: false);
    }

    public void Signal(WorkerId worker, string signal, bool wholeGroup)
    {
        var (number, scope) = (NumberOf(signal), wholeGroup ? SignalScope.Group : SignalScope.Process);
        keeper.Signal(SignalIds.Of(number, scope), worker.Number, number, scope);
    }

    public void RelaySignal(WorkerId worker, string signal, RequestId request) =>
        keeper.Signal(SignalIds.Relayed(request), worker.Number, NumberOf(signal), SignalScope.Process);

    public void Forget(WorkerId worker)
    {
        if (_workers.TryRemove(worker.Number, out var process))
        {
            // Children of its may print on; a successor of ours finds nobody else who could say where that goes.
            if (process.OpenStreams.FirstOrDefault() is { } open)
                keepsakes.OfOrphans(worker.Number, open.Course);
            if (!process.OpenStreams.Any())
                keepsakes.OfOrphans(worker.Number, null);
            process.Dispose();
        }

        keeper.Forget(worker.Number);
        foreach (var what in HoldKeys.WithWorker)
            keeper.Release(HoldKeys.Of(worker.Number, what));
        keepsakes.OfChannel(worker.Number, null);
    }

    /// <summary>Writes into a worker's stdin, which may be read later or never.</summary>
    /// <returns>Null, or why it could not be written.</returns>
    public string? SendText(WorkerId worker, string text)
    {
        if (!_workers.TryGetValue(worker.Number, out var process))
            return "it has just exited";
        try
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            if (process.Input is not { } input)
                return "its stdin was lost when the daemon before this one died";
            return input.Write(bytes) switch
            {
                0 => "it does not read its stdin, and what was sent before fills it",
                var written when written < bytes.Length => $"it does not read its stdin; only the first {written} of {bytes.Length} bytes found room",
                _ => null,
            };
        }
        catch (Exception problem) when (problem is SystemCallException or ObjectDisposedException)
        {
            return problem is ObjectDisposedException ? "it has just exited" : problem.Message;
        }
    }

    /// <summary>The last lines that a worker wrote to stderr, or to stdout when it wrote nothing there.</summary>
    public string[] LastLines(WorkerId worker) => output.LastLines(worker);

    /// <summary>
    /// A TCP address on which a worker listens by itself, beside the sockets that it was given; null when there is none. Unix sockets do not
    /// count: each .NET process has one of its own for diagnostics, and what they are named after rarely keeps a newcomer out.
    /// </summary>
    public string? OwnPort(Worker worker) => ListeningSockets.OwnedBy(ProcessTree.Of(worker.Pid), listeners.Inodes)
        .FirstOrDefault(socket => socket.Address is ListenAddress.Tcp)?.Address.ToString();

    /// <summary>News from the keeper; on its thread.</summary>
    public void OnKeeper(KeeperEvent news)
    {
        switch (news)
        {
            case KeeperEvent.Spawned spawned when _workers.TryGetValue(spawned.LaunchId, out var process):
                process.Pid = spawned.Pid;
                loop.Post(new WorkerSpawned(process.Id, spawned.Pid));
                break;
            case KeeperEvent.Started started when _workers.TryGetValue(started.LaunchId, out var process):
                loop.Post(new WorkerExecuted(process.Id));
                break;
            case KeeperEvent.LaunchFailed failed when _workers.TryGetValue(failed.LaunchId, out var process):
                loop.Post(new LaunchFailed(process.Id, LaunchProblems.From(failed)));
                break;
            case KeeperEvent.Exited exited when _workers.TryGetValue(exited.LaunchId, out var process):
                OnExited(process, exited.Exit);
                break;
            case KeeperEvent.Looked looked when _workers.TryGetValue(looked.LaunchId, out var process):
                process.Watch?.Seen(looked.Sights);
                break;
        }
    }

    /// <summary>What it wrote before it died is read first, so that the story of its end can quote it.</summary>
    private void OnExited(WorkerProcess process, ChildExit exit) => poller.Post(() =>
    {
        try
        {
            ReadLastWords(process);
            listeners.Reassert(process.Listeners, Name(process));
        }
        finally
        {
            // Whatever becomes of its output: that it is gone must be known.
            loop.Post(new WorkerExited(process.Id, ExitStatuses.Of(exit)));
        }
    });

    private static void ReadLastWords(WorkerProcess process)
    {
        process.Out?.ReadWhatIsThere();
        process.Error?.ReadWhatIsThere();
    }

    private OutputStream? GoOnReading(WorkerId worker, OutputCourse course, bool error, Bequest bequest)
    {
        var key = HoldKeys.Of(worker.Number, error ? HoldKeys.Error : HoldKeys.Out);
        return bequest.Take(key) is { } held
            ? output.GoOn(worker, course, error, held.Fd, held.DiscardedBytes, () => StreamEnded(worker, key))
            : null;
    }

    private void StreamEnded(WorkerId worker, string key)
    {
        keeper.Release(key);
        if (!output.IsRead(worker))
            keepsakes.OfOrphans(worker.Number, null);
    }

    private void LaunchNow(LaunchWorker order)
    {
        var spec = order.Spec;
        var needed = FilesOfWorker + spec.Listen.Count;
        DescriptorRoom.Demand(needed + Reserve, Environment.ProcessId, "the daemon");
        // What is on its way to the keeper is not counted there yet: several are launched at once.
        DescriptorRoom.Demand(needed + (2 * Reserve), keeper.GiveBack.KeeperPid, "the keeper");
        var library = LibraryFor(spec);
        var run = settings.Home.Run;
        var user = WorkerUser.Of(spec, settings.Home);
        var notifyPath = user.NotifySocket(order.Worker.Number);
        using var parts = new LaunchParts();
        var (outRead, outWorkerEnd) = Output();
        var (errorRead, errorWorkerEnd) = Output();
        var (inWrite, inWorkerEnd) = Input();
        List<FdMapping> fds = [new(inWorkerEnd, 0), new(outWorkerEnd, 1), new(errorWorkerEnd, 2)];
        foreach (var listener in spec.Listen)
        {
            var socket = listeners.Find(listener.Address)
                ?? throw new IOException($"the listening socket {listener.Address} is not open");
            fds.Add(new FdMapping(socket.Handle, fds.Count));
        }

        var notify = parts.Add(NotifySocket.Bind(notifyPath, user.OwnerUid));
        var (ours, theirs) = library == DotNetLibrary.None ? default : Channel();
        var (nodeOurs, nodeTheirs) = spec.Launch.Runtime == Runtime.Node ? Channel() : default;
        int? channelFd = theirs is null ? null : fds.Count;
        if (theirs is not null)
            fds.Add(new FdMapping(theirs, fds.Count));
        NodeStart? node = nodeTheirs is null ? null : new NodeStart(fds.Count, spec.Inject ? user.Reach(settings.NodePreload) : null);
        if (nodeTheirs is not null)
            fds.Add(new FdMapping(nodeTheirs, fds.Count));
        var (environment, pidVariables) = WorkerEnvironment.For(
            order, notifyPath, channelFd, library == DotNetLibrary.Inject ? user.Reach(settings.InjectedLibrary) : null, node);

        var course = OutputCourse.Of(order, settings.Logs);
        var (outKey, errorKey) = (HoldKeys.Of(order.Worker.Number, HoldKeys.Out), HoldKeys.Of(order.Worker.Number, HoldKeys.Error));
        var worker = new WorkerProcess(order)
        {
            Out = Read(error: false, outRead, outKey),
            Error = Read(error: true, errorRead, errorKey),
            Input = inWrite,
            Notify = parts.Instead(notify, new NotifyReader(order.Worker, notify, user.OwnerUid, poller, loop)),
            Channel = ours is null ? null : parts.Instead(ours, new DrainChannel(order.Worker, ours, poller, loop.Post)),
            Node = nodeOurs is null ? null : parts.Instead(nodeOurs, new NodeChannel(order, nodeOurs, poller, loop.Post, keepsakes, log)),
        };
        _workers[order.Worker.Number] = worker;
        foreach (var part in new IDisposable?[] { inWrite, worker.Notify, worker.Channel, worker.Node }.OfType<IDisposable>())
            parts.Taken(part);
        keeper.Hold(outKey, HoldKind.Output, outRead);
        keeper.Hold(errorKey, HoldKind.Output, errorRead);
        keeper.Hold(HoldKeys.Of(order.Worker.Number, HoldKeys.Input), HoldKind.Input, inWrite);
        keeper.Hold(HoldKeys.Of(order.Worker.Number, HoldKeys.Notify), HoldKind.Notify, notify.Handle);
        if (ours is not null)
            keeper.Hold(HoldKeys.Of(order.Worker.Number, HoldKeys.Channel), HoldKind.Channel, ours.Handle);
        if (nodeOurs is not null)
            keeper.Hold(HoldKeys.Of(order.Worker.Number, HoldKeys.Node), HoldKind.Channel, nodeOurs.Handle);

        listeners.Reassert(spec.Listen);
        keeper.Launch(new LaunchOrder
        {
            LaunchId = order.Worker.Number,
            Program = spec.Launch.Program,
            Arguments = spec.Launch.Arguments,
            WorkingDirectory = spec.Launch.WorkingDirectory,
            UserId = spec.Launch.RunAs?.UserId,
            GroupId = spec.Launch.RunAs?.GroupId,
            Groups = spec.Launch.RunAs?.Groups.ToArray(),
            Environment = environment,
            PidVariables = pidVariables,
            Fds = fds,
            KillGroupOnExit = spec.Stop.WholeTree,
            Note = WorkerNote.Of(order, course),
        });

        (FdHandle Ours, FdHandle Workers) Output()
        {
            var fifo = OutputFifo.Create(run, user.OwnerUid);
            return (parts.Add(fifo.ReadEnd), parts.Add(fifo.WorkerEnd));
        }

        (FdHandle Ours, FdHandle Workers) Input()
        {
            var fifo = InputFifo.Create(run, user.OwnerUid);
            return (parts.Add(fifo.WriteEnd), parts.Add(fifo.WorkerEnd));
        }

        (StreamChannel Ours, FdHandle Theirs) Channel()
        {
            var (ours, theirs) = StreamChannel.CreatePair();
            return (parts.Add(ours), parts.Add(theirs));
        }

        OutputStream Read(bool error, FdHandle readEnd, string key)
        {
            var stream = output.Read(order.Worker, course, error, readEnd, () => StreamEnded(order.Worker, key));
            parts.Taken(readEnd); // it ends by itself, when the last worker's end is closed
            return stream;
        }
    }

    private DotNetLibrary LibraryFor(AppSpec spec)
    {
        var (library, whyNot) = DotNetInjection.For(spec);
        if (whyNot is not null)
            log.NotInjected(spec.Name.Value, whyNot);
        return library == DotNetLibrary.Inject && settings.InjectedLibrary is null ? DotNetLibrary.None : library;
    }

    private static int NumberOf(string signal) => Signals.TryParse(signal, out var number) ? number : Signals.Terminate;

    private static string Name(WorkerProcess process) => $"{process.Order.Spec.Name}:{process.Order.PmId} (pid {process.Pid})";
}

/// <summary>What stays the same for every worker of this daemon.</summary>
/// <param name="Home">Where notify sockets lie.</param>
/// <param name="Logs">Where output goes.</param>
/// <param name="InjectedLibrary">Path of the drain library for ASP.NET Core; null when there is none to inject.</param>
/// <param name="NodePreload">Path of the drain library for Node; null when there is none to inject.</param>
internal sealed record WorkerHostSettings(HomeFolder Home, LogPaths Logs, string? InjectedLibrary, string? NodePreload);
