using System.Collections.Concurrent;
using System.Text;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;
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
    WorkerHostSettings settings,
    DaemonLog log) : IWorkerHost
{
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<long, WorkerProcess> _workers = new();

    /// <summary>Rises across daemons of one boot: the keeper answers a number that it knows, it does not act on it again.</summary>
    private long _lastOrder = MonotonicClock.Now.Ticks;

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
            var errno = (problem as SystemCallException)?.Errno ?? default;
            Forget(order.Worker);
            loop.Post(new LaunchFailed(order.Worker, new LaunchProblem("prepare", errno.Value, problem.Message, LaunchProblems.IsTemporary(errno))));
        }
    }

    public void OpenGate(WorkerId worker)
    {
        Note(worker);
        keeper.OpenGate(worker.Number);
    }

    public void WatchForListening(WorkerId worker)
    {
        if (!_workers.TryGetValue(worker.Number, out var process))
            return;
        long[] inodes = [.. process.Order.Spec.Listen.Select(listener => listeners.Find(listener.Address)?.Inode ?? 0)];
        process.Watch ??= new ListeningWatch(
            worker,
            () => keeper.Look(Interlocked.Increment(ref _lastOrder), worker.Number, inodes),
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
        Note(worker);
        if (_workers.TryGetValue(worker.Number, out var process))
        {
            process.Channel?.Tell(order);
            process.Node?.Tell(order);
        }
    }

    public void HandOver(HandOverListener order)
    {
        Note(order.Worker);
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
        Note(order.Worker);
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
        Note(worker);
        keeper.Signal(
            Interlocked.Increment(ref _lastOrder),
            worker.Number,
            Signals.TryParse(signal, out var number) ? number : Signals.Terminate,
            wholeGroup ? SignalScope.Group : SignalScope.Process);
    }

    public void Forget(WorkerId worker)
    {
        if (!_workers.TryRemove(worker.Number, out var process))
            return;
        keeper.Forget(worker.Number);
        keeper.Release(process.HoldKey("in"));
        keeper.Release(process.HoldKey("notify"));
        keeper.Release(process.HoldKey("channel"));
        keeper.Release(process.HoldKey("node"));
        process.Dispose();
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
            return process.Input.Write(bytes) switch
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
            process.Out.ReadWhatIsThere();
            process.Error.ReadWhatIsThere();
            listeners.Reassert(process.Listeners, Name(process));
        }
        finally
        {
            // Whatever becomes of its output: that it is gone must be known.
            loop.Post(new WorkerExited(
                process.Id,
                exit.IsUnknown ? ExitStatus.Unknown
                    : exit.Signal is { } signal ? new ExitStatus(0, Signals.NameOf(signal), exit.CoreDumped)
                    : new ExitStatus(exit.ExitCode ?? 0)));
        }
    });

    private void LaunchNow(LaunchWorker order)
    {
        var spec = order.Spec;
        var library = LibraryFor(spec);
        var run = settings.Home.Run;
        var user = WorkerUser.Of(spec, settings.Home);
        var notifyPath = user.NotifySocket(order.Worker.Number);
        var (outPipe, errorPipe, inPipe) = (OutputFifo.Create(run, user.OwnerUid), OutputFifo.Create(run, user.OwnerUid), InputFifo.Create(run, user.OwnerUid));
        using var outWorkerEnd = outPipe.WorkerEnd;
        using var errorWorkerEnd = errorPipe.WorkerEnd;
        using var inWorkerEnd = inPipe.WorkerEnd;
        List<FdMapping> fds = [new(inWorkerEnd, 0), new(outWorkerEnd, 1), new(errorWorkerEnd, 2)];
        foreach (var listener in spec.Listen)
        {
            var socket = listeners.Find(listener.Address)
                ?? throw new IOException($"the listening socket {listener.Address} is not open");
            fds.Add(new FdMapping(socket.Handle, fds.Count));
        }

        var notify = NotifySocket.Bind(notifyPath, user.OwnerUid);
        var (ours, theirs) = library == DotNetLibrary.None ? default : StreamChannel.CreatePair();
        var (nodeOurs, nodeTheirs) = spec.Launch.Runtime == Runtime.Node ? StreamChannel.CreatePair() : default;
        using (theirs)
        using (nodeTheirs)
        {
            int? channelFd = theirs is null ? null : fds.Count;
            if (theirs is not null)
                fds.Add(new FdMapping(theirs, fds.Count));
            NodeStart? node = nodeTheirs is null ? null : new NodeStart(fds.Count, spec.Inject ? user.Reach(settings.NodePreload) : null);
            if (nodeTheirs is not null)
                fds.Add(new FdMapping(nodeTheirs, fds.Count));

            var (outLog, errorLog) = settings.Logs.Of(spec, order.PmId);
            var (outKey, errorKey) = ($"{order.Worker.Number}:out", $"{order.Worker.Number}:err");
            var worker = new WorkerProcess(order)
            {
                Out = output.Read(order, error: false, outPipe.ReadEnd, outLog, () => keeper.Release(outKey)),
                Error = output.Read(order, error: true, errorPipe.ReadEnd, errorLog, () => keeper.Release(errorKey)),
                Input = inPipe.WriteEnd,
                Notify = new NotifyReader(order.Worker, notify, user.OwnerUid, poller, loop),
                Channel = ours is null ? null : new DrainChannel(order.Worker, ours, poller, loop.Post),
                Node = nodeOurs is null ? null : new NodeChannel(order, nodeOurs, poller, loop.Post, log),
            };
            _workers[order.Worker.Number] = worker;
            keeper.Hold(outKey, HoldKind.Output, worker.Out.ReadEnd);
            keeper.Hold(errorKey, HoldKind.Output, worker.Error.ReadEnd);
            keeper.Hold(worker.HoldKey("in"), HoldKind.Input, worker.Input);
            keeper.Hold(worker.HoldKey("notify"), HoldKind.Notify, notify.Handle);
            if (ours is not null)
                keeper.Hold(worker.HoldKey("channel"), HoldKind.Channel, ours.Handle);
            if (nodeOurs is not null)
                keeper.Hold(worker.HoldKey("node"), HoldKind.Channel, nodeOurs.Handle);

            var (environment, pidVariables) = WorkerEnvironment.For(
                order, notifyPath, channelFd, library == DotNetLibrary.Inject ? user.Reach(settings.InjectedLibrary) : null, node);
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
                Note = WorkerNote.Of(order, loop.Current),
            });
        }
    }

    private DotNetLibrary LibraryFor(AppSpec spec)
    {
        var (library, whyNot) = DotNetInjection.For(spec);
        if (whyNot is not null)
            log.NotInjected(spec.Name.Value, whyNot);
        return library == DotNetLibrary.Inject && settings.InjectedLibrary is null ? DotNetLibrary.None : library;
    }

    /// <summary>The keeper learns what is intended before anything is done outwards, so that a successor of ours finds it.</summary>
    private void Note(WorkerId worker)
    {
        if (_workers.TryGetValue(worker.Number, out var process))
            keeper.Note(worker.Number, WorkerNote.Of(process.Order, loop.Current));
    }

    private static string Name(WorkerProcess process) => $"{process.Order.Spec.Name}:{process.Order.PmId} (pid {process.Pid})";
}

/// <summary>What stays the same for every worker of this daemon.</summary>
/// <param name="Home">Where notify sockets lie.</param>
/// <param name="Logs">Where output goes.</param>
/// <param name="InjectedLibrary">Path of the drain library for ASP.NET Core; null when there is none to inject.</param>
/// <param name="NodePreload">Path of the drain library for Node; null when there is none to inject.</param>
internal sealed record WorkerHostSettings(HomeFolder Home, LogPaths Logs, string? InjectedLibrary, string? NodePreload);
