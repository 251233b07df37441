using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// The real worker host: has a worker prepared and launched by the keeper, tells it what the core orders, and turns the
/// keeper's news into events. Called on the loop's thread; the keeper's news arrives on a thread of its own.
/// </summary>
internal sealed class WorkerHost(
    KeeperClient keeper, SupervisorLoop loop, ListenerHost listeners, WorkerLines lines, WorkerHostSettings settings, DaemonLog log) : IWorkerHost
{
    private static readonly TimeSpan CountEvery = TimeSpan.FromSeconds(1);

    private readonly OldSocketSteering _oldSockets = new(listeners, log);
    private long _lastLook;

    public required WorkerProcesses Processes { get; init; }

    public required WorkerTrees Trees { get; init; }

    /// <summary>Set once at start.</summary>
    public OwnPortWatch? OwnPortWatch { get; set; }

    public void OpenListener(OpenListener order) => listeners.OpenListener(order);

    public void CloseListener(ListenerAddress listener) => listeners.CloseListener(listener);

    public void SteerListener(SteerListener order) => _oldSockets.Steer(order.Listener, order.To);

    public void AwaitEmptyQueue(AwaitEmptyQueue order)
    {
        if (Processes.Find(order.Worker) is not { } process)
            return;
        process.QueueWatch ??= new QueueWatch(
            order.NotBefore, () => _oldSockets.AreEmpty(order.Listeners), () => loop.Post(new WorkerEmptiedQueue(order.Worker)));
    }

    public void Launch(LaunchWorker order)
    {
        try
        {
            using var launch = new WorkerLaunch(order, lines, listeners, keeper, settings, log);
            Processes.Add(launch.Prepare());
            launch.Go();
        }
        catch (Exception problem) when (problem is SystemCallException or IOException or UnauthorizedAccessException)
        {
            RunFolders.Remove(WorkerUser.NotifySocketOf(order.Spec, settings.Home, order.Worker.Number));
            Forget(order.Worker);
            loop.Post(new LaunchFailed(order.Worker, LaunchProblems.From(problem)));
        }
    }

    public void OpenGate(WorkerId worker) => keeper.OpenGate(worker.Number);

    public void WatchForListening(WorkerId worker)
    {
        if (Processes.Find(worker) is not { } process)
            return;
        if (process.Order.Spec.Listen.Count == 0)
        {
            OwnPortWatch?.Begin();
            return;
        }

        long[] inodes = [.. process.Order.Spec.Listen.Select(listener => listeners.Find(listener.Address)?.Inode ?? 0)];
        process.Watch ??= new ListeningWatch(
            worker,
            () => keeper.Look(Interlocked.Increment(ref _lastLook), worker.Number, inodes),
            news =>
            {
                listeners.KeepMode(process.Order.Spec.Listen);
                loop.Post(news);
            },
            why => log.ListeningNotVisible(process.Name, why));
        process.Watch.Begin();
    }

    public void CountConnections(WorkerId worker)
    {
        if (Processes.Find(worker) is not { Pid: not 0 } process)
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
        if (Processes.Find(worker) is { } process)
        {
            Trees.IsAsked(process);
            process.Channel?.Tell(order);
            process.Node?.Tell(order);
        }
    }

    public void HandOver(HandOverListener order)
    {
        if (Processes.Find(order.Worker) is not { Node: { } node } process)
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
        if (Processes.Find(order.Worker) is not { } process)
            return;
        var errno = order.Reason switch
        {
            ListenRefusal.InUse => Errno.EADDRINUSE,
            ListenRefusal.Invalid => Errno.EINVAL,
            ListenRefusal.TooMany => Errno.EMFILE,
            ListenRefusal.ByKernel => new Errno(order.Errno == 0 ? Errno.EINVAL.Value : order.Errno),
            _ => throw new ArgumentOutOfRangeException(nameof(order)),
        };
        log.ListenRefused(process.Name, order.Ask.Point.Key, errno.ToString());
        process.Node?.Refuse(order.Ask, errno);
    }

    public void SendShutdown(WorkerId worker, string orSignal)
    {
        var process = Processes.Find(worker);
        if (process is not null)
            Trees.IsAsked(process);
        if (process?.Node is { } node)
            node.Shutdown(otherwise: () => Signal(worker, orSignal, wholeGroup: false));
        else
            Signal(worker, orSignal, wholeGroup: false);
    }

    public void Signal(WorkerId worker, string signal, bool wholeGroup)
    {
        var number = NumberOf(signal);
        if (Processes.Find(worker) is { } process)
        {
            if (number != Signals.Kill)
                Trees.IsAsked(process);
            else if (wholeGroup && Trees.HasSpared(process))
                wholeGroup = false; // the others of its group are ended one by one, when it is gone
        }

        var scope = wholeGroup ? SignalScope.Group : SignalScope.Process;
        keeper.Signal(SignalIds.Of(number, scope), worker.Number, number, scope);
    }

    public void WatchTree(WorkerId worker)
    {
        if (Processes.Find(worker) is { } process)
            Trees.Watch(process);
    }

    public void SignalProcess(SignalProcess order)
    {
        Processes.Find(order.Worker)?.TreeWatch?.Signal(order.Process, NumberOf(order.Signal));
        // One more step, in which nothing is ordered, confirms this one in the record: else the next daemon does not know whether the process was asked, and asks again.
        loop.Post(new WorkerProcessUnasked(order.Worker, order.Process));
    }

    public void KillTree(WorkerId worker) => Processes.Find(worker)?.TreeWatch?.Kill();

    public void RelaySignal(WorkerId worker, string signal, RequestId request) =>
        keeper.Signal(SignalIds.Relayed(request), worker.Number, NumberOf(signal), SignalScope.Process);

    public void Forget(WorkerId worker)
    {
        if (Processes.Remove(worker) is { } process)
        {
            if (process.OpenStreams.FirstOrDefault() is { } open)
                lines.LeaveToOrphans(worker, open.Course);
            if (!process.OpenStreams.Any())
                lines.LeaveToOrphans(worker, null);
            process.Dispose();
        }

        keeper.Forget(worker.Number);
        lines.Release(worker);
    }

    /// <summary>The last lines that a worker wrote to stderr, or to stdout when it wrote nothing there.</summary>
    public string[] LastLines(WorkerId worker) => lines.LastLines(worker);

    /// <summary>Writes into a worker's stdin.</summary>
    /// <returns>Null, or why it could not be written.</returns>
    public string? SendText(WorkerId worker, string text) => Processes.Find(worker) is { } process ? process.SendText(text) : WorkerProcess.Gone;

    /// <summary>
    /// TCP addresses on which workers listen by themselves, beside the sockets that they were given; one look for all of them. Unix sockets do not
    /// count: each .NET process has one of its own for diagnostics, and what they are named after rarely keeps a newcomer out.
    /// </summary>
    public IReadOnlyList<WorkerBindsOwnPort> LookAtOwnPorts(IReadOnlyList<Worker> workers)
    {
        var seen = ListeningSockets.OfTrees([.. workers.Select(worker => worker.Pid)], listeners.Inodes);
        return [.. workers.Select(worker => new WorkerBindsOwnPort(worker.Id, [.. seen[worker.Pid].Addresses.Select(address => address.ToString())])
        {
            Hidden = seen[worker.Pid].Hidden,
        })];
    }

    /// <summary>News from the keeper; on its thread.</summary>
    public void OnKeeper(KeeperEvent news)
    {
        switch (news)
        {
            case KeeperEvent.Spawned spawned when Processes.Find(spawned.LaunchId) is { } process:
                process.Pid = spawned.Pid;
                Trees.Enter(process, spawned.StartTime);
                loop.Post(new WorkerSpawned(process.Id, spawned.Pid));
                break;
            case KeeperEvent.Started started when Processes.Find(started.LaunchId) is { } process:
                loop.Post(new WorkerExecuted(process.Id));
                break;
            case KeeperEvent.LaunchFailed failed when Processes.Find(failed.LaunchId) is { } process:
                loop.Post(new LaunchFailed(process.Id, LaunchProblems.From(failed)));
                break;
            case KeeperEvent.Exited exited when Processes.Find(exited.LaunchId) is { } process:
                Processes.HasExited(process.Pid);
                OnExited(process, exited.Exit);
                break;
            case KeeperEvent.Looked looked when Processes.Find(looked.LaunchId) is { } process:
                process.Watch?.Seen(looked.Sights);
                break;
        }
    }

    /// <summary>What it wrote before it died is read first, so that the story of its end can quote it.</summary>
    private void OnExited(WorkerProcess process, ChildExit exit) => lines.ReadLastWords([process], () =>
    {
        try
        {
            listeners.Reassert(process.Listeners, process.Name);
        }
        finally
        {
            // Whatever becomes of its output and its sockets: that it is gone must be known.
            loop.Post(new WorkerExited(process.Id, ExitStatuses.Of(exit))
            {
                Rest = Trees.RestOf(process),
                LastWords = LastWords.Of(LastLines(process.Id)),
            });
        }
    });

    private static int NumberOf(string signal) => Signals.TryParse(signal, out var number) ? number : Signals.Terminate;
}
