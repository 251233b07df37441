using System.Net;
using System.Net.Sockets;
using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// The cluster's primary: workers of a Node cluster ask for the sockets that they want to listen on. Which listener is meant is
/// decided here; it is opened for the first who asks, every further one gets the same, and it lives on like a declared one.
/// </summary>
internal static class Handover
{
    /// <summary>Questions that wait and sockets that it has: more than any program needs. A worker that asks for port after port must not use up ours.</summary>
    private const int MostGrants = 256;

    /// <summary>Characters of an address and of what goes along with it. A path has 107 at most, keys of TLS tickets 64; all of it stands in the state that each step writes down.</summary>
    private const int LongestAsk = 4096;

    /// <summary>Of all workers of an app together, different ones: that many workers may each ask for others.</summary>
    private const int MostOfApp = 256;

    /// <summary>Number of the first inherited socket.</summary>
    private const int FirstInherited = 3;

    /// <summary>How long a listener stays open after the worker that has it closed it. A worker that closes on its way out is gone by
    /// then, and its successor wants the listener again.</summary>
    private static readonly TimeSpan KeptAfterClose = TimeSpan.FromSeconds(3);

    public static void Asked(AppDraft app, Worker worker, ListenAsk ask)
    {
        // One that is to leave gets nothing more, as Node's own primary has it. A question that is read twice is one question.
        if (!worker.Spec.IsNodeCluster || worker.Leaving is not null || worker.Asks.Any(open => open.Seq == ask.Seq))
            return;
        if ((ask.Point.Address?.Length ?? 0) + (ask.Data?.Length ?? 0) > LongestAsk)
            app.Turn.Order(new RefuseListener(worker.Id, ask with { Data = null }, ListenRefusal.Invalid));
        else if (worker.Asks.Length + worker.Grants.Length >= MostGrants)
            app.Turn.Order(new RefuseListener(worker.Id, ask, ListenRefusal.TooMany));
        else
            app.Set(worker with { Asks = worker.Asks.Add(ask) });
    }

    public static void Listens(AppDraft app, Worker worker, ListenPoint point)
    {
        var grant = worker.Grants.FirstOrDefault(grant => grant.Point == point)
            ?? worker.Grants.FirstOrDefault(grant => !grant.Listening && grant.Point.LeftOpenWhat(point));
        if (grant is null or { Listening: true })
            return; // it closed it in the same moment, or says it twice
        worker = app.Set(worker with { Grants = worker.Grants.Replace(grant, grant with { Listening = true, Ask = null }) });
        if (worker.Phase != WorkerPhase.Starting && app.FindSlot(worker.Slot)?.Current == worker.Id)
            Remember(app, worker);
        Readiness.Consider(app, worker);
    }

    public static void Closed(AppDraft app, Worker worker, string key)
    {
        var grant = worker.Grants.FirstOrDefault(grant => grant.Point.Key == key);
        if (grant is null)
            return; // said twice
        worker = app.Set(worker with { Grants = worker.Grants.Remove(grant) });
        if (worker is { Phase: WorkerPhase.Draining, Grants.IsEmpty: true })
            worker = Leaving.Heeded(app, worker); // without our preload it says no more than this
        Readiness.Consider(app, worker);
        if (worker is { Phase: WorkerPhase.Ready, Leaving: null } && app.FindSlot(worker.Slot)?.Current == worker.Id)
            app.Arm(worker, DeadlineKind.Unlisten, app.Now + KeptAfterClose);
    }

    /// <summary>What the worker listens on now is what its slot is expected to listen on from here on.</summary>
    public static void Remember(AppDraft app, Worker worker)
    {
        if (!worker.Spec.IsNodeCluster || app.FindSlot(worker.Slot) is not { } slot)
            return;
        EquatableArray<ListenerAddress> now = [.. Serving(worker)];
        if (slot.ListenedOn != now || !slot.KnowsItsListeners)
            app.Set(slot with { ListenedOn = now, KnowsItsListeners = true });
    }

    /// <summary>Where clients of the worker are expected. A unix socket that has the worker's pid in its name is for nobody but its own children (tsx has one).</summary>
    public static IEnumerable<ListenerAddress> Serving(Worker worker) => worker.Grants
        .Where(grant => grant.Listening && !(grant.Listener is ListenerAddress.Unix unix && worker.Pid > 0 && OwnPorts.Names(unix.Path, worker.Pid)))
        .Select(grant => grant.Listener)
        .Distinct();

    /// <summary>Answers what can be answered, and orders the listeners that are missing.</summary>
    public static void Further(AppDraft app, Worker worker)
    {
        if (worker.Asks.IsEmpty)
            return;
        if (worker.Leaving is not null)
        {
            app.Set(worker with { Asks = [] });
            return;
        }

        foreach (var ask in worker.Asks)
            Answer(app, app.Find(worker.Id)!, ask);
    }

    /// <summary>Gives what the worker was given and has not listened on yet once more: a doubled answer does no harm, a lost one hangs it.</summary>
    public static void Again(AppDraft app, Worker worker)
    {
        foreach (var grant in worker.Grants)
        {
            if (grant is { Listening: false, Ask: { } ask } && app.Turn.Listeners.GetValueOrDefault(grant.Listener) is { Phase: ListenerPhase.Open })
                app.Turn.Order(new HandOverListener(worker.Id, ask, grant.Listener));
        }
    }

    /// <summary>The kernel does not give what these workers wait for.</summary>
    public static void ListenerFailed(AppDraft app, ListenerAddress address, int errno)
    {
        foreach (var (_, worker) in app.State.Workers)
        {
            foreach (var ask in worker.Asks)
            {
                if (Meant(worker.Spec, ask)?.Address == address)
                    Refuse(app, app.Find(worker.Id)!, ask, ListenRefusal.ByKernel, errno);
            }
        }
    }

    /// <summary>The command that brought a worker which waits for this listener; null when none did.</summary>
    public static RequestId? WhoseRequest(Turn turn, ListenerAddress address) =>
        turn.Apps.SelectMany(app => app.State.Workers.Values).FirstOrDefault(worker => worker.Asks.Any(ask => Meant(worker.Spec, ask)?.Address == address))?.Request;

    /// <summary>The listener that the worker asks for; null when there can be none.</summary>
    public static ListenerSpec? Meant(AppSpec spec, ListenAsk ask)
    {
        var point = ask.Point;
        if (point.Fd is >= 0 and var fd)
            return point.Kind is null && fd - FirstInherited < spec.Listen.Count && fd >= FirstInherited ? spec.Listen[fd - FirstInherited] : null;
        return point.Kind switch
        {
            "udp4" or "udp6" => Datagrams(spec, ask),
            _ when point.Port < 0 => Path(spec, ask),
            "4" or "6" => Stream(spec, ask),
            _ => null,
        };
    }

    private static void Answer(AppDraft app, Worker worker, ListenAsk ask)
    {
        if (Meant(worker.Spec, ask) is not { } meant)
        {
            Refuse(app, worker, ask, ListenRefusal.Invalid);
            return;
        }

        // A second server on one address is an error in Node too. The number of the server grows with each try, so only a key that is
        // held tells it from a first one that failed.
        if (worker.Grants.Any(grant => grant.Listener == meant.Address && grant.Point != ask.Point))
        {
            Refuse(app, worker, ask, ListenRefusal.InUse);
            return;
        }

        // As for any program that binds a port which somebody else has.
        if (ListenerOwner.Another(app, worker.Spec, meant.Address) is not null)
        {
            Refuse(app, worker, ask, ListenRefusal.InUse);
            return;
        }

        if (!app.Turn.Listeners.ContainsKey(meant.Address) && CountOf(app) >= MostOfApp)
        {
            Refuse(app, worker, ask, ListenRefusal.TooMany);
            return;
        }

        if (!ListenerUse.IsOpen(app.Turn, meant, worker.Spec))
            return;
        if (!worker.Grants.Any(grant => grant.Point == ask.Point))
            worker = app.Set(worker with { Grants = worker.Grants.Add(new Grant(ask.Point, meant.Address) { Ask = ask }) });
        app.Set(worker with { Asks = worker.Asks.Remove(ask) });
        app.Turn.Order(new HandOverListener(worker.Id, ask, meant.Address));
    }

    private static int CountOf(AppDraft app) =>
        app.State.Workers.Values.SelectMany(worker => worker.Grants).Select(grant => grant.Listener).Distinct().Count();

    private static void Refuse(AppDraft app, Worker worker, ListenAsk ask, ListenRefusal reason, int errno = 0)
    {
        app.Set(worker with { Asks = worker.Asks.Remove(ask) });
        app.Turn.Order(new RefuseListener(worker.Id, ask, reason, errno));
        Readiness.Consider(app, app.Find(worker.Id)!);
    }

    private static ListenerSpec? Stream(AppSpec spec, ListenAsk ask)
    {
        var (text, port) = (ask.Point.Address, ask.Point.Port ?? 0);
        if (!TryParse(text, IPAddress.IPv6Any, out var address) || port is < 0 or > 65535)
            return null;
        foreach (var declared in port == 0 ? [] : spec.Listen)
        {
            // Beside one address of a port, another that covers it cannot be had. Who says "any" is content with what is declared.
            if (declared.Address is ListenerAddress.Tcp tcp && tcp.Port == port && (IsAny(address) || tcp.Address.Equals(address)))
                return declared;
        }

        var dual = address.Equals(IPAddress.IPv6Any) && !ask.V6Only;
        return New(spec, ask, port, new ListenerAddress.Tcp(address, port, dual));
    }

    private static ListenerSpec? Datagrams(AppSpec spec, ListenAsk ask)
    {
        var v6 = ask.Point.Kind == "udp6";
        var port = ask.Point.Port ?? 0;
        if (!TryParse(ask.Point.Address, v6 ? IPAddress.IPv6Any : IPAddress.Any, out var address) || port is < 0 or > 65535)
            return null;
        if (address.AddressFamily == AddressFamily.InterNetworkV6 != v6)
            return null;
        var dual = address.Equals(IPAddress.IPv6Any) && !ask.V6Only;
        return New(spec, ask, port, new ListenerAddress.Udp(address, port, dual, ask.Reuse));
    }

    private static ListenerSpec? Path(AppSpec spec, ListenAsk ask)
    {
        if (ask.Point.Address is not { Length: > 1 } path)
            return null;
        // Node's workers make every path absolute, an abstract name too: /srv/web/^@name. With Node's own primary it could not be had at all.
        if (path.IndexOf('\0') is > 0 and var zero && path[zero - 1] == '/')
            path = path[zero..];
        if (path[0] is not ('/' or '\0') || path.LastIndexOf('\0') > 0)
            return null;
        foreach (var declared in spec.Listen)
        {
            if (declared.Address is ListenerAddress.Unix unix && unix.Path == path)
                return declared;
        }

        const int everybody = 0x1ff;
        return New(spec, ask, port: null, new ListenerAddress.Unix(path, ask.Writable ? everybody : null));
    }

    private static ListenerSpec New(AppSpec spec, ListenAsk ask, int? port, ListenerAddress address) =>
        new(port == 0 ? new ListenerAddress.Chosen(spec.Name, ask.Point.Index, address) : address, spec.Name.Value, ask.Backlog);

    private static bool TryParse(string? text, IPAddress any, out IPAddress address)
    {
        address = any;
        return string.IsNullOrEmpty(text) || IPAddress.TryParse(text, out address!);
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
