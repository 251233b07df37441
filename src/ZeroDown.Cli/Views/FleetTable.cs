using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Views;

/// <summary>
/// <c>zd list</c>: pm2's columns, one row per slot, and below them the old workers of a roll that still drain, which pm2
/// does not show. A narrow terminal gets fewer columns, as with pm2; <c>zd describe</c> has them all.
/// </summary>
internal static class FleetTable
{
    private const int LongestName = 40;

    public static Table Of(FleetSnapshot fleet, FleetOrder order, string user, DateTimeOffset now)
    {
        var table = new Table("id", "name", "namespace", "version", "mode", "pid", "uptime", "↺", "status", "cpu", "mem", "user", "watching")
        {
            StatusColumn = 8,
            Dispensable = ["watching", "user", "version", "namespace", "mode", "cpu", "mem"],
        };
        var rows = order.Rows(fleet);
        for (var index = 0; index < rows.Length; index++)
        {
            var (app, slot) = rows[index];
            table.Add(Row($"{slot.PmId}", app, slot.Worker, Number(slot.Restarts), slot.Status, user, now));
            // Old workers stand below the last row of their app.
            if (rows[(index + 1)..].Any(row => row.App == app))
                continue;
            foreach (var worker in app.Draining.OrderBy(worker => worker.PmId).ThenBy(worker => worker.Id))
                table.Add(Row($"_old_{worker.PmId}", app, worker, "-", DrainingStatus(worker), user, now));
        }

        foreach (var app in fleet.Apps.Where(app => app.Slots.Length == 0))
        {
            foreach (var worker in app.Draining)
                table.Add(Row($"_old_{worker.PmId}", app, worker, "-", DrainingStatus(worker), user, now));
        }

        return table;
    }

    /// <summary><c>-m</c>: pm2's short form, a heading per worker and its facts below.</summary>
    public static string Mini(FleetSnapshot fleet, FleetOrder order, DateTimeOffset now) => string.Concat(
        from row in order.Rows(fleet)
        let app = row.App
        let slot = row.Slot
        select $"""
            +--- {Name(app)}
            namespace : {Screen.Safe(app.Definition.Namespace)}
            version : {Version(app)}
            pid : {Number(slot.Worker?.Pid ?? 0)}
            pm2 id : {slot.PmId}
            status : {Screen.Safe(slot.Status)}
            mode : {Screen.Safe(app.Definition.ExecMode)}
            restarted : {slot.Restarts}
            uptime : {Uptime(slot.Worker, now)}
            memory usage : {Units.Memory(slot.Worker?.MemoryBytes ?? 0)}
            error log : {Screen.Safe(slot.ErrorLog)}
            watching : {(IsWatched(app) ? "yes" : "no")}

            """);

    private static string[] Row(string id, AppView app, WorkerView? worker, string restarts, string status, string user, DateTimeOffset now) =>
    [
        id,
        Name(app),
        Screen.Safe(app.Definition.Namespace),
        Version(app),
        Screen.Safe(app.Definition.ExecMode),
        Number(worker?.Pid ?? 0),
        Uptime(worker, now),
        restarts,
        Screen.Safe(status),
        Units.Percent(worker?.CpuPercent ?? 0),
        Units.Memory(worker?.MemoryBytes ?? 0),
        Screen.Safe(app.Definition.RunAs?.Name ?? user),
        IsWatched(app) ? "enabled" : "disabled",
    ];

    private static string Version(AppView app) => Screen.Safe(app.Definition.Version ?? "N/A");

    private static bool IsWatched(AppView app) => app.Definition.Upkeep?.Watch is { Enabled: true };

    private static string DrainingStatus(WorkerView worker) => worker.Connections switch
    {
        null => worker.Status,
        1 => $"{worker.Status} (1 connection)",
        var several => $"{worker.Status} ({several} connections)",
    };

    private static string Name(AppView app)
    {
        var name = Screen.Safe(app.Definition.Name);
        return name.Length <= LongestName ? name : string.Concat(name.AsSpan(0, LongestName - 1), "…");
    }

    private static string Uptime(WorkerView? worker, DateTimeOffset now) =>
        worker is null ? "0" : Units.Uptime(now - DateTimeOffset.FromUnixTimeMilliseconds(worker.StartedAtMs));

    private static string Number(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
