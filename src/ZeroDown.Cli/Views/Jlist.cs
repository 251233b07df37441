using System.Text;
using System.Text.Json;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Views;

/// <summary>
/// <c>zd jlist</c>: the array that programs written for pm2 read. Every field that they are known to read is there, with
/// pm2's spelling and units. One thing differs: the environment stands in <c>pm2_env.env</c> only. pm2 also spreads it
/// over <c>pm2_env</c> itself, where a variable called <c>status</c> would replace the worker's.
/// </summary>
internal static class Jlist
{
    public static string Of(FleetSnapshot fleet, HomeFolder home, string user, bool indented)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = indented }))
        {
            json.WriteStartArray();
            foreach (var (app, slot) in fleet.Apps.SelectMany(app => app.Slots.Select(slot => (app, slot))).OrderBy(row => row.slot.PmId))
                Write(json, fleet, app, slot, home, user);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static void Write(Utf8JsonWriter json, FleetSnapshot fleet, AppView app, SlotView slot, HomeFolder home, string user)
    {
        var definition = app.Definition;
        json.WriteStartObject();
        json.WriteNumber("pid", slot.Worker?.Pid ?? 0);
        json.WriteString("name", definition.Name);
        json.WriteStartObject("pm2_env");
        WriteState(json, fleet, app, slot);
        WriteProgram(json, definition, user);
        WriteFiles(json, definition, slot, home);
        WriteRules(json, definition);
        WriteUnused(json);
        json.WriteStartObject("env");
        foreach (var (name, value) in definition.Environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteNumber("pm_id", slot.PmId);
        json.WriteStartObject("monit");
        json.WriteNumber("memory", slot.Worker?.MemoryBytes ?? 0);
        json.WriteNumber("cpu", Math.Round(slot.Worker?.CpuPercent ?? 0, 1));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteState(Utf8JsonWriter json, FleetSnapshot fleet, AppView app, SlotView slot)
    {
        json.WriteString("status", slot.Status);
        json.WriteNumber("pm_id", slot.PmId);
        json.WriteString("name", app.Definition.Name);
        json.WriteString("namespace", app.Definition.Namespace);
        json.WriteString("version", "N/A");
        json.WriteNumber("pm_uptime", slot.Worker?.StartedAtMs ?? slot.CreatedAtMs);
        json.WriteNumber("created_at", slot.CreatedAtMs);
        json.WriteNumber("restart_time", slot.Restarts);
        json.WriteNumber("unstable_restarts", slot.UnstableRestarts);
        json.WriteNumber("prev_restart_delay", slot.PreviousBackoffMs ?? 0);
        if (slot.LastExitCode is { } code)
            json.WriteNumber("exit_code", code);
        json.WriteString("unique_id", $"{fleet.Daemon.StartedAtMs:x}-{slot.PmId:x}-{slot.Worker?.Id ?? 0:x}");
        json.WriteNumber("NODE_APP_INSTANCE", slot.Slot);
        json.WriteNumber("generation", slot.Worker?.Generation ?? app.Generation);
        json.WriteString("_pm2_version", fleet.Daemon.Version);
    }

    private static void WriteProgram(Utf8JsonWriter json, AppDefinition definition, string user)
    {
        json.WriteString("exec_mode", $"{definition.ExecMode}_mode");
        json.WriteNumber("instances", definition.Instances);
        json.WriteString("exec_interpreter", definition.Interpreter);
        json.WriteNull("node_version");
        json.WriteString("pm_exec_path", definition.Script);
        json.WriteString("pm_cwd", definition.WorkingDirectory);
        WriteArray(json, "args", definition.ScriptArguments);
        WriteArray(json, "node_args", definition.InterpreterArguments);
        json.WriteString("username", user);
    }

    private static void WriteFiles(Utf8JsonWriter json, AppDefinition definition, SlotView slot, HomeFolder home)
    {
        json.WriteString("pm_out_log_path", slot.OutLog);
        json.WriteString("pm_err_log_path", slot.ErrorLog);
        json.WriteString("pm_pid_path", Path.Combine(home.Pids, $"{definition.Name}-{slot.PmId}.pid"));
        json.WriteBoolean("merge_logs", definition.MergeLogs);
    }

    private static void WriteRules(Utf8JsonWriter json, AppDefinition definition)
    {
        json.WriteBoolean("watch", false);
        json.WriteBoolean("autostart", definition.Autostart);
        json.WriteBoolean("autorestart", definition.Autorestart);
        json.WriteNumber("max_restarts", definition.MaxRestarts);
        json.WriteNumber("min_uptime", definition.MinUptimeMs);
        json.WriteNumber("restart_delay", definition.RestartDelayMs);
        if (definition.BackoffDelayMs is { } backoff)
            json.WriteNumber("exp_backoff_restart_delay", backoff);
        json.WriteStartArray("stop_exit_codes");
        foreach (var code in definition.StopExitCodes)
            json.WriteNumberValue(code);
        json.WriteEndArray();
        json.WriteNumber("kill_timeout", definition.KillTimeoutMs);
        json.WriteNumber("listen_timeout", definition.ListenTimeoutMs);
        json.WriteNumber("drain_timeout", definition.DrainTimeoutMs);
        json.WriteBoolean("wait_ready", definition.ReadySign is "spoken" or "spokenStrict");
        json.WriteBoolean("treekill", true);
    }

    /// <summary>Things of pm2 that zd has not; readers expect the members.</summary>
    private static void WriteUnused(Utf8JsonWriter json)
    {
        json.WriteStartArray("axm_actions");
        json.WriteEndArray();
        json.WriteStartObject("axm_monitor");
        json.WriteEndObject();
        json.WriteStartObject("axm_options");
        json.WriteEndObject();
        json.WriteStartObject("axm_dynamic");
        json.WriteEndObject();
        json.WriteNull("versioning");
        json.WriteBoolean("km_link", false);
        json.WriteBoolean("vizion_running", false);
    }

    private static void WriteArray(Utf8JsonWriter json, string name, string[] items)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
            json.WriteStringValue(item);
        json.WriteEndArray();
    }
}
