using System.Collections.Immutable;
using System.Net;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;
using ZeroDown.Daemon.Workers;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Survival;

/// <summary>
/// Keeper and daemon were killed both, and the workers serve on, known to nobody. What they are stands on the disk; who lives of them is told by pid and start time (a pid
/// alone may be a stranger's by now), and is given to the new keeper. What they hold is fetched from them: their listening sockets, both ends of their standard streams.
/// A socket that cannot be fetched is bound anew beside the old one, and whoever accepts on the old one is replaced. What is lost for good are the channels.
/// </summary>
internal sealed class Remains
{
    private readonly KeeperClient _keeper;
    private readonly HomeFolder _home;
    private readonly LogPaths _logs;
    private readonly Dictionary<string, HeldFd> _held = [];
    private readonly List<KeptWorker> _workers = [];
    private readonly List<string> _story = [];

    private Remains(KeeperClient keeper, HomeFolder home, LogPaths logs) => (_keeper, _home, _logs) = (keeper, home, logs);

    /// <summary>As the keeper would have given them back.</summary>
    public IReadOnlyList<KeptWorker> Workers => _workers;

    /// <summary>Likewise. Each is on hold with the new keeper already.</summary>
    public IReadOnlyDictionary<string, HeldFd> Held => _held;

    /// <summary>Sockets that stand beside the ones that living workers accept on.</summary>
    public ImmutableHashSet<ListenerAddress> BoundAnew { get; private set; } = [];

    /// <summary>Those of them that get no connection until somebody says so.</summary>
    public ImmutableHashSet<ListenerAddress> Steered { get; private set; } = [];

    /// <summary>What was done and what may be lost; sentences for whoever called us back to life.</summary>
    public IReadOnlyList<string> Story => _story;

    /// <summary>True if there is anybody to be found: processes that a state of this boot speaks of.</summary>
    public static bool AreLeft(StateOnDisk state) => IsAbandoned(state) && Living(state).Any();

    /// <summary>A daemon of this boot wrote it and did not end in order.</summary>
    public static bool IsAbandoned(StateOnDisk state) => state.IsOfThisBoot && !state.Origin.EndedCleanly;

    /// <summary>Numbers of the workers that a state speaks of and that live.</summary>
    public static IEnumerable<long> Living(StateOnDisk state) => state.Origin.Workers.Where(living => Identity(living).IsAlive()).Select(living => living.Worker);

    /// <summary>Gives whoever lives to the keeper, and fetches nothing: enough for it to end them.</summary>
    public static void GiveWorkers(StateOnDisk state, KeeperClient keeper, LogPaths logs)
    {
        foreach (var worker in state.State.Fleet.Apps.SelectMany(app => app.Workers.Values))
        {
            if (state.Origin.Workers.FirstOrDefault(one => one.Worker == worker.Id.Number) is { } known)
                _ = Give(worker, Identity(known), keeper, logs);
        }
    }

    /// <summary>Gathers what is left.</summary>
    public static Remains Gather(StateOnDisk state, KeeperClient keeper, HomeFolder home, LogPaths logs)
    {
        var remains = new Remains(keeper, home, logs);
        var fleet = state.State.Fleet;
        List<(Worker Worker, ProcessIdentity Process)> living = [];
        List<string> gone = [];
        foreach (var worker in fleet.Apps.SelectMany(app => app.Workers.Values))
        {
            var known = state.Origin.Workers.FirstOrDefault(one => one.Worker == worker.Id.Number);
            if (known is not null && remains.Adopt(worker, Identity(known)))
                living.Add((worker, Identity(known)));
            else if (worker.Pid > 0)
                gone.Add(Name(worker));
        }

        foreach (var listener in fleet.Listeners.Values.Where(listener => listener.Phase == ListenerPhase.Open))
            remains.Fetch(listener, living);
        remains.Tell(living, gone);
        remains.TellStrays(fleet, living);
        return remains;
    }

    private static ProcessIdentity Identity(LivingWorker living) => new(living.Pid, living.StartTime, Machine.BootId);

    private static string Name(Worker worker) => $"{worker.Spec.Name}:{worker.PmId} (pid {worker.Pid})";

    /// <returns>False if it is gone.</returns>
    private bool Adopt(Worker worker, ProcessIdentity process)
    {
        if (Give(worker, process, _keeper, _logs) is not { } kept)
            return false;
        _workers.Add(kept);

        Hold(HoldKeys.Of(worker.Id.Number, HoldKeys.Input), HoldKind.Input, ForeignFds.OpenFifo(process, 0, forWriting: true));
        Hold(HoldKeys.Of(worker.Id.Number, HoldKeys.Out), HoldKind.Output, ForeignFds.OpenFifo(process, 1, forWriting: false));
        Hold(HoldKeys.Of(worker.Id.Number, HoldKeys.Error), HoldKind.Output, ForeignFds.OpenFifo(process, 2, forWriting: false));
        Hold(HoldKeys.Of(worker.Id.Number, HoldKeys.Notify), HoldKind.Notify, Notify(worker));
        return true;
    }

    /// <returns>Null if it is gone.</returns>
    private static KeptWorker? Give(Worker worker, ProcessIdentity process, KeeperClient keeper, LogPaths logs)
    {
        // Where there are no pidfds, the keeper knows it by its number and start time too.
        using var pidFd = process.OpenPidFd();
        if (pidFd is null && !process.IsAlive())
            return null;
        var order = new LaunchWorker(worker.Id, worker.Spec, worker.Slot, worker.PmId, worker.Generation);
        var note = WorkerNote.Of(order, OutputCourse.Of(order, logs));
        keeper.Adopt(worker.Id.Number, process, pidFd, worker.Spec.Stop.WholeTree && !OperatingSystem.IsLinux(), note);
        return new KeptWorker(worker.Id.Number, KeptState.Started, process.Pid, process.StartTime, note, null, null);
    }

    /// <summary>The path is the same, so the worker's words arrive again.</summary>
    private FdHandle? Notify(Worker worker)
    {
        try
        {
            var user = WorkerUser.Of(worker.Spec, _home);
            return NotifySocket.Bind(user.NotifySocket(worker.Id.Number), user.OwnerUid).Handle;
        }
        catch (Exception problem) when (problem is SystemCallException or IOException or UnauthorizedAccessException)
        {
            _story.Add($"what {Name(worker)} says to its supervisor is not heard any more: {problem.Message}");
            return null;
        }
    }

    private void Fetch(Listener listener, List<(Worker Worker, ProcessIdentity Process)> living)
    {
        var address = listener.Spec.Address;
        var where = WhereBound(listener);
        var isHeld = false;
        foreach (var (_, process) in living)
        {
            var copy = ForeignFds.CopyListener(process, where, out var holds);
            isHeld |= holds;
            if (copy is not null)
            {
                Hold(ListenerHost.Key(address), HoldKind.Listener, copy);
                return;
            }
        }

        if (isHeld)
            BindBeside(listener, where);
    }

    private void BindBeside(Listener listener, ListenAddress where)
    {
        try
        {
            Hold(ListenerHost.Key(listener.Spec.Address), HoldKind.Listener, ListenerSocket.ListenBeside(where, listener.Spec.Backlog, out var steered).Handle);
            BoundAnew = BoundAnew.Add(listener.Spec.Address);
            if (steered)
                Steered = Steered.Add(listener.Spec.Address);
            _story.Add($"the listening socket {where} could not be fetched from its workers; a second one stands beside it and the workers are replaced. " + (steered
                ? "Connections go to the old one until the new workers serve, and the old ones answer what waits there before they leave"
                : "The kernel spreads connections over both: some wait until the new workers serve, and those that still wait on the old one when its workers leave are lost"));
        }
        catch (ListenException problem)
        {
            _story.Add($"the listening socket {where} could not be fetched from its workers and not be bound again: {problem.Message}");
        }
    }

    /// <summary>As the kernel had it, with the port that it chose for 0.</summary>
    private static ListenAddress WhereBound(Listener listener)
    {
        var asked = ListenerHost.ToPlatform(listener.Spec.Address);
        return asked is ListenAddress.Tcp tcp && listener.BoundAddress is { } text && IPEndPoint.TryParse(text, out var bound)
            ? tcp with { Address = bound.Address, Port = bound.Port, DualStack = tcp.DualStack && bound.Address.Equals(IPAddress.IPv6Any) }
            : asked;
    }

    private void Hold(string key, HoldKind kind, FdHandle? fd)
    {
        if (fd is null)
            return;
        _keeper.Hold(key, kind, fd);
        _held[key] = new HeldFd(fd, kind, 0);
    }

    /// <summary>
    /// Who was launched in the last moments is not on the disk yet. Its environment names this home; but a child that has detached itself inherits that too, so it
    /// is named and not ended.
    /// </summary>
    private void TellStrays(FleetState fleet, List<(Worker Worker, ProcessIdentity Process)> living)
    {
        var folders = fleet.Apps.Select(app => Path.GetDirectoryName(WorkerUser.NotifySocketOf(app.Spec, _home, 0))!).Append(_home.Run).Distinct();
        int[] known = [.. living.Select(one => one.Process.Pid)];
        foreach (var stray in folders.SelectMany(folder => StrayWorkers.Find(folder, known)).Where(stray => stray.LeadsSession))
            _story.Add($"pid {stray.Pid} ({stray.CommandLine}) is not on record: it was started just before keeper and daemon were killed, or has detached itself from a worker; if it serves beside the others, `kill {stray.Pid}` ends it");
    }

    private void Tell(List<(Worker Worker, ProcessIdentity Process)> living, List<string> gone)
    {
        var sockets = _held.Values.Count(held => held.Kind == HoldKind.Listener) - BoundAnew.Count;
        _story.Insert(0, $"keeper and daemon had both been killed; {living.Count} living workers are supervised again, {sockets} listening sockets were fetched from them");
        if (gone.Count > 0)
            _story.Add($"not found any more, and started again where that is wanted: {string.Join(", ", gone)}; what they were serving is lost");
        var mute = living.Where(one => one.Worker.HasChannel).Select(one => Name(one.Worker)).ToList();
        if (mute.Count > 0)
            _story.Add($"their channel is lost, so they cannot be told to drain and get their stop signal at once when they are replaced: {string.Join(", ", mute)}");
        if (living.Count > 0)
            _story.Add("what workers printed meanwhile is in their logs, as far as their pipes could hold it");
    }
}
