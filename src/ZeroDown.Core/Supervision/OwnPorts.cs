using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// TCP addresses that a program listens on by itself, beside the sockets that it was given. Where nothing else tells that it serves, they do;
/// and a newcomer of a roll has to listen as its predecessor does.
/// </summary>
public static class OwnPorts
{
    /// <summary>Linux gives ports from here on to programs that ask for port 0. Servers are rarely given one, so it has to be named somewhere.</summary>
    private const int FirstEphemeral = 32768;

    /// <summary>Node's debugger takes the first free one from here on.</summary>
    private const int FirstOfDebugger = 9229;

    private const int DebuggerPorts = 100;

    /// <summary>Parts of the names of variables that tell a program where to listen.</summary>
    private static readonly ImmutableArray<string> NamesOfAddresses = ["PORT", "HOST", "ADDR", "LISTEN", "BIND"];

    /// <summary>The app's workers serve on ports of their own, if on any.</summary>
    internal static bool Concern(AppSpec spec) => spec.Listen.Count == 0 && !spec.IsNodeCluster;

    /// <summary>Somebody has to look, again and again, on which ports it listens: it is about to count as ready, and that would tell.</summary>
    public static bool AreLookedFor(Worker worker) =>
        worker is { Phase: WorkerPhase.Starting, Leaving: null, ExecutedAt: not null, Pid: > 0 }
        && Concern(worker.Spec)
        && (worker.Spec.Ready.Sign == ReadySign.Settled || worker.ExpectsPorts.Count > 0);

    internal static void Found(AppDraft app, Worker worker, WorkerBindsOwnPort fact)
    {
        if (fact.Hidden)
            worker = ExpectNothing(app, worker);
        worker = app.Set(worker with { OwnPorts = fact.Addresses });
        if (worker.Phase != WorkerPhase.Starting && app.FindSlot(worker.Slot)?.Current == worker.Id)
            Remember(app, worker);
        Readiness.Consider(app, worker);
    }

    /// <summary>What the worker listens on is what its slot is expected to listen on from here on. One that does not listen yet changes nothing,
    /// unless a command brought it: another worker in its place may just be slower.</summary>
    internal static void Remember(AppDraft app, Worker worker)
    {
        if (app.FindSlot(worker.Slot) is not { } slot)
            return;
        var now = Concern(worker.Spec) ? Serving(worker) : [];
        if (now.Count == 0 && Concern(worker.Spec) && slot.KnowsItsListeners)
            return;
        if (slot.OwnPorts != now || !slot.KnowsItsListeners)
            app.Set(slot with { OwnPorts = now, KnowsItsListeners = true });
    }

    /// <summary>Addresses on which it serves: not its debugger's, and not what the kernel chose for a browser or another tool that it has started.</summary>
    internal static EquatableArray<string> Serving(Worker worker) =>
        [.. worker.OwnPorts.Items.Where(address => !IsDebugger(worker.Spec.Launch, address) && !(IsChosenByKernel(worker.Spec.Launch, address) && IsLoopback(address)))];

    /// <summary>It listens by itself, as its predecessor does.</summary>
    internal static bool Listens(Worker worker) => Concern(worker.Spec) && Serving(worker).Count > 0 && IsAsExpected(worker);

    /// <summary>
    /// It listens on the addresses of its predecessor. Where its arguments or PORT changed, a variable that changed names the address, or the kernel chose the
    /// port: on as many.
    /// </summary>
    internal static bool IsAsExpected(Worker worker) => Missing(worker).Count == 0 && Serving(worker).Count >= worker.ExpectsPorts.Count;

    /// <summary>Which addresses of its predecessor it must listen on and does not.</summary>
    internal static EquatableArray<string> Missing(Worker worker)
    {
        if (!worker.ExpectsSame)
            return [];
        var missing = worker.ExpectsPorts.Items.Where(address =>
            !IsChosenByKernel(worker.Spec.Launch, address) && !worker.OwnPorts.Items.Any(own => Covers(own, address))).ToList();
        var elsewhere = worker.OwnPorts.Items.Count(own => IsToldAnew(worker, Port(own)) && !worker.ExpectsPorts.Items.Any(address => Port(address) == Port(own)));
        // A new port takes the place of an old one that is named first; the default of an unset variable is named nowhere.
        var moved = missing.RemoveAll(address => IsToldAnew(worker, Port(address)));
        return missing.Count > Math.Max(0, elsewhere - moved) ? [.. missing] : [];
    }

    /// <summary>The same program is started in the same way, with the same PORT.</summary>
    internal static bool IsSameLaunch(LaunchSpec before, LaunchSpec now) => ReferenceEquals(before, now) || (
        before.Program == now.Program
        && before.Arguments == now.Arguments
        && before.WorkingDirectory == now.WorkingDirectory
        && ValueOf(before, "PORT") == ValueOf(now, "PORT")
        && before.IncrementVariable == now.IncrementVariable
        && (now.IncrementVariable is not { } counted || ValueOf(before, counted) == ValueOf(now, counted)));

    /// <summary>Old and new values of the variables that changed.</summary>
    internal static EquatableArray<string> ToldAnew(LaunchSpec before, LaunchSpec now)
    {
        if (ReferenceEquals(before, now) || before.Environment == now.Environment)
            return [];
        var (old, told) = (Telling(before, now).ToList(), Telling(now, before).ToList());
        return [.. old.Except(told).Concat(told.Except(old)).Select(variable => variable.Value).Where(value => value.Length > 0)];
    }

    /// <summary>A variable that changed names this port.</summary>
    private static bool IsToldAnew(Worker worker, int port) => worker.ToldAnew.Items.Any(value => Names(value, port));

    /// <summary>A variable that changed names this address.</summary>
    internal static bool IsToldAnew(Worker worker, ListenerAddress address) => address switch
    {
        ListenerAddress.Tcp tcp => IsToldAnew(worker, tcp.Port),
        ListenerAddress.Udp udp => IsToldAnew(worker, udp.Port),
        ListenerAddress.Unix unix => worker.ToldAnew.Items.Any(value => value.Contains(unix.Path, StringComparison.Ordinal)),
        _ => false, // chosen by the kernel
    };

    private static string? ValueOf(LaunchSpec launch, string name)
    {
        foreach (var variable in launch.Environment.Items)
        {
            if (variable.Name == name)
                return variable.Value;
        }

        return null;
    }

    /// <summary>Variables that may tell the program where to listen: those that the file declares, and those with such a name. The rest of the user's
    /// shell differs from terminal to terminal.</summary>
    private static IEnumerable<EnvironmentVariable> Telling(LaunchSpec launch, LaunchSpec other) => launch.Environment.Items.Where(variable =>
        launch.DeclaredVariables.Items.Contains(variable.Name)
        || other.DeclaredVariables.Items.Contains(variable.Name)
        || NamesOfAddresses.Any(part => variable.Name.Contains(part, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Nobody can see what it listens on, so it is judged as one without a port.</summary>
    private static Worker ExpectNothing(AppDraft app, Worker worker)
    {
        if (worker.ExpectsPorts.Count == 0)
            return worker;
        worker = app.Set(worker with { ExpectsPorts = [] });
        return worker is { Phase: WorkerPhase.Starting, Leaving: null, ExecutedAt: not null } ? Readiness.BeginToLive(app, worker) : worker;
    }

    /// <summary>Its roll is over, and nobody else serves in its place: from here on it counts wherever it listens.</summary>
    internal static void ExpectNoMore(AppDraft app, Worker worker)
    {
        if (worker is not { Phase: WorkerPhase.Starting, Leaving: null, ExecutedAt: not null, ExpectsPorts.Count: > 0 })
            return;
        worker = app.Set(worker with { ExpectsPorts = [] });
        app.Arm(worker, DeadlineKind.Settle, Readiness.SettlesAt(app, worker));
    }

    private static bool IsDebugger(LaunchSpec launch, string address) =>
        (IsLoopback(address) && Port(address) is >= FirstOfDebugger and < FirstOfDebugger + DebuggerPorts && !IsNamed(launch, address))
        || launch.Arguments.Items.Any(argument => argument.StartsWith("--inspect", StringComparison.Ordinal) && Names(argument, Port(address)));

    /// <summary>A worker of a Node cluster asked for a number that it had from the kernel before, as a search for a free port does.</summary>
    internal static bool IsChosenByKernel(LaunchSpec launch, ListenerAddress address) =>
        address is ListenerAddress.Tcp or ListenerAddress.Udp && IsChosenByKernel(launch, address.ToString());

    private static bool IsChosenByKernel(LaunchSpec launch, string address) => Port(address) >= FirstEphemeral && !IsNamed(launch, address);

    private static bool IsNamed(LaunchSpec launch, string address)
    {
        var port = Port(address);
        return launch.Arguments.Items.Any(argument => Names(argument, port))
            || launch.Environment.Items.Any(variable => Names(variable.Value, port) || (variable.Name == launch.IncrementVariable && CountsUpTo(variable.Value, port)));
    }

    private static bool CountsUpTo(string value, int port) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var first) && port >= first && port - first < 1024;

    /// <summary>The number stands in the text, and not as a part of a longer one.</summary>
    internal static bool Names(string text, int wanted)
    {
        var number = wanted.ToString(CultureInfo.InvariantCulture);
        for (var at = text.IndexOf(number, StringComparison.Ordinal); at >= 0; at = text.IndexOf(number, at + 1, StringComparison.Ordinal))
        {
            var end = at + number.Length;
            if ((at == 0 || !char.IsAsciiDigit(text[at - 1])) && (end == text.Length || !char.IsAsciiDigit(text[end])))
                return true;
        }

        return false;
    }

    /// <summary>Clients of the expected address reach it: it is the same, or takes every address of that port.</summary>
    private static bool Covers(string own, string expected) => own == expected || (Port(own) == Port(expected) && Host(own) is "0.0.0.0" or "[::]");

    private static bool IsLoopback(string address) => IPAddress.TryParse(Host(address), out var ip) && IPAddress.IsLoopback(ip);

    private static string Host(string address) => address[..Math.Max(0, address.LastIndexOf(':'))];

    private static int Port(string address) => int.TryParse(address.AsSpan(address.LastIndexOf(':') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0;
}
