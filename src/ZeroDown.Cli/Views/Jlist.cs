using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Views;

/// <summary>
/// <c>zd jlist</c>: the array that programs written for pm2 read. Every field that they are known to read is there, with pm2's
/// spelling, type and unit; <c>tests/ZeroDown.Tests/Cli/pm2-jlist.json</c> holds what a real pm2 7 writes. As in pm2 the environment
/// stands in <c>pm2_env.env</c> and once more in <c>pm2_env</c> itself; but where pm2 lets a variable called <c>status</c> replace the
/// worker's, here the worker's own field stays.
/// </summary>
internal static class Jlist
{
    public static string Of(FleetSnapshot fleet, string user)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var row in Rows(fleet, user))
                row.WriteTo(json);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    /// <summary>The same in JavaScript's notation, as pm2's prettylist prints it.</summary>
    public static string Pretty(FleetSnapshot fleet, string user) => JavaScriptText.Of(new JsonArray([.. Rows(fleet, user)]));

    private static IEnumerable<JsonNode> Rows(FleetSnapshot fleet, string user) =>
        fleet.Apps.SelectMany(app => app.Slots.Select(slot => (app, slot))).OrderBy(row => row.slot.PmId).Select(row => Row(fleet, row.app, row.slot, user));

    private static JsonObject Row(FleetSnapshot fleet, AppView app, SlotView slot, string user) => new()
    {
        ["pid"] = slot.Worker?.Pid ?? 0,
        ["name"] = app.Definition.Name,
        ["pm2_env"] = Details(fleet, app, slot, user),
        ["pm_id"] = slot.PmId,
        ["monit"] = new JsonObject
        {
            ["memory"] = slot.Worker?.MemoryBytes ?? 0,
            ["cpu"] = Math.Round(slot.Worker?.CpuPercent ?? 0, 1),
        },
    };

    private static JsonObject Details(FleetSnapshot fleet, AppView app, SlotView slot, string user)
    {
        var details = new JsonObject();
        AddState(details, fleet, app, slot);
        AddProgram(details, app, user);
        AddFiles(details, app.Definition, slot);
        AddRules(details, app.Definition);
        AddUnused(details);
        var environment = SlotEnvironment.Of(app.Definition, slot.Slot);
        details["env"] = Words(environment);
        foreach (var (name, value) in environment)
        {
            if (!details.ContainsKey(name))
                details[name] = value;
        }

        return details;
    }

    private static void AddState(JsonObject details, FleetSnapshot fleet, AppView app, SlotView slot)
    {
        details["status"] = slot.Status;
        details["pm_id"] = slot.PmId;
        details["name"] = app.Definition.Name;
        details["namespace"] = app.Definition.Namespace;
        details["version"] = app.Definition.Version ?? "N/A";
        details["pm_uptime"] = slot.Worker?.StartedAtMs ?? slot.CreatedAtMs;
        details["created_at"] = slot.CreatedAtMs;
        details["restart_time"] = slot.Restarts;
        details["unstable_restarts"] = slot.UnstableRestarts;
        details["prev_restart_delay"] = slot.PreviousBackoffMs ?? 0;
        if (slot.LastExitCode is { } code)
            details["exit_code"] = code;
        details["unique_id"] = slot.Worker?.UniqueId ?? $"0-{slot.PmId:x}-0";
        details[app.Definition.InstanceVariable] = slot.Slot;
        details["generation"] = slot.Worker?.Generation ?? app.Generation;
        details["_pm2_version"] = fleet.Daemon.Version;
    }

    private static void AddProgram(JsonObject details, AppView app, string user)
    {
        var definition = app.Definition;
        details["exec_mode"] = $"{definition.ExecMode}_mode";
        details["instances"] = app.ScaledToZero ? 0 : definition.Instances;
        details["instance_var"] = definition.InstanceVariable;
        if (definition.IncrementVariable is { } increment)
            details["increment_var"] = increment;
        details["exec_interpreter"] = definition.Interpreter;
        if (definition.NodeVersion is { } node)
            details["node_version"] = node;
        details["pm_exec_path"] = definition.Script;
        details["pm_cwd"] = definition.WorkingDirectory;
        details["args"] = Words(definition.ScriptArguments);
        details["node_args"] = Words(definition.InterpreterArguments);
        details["username"] = user;
    }

    private static void AddFiles(JsonObject details, AppDefinition definition, SlotView slot)
    {
        details["pm_out_log_path"] = slot.OutLog;
        details["pm_err_log_path"] = slot.ErrorLog;
        if (slot.CombinedLog is { } combined)
            details["pm_log_path"] = combined;
        details["pm_pid_path"] = slot.PidFile;
        details["merge_logs"] = definition.MergeLogs;
        if (definition.LogDateFormat is { } format)
            details["log_date_format"] = format;
        if (definition.JsonLogs)
            details["log_type"] = "json";
        if (definition.DisableLogs)
            details["disable_logs"] = true;
    }

    private static void AddRules(JsonObject details, AppDefinition definition)
    {
        var upkeep = definition.Upkeep;
        details["watch"] = upkeep?.Watch switch
        {
            { Enabled: true } given when given.Paths is not [var single] || single != definition.WorkingDirectory => Words(given.Paths),
            { Enabled: true } => true,
            _ => false,
        };
        if (upkeep?.Watch is { } watch)
        {
            details["ignore_watch"] = Words(watch.Ignore);
            details["watch_delay"] = watch.DelayMs;
        }

        if (upkeep?.Cron is { } cron)
            details["cron_restart"] = cron;
        if (upkeep?.MaxMemoryBytes is { } memory)
            details["max_memory_restart"] = memory;
        if (definition.PostUpdate.Length > 0)
            details["post_update"] = Words(definition.PostUpdate);
        details["treekill"] = definition.WholeTree;
        details["shutdown_with_message"] = definition.StopByMessage;
        details["autostart"] = definition.Autostart;
        details["autorestart"] = definition.Autorestart;
        details["max_restarts"] = definition.MaxRestarts;
        details["min_uptime"] = definition.MinUptimeMs;
        details["restart_delay"] = definition.RestartDelayMs;
        if (definition.BackoffDelayMs is { } backoff)
            details["exp_backoff_restart_delay"] = backoff;
        details["stop_exit_codes"] = Numbers(definition.StopExitCodes);
        details["kill_timeout"] = definition.KillTimeoutMs;
        details["listen_timeout"] = definition.ListenTimeoutMs;
        if (definition.MinReadyMs is { } minReady)
            details["min_ready"] = minReady;
        details["drain_timeout"] = definition.DrainTimeoutMs;
        details["wait_ready"] = definition.ReadySign is "spoken" or "spokenStrict";
    }

    /// <summary>Things of pm2 that zd has not, or always does; readers expect the members.</summary>
    private static void AddUnused(JsonObject details)
    {
        details["kill_retry_time"] = 100;
        details["axm_actions"] = new JsonArray();
        details["axm_monitor"] = new JsonObject();
        details["axm_options"] = new JsonObject();
        details["axm_dynamic"] = new JsonObject();
        details["versioning"] = null;
        details["km_link"] = false;
        details["vizion"] = false;
        details["vizion_running"] = false;
        details["pmx"] = false;
        details["automation"] = false;
        details["windowsHide"] = true;
    }

    // As nodes: a collection expression would take JsonArray.Add<T>, which needs code that is made at run time.
    private static JsonArray Words(string[] items) => new([.. items.Select(JsonNode? (item) => JsonValue.Create(item))]);

    private static JsonArray Numbers(int[] items) => new([.. items.Select(JsonNode? (item) => JsonValue.Create(item))]);

    private static JsonObject Words(IEnumerable<KeyValuePair<string, string>> items)
    {
        var words = new JsonObject();
        foreach (var (name, value) in items)
            words[name] = value;
        return words;
    }
}
