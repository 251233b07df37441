using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// One launch: makes everything that the worker gets (streams, sockets, channels, environment), then lets the keeper start it. What has no owner by the
/// end of it is closed, whether it came about or not.
/// </summary>
internal sealed class WorkerLaunch(
    LaunchWorker order, WorkerLines lines, ListenerHost listeners, KeeperClient keeper, WorkerHostSettings settings, DaemonLog log) : IDisposable
{
    /// <summary>Three FIFOs, a notify socket, channels, and what is open only while it is handed over.</summary>
    private const int FilesOfWorker = 16;

    /// <summary>For clients, log files and sockets when there is no room for another worker.</summary>
    private const int Reserve = 32;

    private readonly LaunchParts _parts = new();
    private readonly List<FdMapping> _fds = [];
    private readonly List<(string What, HoldKind Kind, FdHandle Fd)> _holds = [];
    private LaunchOrder? _launch;

    private AppSpec Spec => order.Spec;

    /// <returns>Our side of it.</returns>
    /// <exception cref="SystemCallException">No room for it, or no right to it.</exception>
    /// <exception cref="IOException">Likewise, or a listener is missing.</exception>
    public WorkerProcess Prepare()
    {
        DemandRoom();
        var library = LibraryFor(Spec);
        var user = WorkerUser.Of(Spec, settings.Home);
        var course = OutputCourse.Of(order, settings.Logs);
        var input = MakeInput(user.OwnerUid);
        var output = MakeOutput(HoldKeys.Out, user.OwnerUid);
        var error = MakeOutput(HoldKeys.Error, user.OwnerUid);
        MapListeners();
        var notify = _parts.Add(NotifySocket.Bind(user.NotifySocket(order.Worker.Number), user.OwnerUid));
        _holds.Add((HoldKeys.Notify, HoldKind.Notify, notify.Handle));
        var channel = library == DotNetLibrary.None ? null : MakeChannel(HoldKeys.Channel);
        var node = Spec.Launch.Runtime == Runtime.Node ? MakeChannel(HoldKeys.Node) : null;
        var (environment, pidVariables) = WorkerEnvironment.For(
            order,
            user.NotifySocket(order.Worker.Number),
            channel?.Number,
            library == DotNetLibrary.Inject ? user.Reach(settings.InjectedLibrary) : null,
            node is null ? null : new NodeStart(node.Number, Spec.Inject ? user.Reach(settings.NodePreload) : null));
        _launch = OrderFor(environment, pidVariables, course);

        var worker = new WorkerProcess(order)
        {
            Out = Read(course, error: false, output),
            Error = Read(course, error: true, error),
            Input = input,
            Notify = _parts.Instead(notify, lines.Hear(order.Worker, notify, user.OwnerUid)),
            Channel = channel is null ? null : _parts.Instead(channel.Ours, lines.SpeakWithLibrary(order.Worker, channel.Ours)),
            Node = node is null ? null : _parts.Instead(node.Ours, lines.SpeakWithNode(order, node.Ours)),
        };
        foreach (var part in new IDisposable?[] { worker.Input, worker.Notify, worker.Channel, worker.Node }.OfType<IDisposable>())
            _parts.Taken(part);
        return worker;
    }

    /// <summary>When whoever hears of it knows the process.</summary>
    public void Go()
    {
        foreach (var (what, kind, fd) in _holds)
            keeper.Hold(HoldKeys.Of(order.Worker.Number, what), kind, fd);
        listeners.Reassert(Spec.Listen);
        keeper.Launch(_launch!);
    }

    public void Dispose() => _parts.Dispose();

    private void DemandRoom()
    {
        var needed = FilesOfWorker + Spec.Listen.Count;
        DescriptorRoom.Demand(needed + Reserve, Environment.ProcessId, "the daemon");
        // What is on its way to the keeper is not counted there yet: several are launched at once.
        DescriptorRoom.Demand(needed + (2 * Reserve), keeper.GiveBack.KeeperPid, "the keeper");
    }

    /// <returns>Our end of its stdin, which is to be its number 0.</returns>
    private FdHandle MakeInput(int? owner)
    {
        var fifo = InputFifo.Create(settings.Home.Run, owner);
        _holds.Add((HoldKeys.Input, HoldKind.Input, _parts.Add(fifo.WriteEnd)));
        Map(_parts.Add(fifo.WorkerEnd));
        return fifo.WriteEnd;
    }

    /// <returns>Our end of its stdout or stderr.</returns>
    private FdHandle MakeOutput(string what, int? owner)
    {
        var fifo = OutputFifo.Create(settings.Home.Run, owner);
        _holds.Add((what, HoldKind.Output, _parts.Add(fifo.ReadEnd)));
        Map(_parts.Add(fifo.WorkerEnd));
        return fifo.ReadEnd;
    }

    private void MapListeners()
    {
        foreach (var listener in Spec.Listen)
        {
            var socket = listeners.Find(listener.Address)
                ?? throw new IOException($"the listening socket {listener.Address} is not open");
            Map(socket.Handle);
        }
    }

    private MadeChannel MakeChannel(string what)
    {
        var (ours, theirs) = StreamChannel.CreatePair();
        _holds.Add((what, HoldKind.Channel, _parts.Add(ours).Handle));
        return new MadeChannel(ours, Map(_parts.Add(theirs)));
    }

    /// <returns>The number under which the worker finds it: they are counted through.</returns>
    private int Map(FdHandle source)
    {
        _fds.Add(new FdMapping(source, _fds.Count));
        return _fds.Count - 1;
    }

    private OutputStream Read(OutputCourse course, bool error, FdHandle readEnd)
    {
        var stream = lines.Read(order.Worker, course, error, readEnd);
        _parts.Taken(readEnd); // it ends by itself, when the last worker's end is closed
        return stream;
    }

    private LaunchOrder OrderFor(IReadOnlyList<KeyValuePair<string, string>> environment, IReadOnlyList<string> pidVariables, OutputCourse course) => new()
    {
        LaunchId = order.Worker.Number,
        Program = Spec.Launch.Program,
        Arguments = Spec.Launch.Arguments,
        WorkingDirectory = Spec.Launch.WorkingDirectory,
        UserId = Spec.Launch.RunAs?.UserId,
        GroupId = Spec.Launch.RunAs?.GroupId,
        Groups = Spec.Launch.RunAs?.Groups.ToArray(),
        Environment = environment,
        PidVariables = pidVariables,
        Fds = _fds,
        KillGroupOnExit = Spec.Stop.WholeTree && !OperatingSystem.IsLinux(), // elsewhere nobody can look after what it leaves behind
        Note = WorkerNote.Of(order, course),
    };

    private DotNetLibrary LibraryFor(AppSpec spec)
    {
        var (library, whyNot) = DotNetInjection.For(spec);
        if (whyNot is not null)
            log.NotInjected(spec.Name.Value, whyNot);
        return library == DotNetLibrary.Inject && settings.InjectedLibrary is null ? DotNetLibrary.None : library;
    }

    /// <param name="Ours">Our end.</param>
    /// <param name="Number">Under which the worker finds its own.</param>
    private sealed record MadeChannel(StreamChannel Ours, int Number);
}

/// <summary>What stays the same for every worker of this daemon.</summary>
/// <param name="Home">Where notify sockets lie.</param>
/// <param name="Logs">Where output goes.</param>
/// <param name="InjectedLibrary">Path of the drain library for ASP.NET Core; null when there is none to inject.</param>
/// <param name="NodePreload">Path of the drain library for Node; null when there is none to inject.</param>
internal sealed record WorkerHostSettings(HomeFolder Home, LogPaths Logs, string? InjectedLibrary, string? NodePreload);
