using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Foreground;

/// <summary>Whether nothing runs any more and nothing will by itself, and what that means for the exit code of <c>zd run</c>.</summary>
/// <param name="ExitCode">With one app, how its workers ended; 128 and more for a signal, as shells have it. With several, 0 if all ended well, else 1.</param>
/// <param name="Reason">A sentence for people.</param>
internal sealed record FleetEnd(int ExitCode, string Reason)
{
    private const int Signalled = 128;

    /// <summary>Null while something runs, or is about to.</summary>
    public static FleetEnd? Of(FleetSnapshot fleet)
    {
        if (fleet.Apps.Any(MayRun))
            return null;
        if (fleet.Apps.Length == 0)
            return new FleetEnd(0, "there is no app left");
        var codes = fleet.Apps.SelectMany(app => app.Slots.Select(Code)).ToArray();
        int[] bad = [.. codes.Where(code => code != 0).Distinct()];
        var code = bad.Length == 0 ? 0 : bad.Length == 1 && fleet.Apps.Length == 1 ? bad[0] : 1;
        return new FleetEnd(code, $"every app has ended: {string.Join(", ", fleet.Apps.SelectMany(app => app.Slots.Select(slot => $"{app.Definition.Name}:{slot.PmId} {How(slot)}")))}");
    }

    /// <summary>True when every slot of every app is ready, or was a job and has ended well.</summary>
    public static bool IsReady(FleetSnapshot fleet) =>
        fleet.Apps.Length > 0
        && fleet.Apps.All(app => app.Slots.All(slot => slot.Status == "online" || slot.EndedWell || (slot.Status == "stopped" && !app.Definition.Autostart)));

    /// <summary>A schedule starts what is stopped, and a change of watched files what has crashed.</summary>
    private static bool MayRun(AppView app) =>
        app.Rolling || app.Draining.Length > 0 || (!app.ScaledToZero && app.Definition.Upkeep is { Cron: not null } or { Watch.Enabled: true })
        || app.Slots.Any(slot => slot.Status is not ("stopped" or "errored"));

    private static int Code(SlotView slot)
    {
        if (slot.EndedWell)
            return 0;
        var code = slot.LastExitSignal is { } name && Signals.TryParse(name, out var signal) ? Signalled + signal : slot.LastExitCode ?? 0;
        // One that gave up has failed, however politely each of its tries ended.
        return code == 0 && slot.Status == "errored" ? 1 : code;
    }

    private static string How(SlotView slot) =>
        (slot.Status, slot.LastExitSignal, slot.LastExitCode) switch
        {
            ("errored", { } signal, _) => $"gave up after {signal}",
            ("errored", _, { } code) => $"gave up after exit code {code}",
            ("errored", _, _) => "could not be started",
            (_, { } signal, _) => $"ended by {signal}",
            (_, _, { } code) => $"ended with exit code {code}",
            _ => "was not started",
        };
}
