using System.Text;
using System.Text.Json;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Views;

/// <summary>
/// <c>zd list --json</c>: our own shape. <c>version</c> grows when a member changes its meaning or goes; new members may
/// come at any time. Environments are left out, so the output can be shown around.
/// </summary>
internal static class FleetJson
{
    public const int Version = 1;

    public static string Of(FleetSnapshot fleet)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteStartArray("apps");
            foreach (var app in fleet.Apps)
                Write(json, app);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private static void Write(Utf8JsonWriter json, AppView app)
    {
        json.WriteStartObject();
        json.WriteString("name", app.Definition.Name);
        json.WriteString("namespace", app.Definition.Namespace);
        json.WriteNumber("instances", app.ScaledToZero ? 0 : app.Definition.Instances);
        json.WriteString("mode", app.Definition.ExecMode);
        json.WriteString("script", app.Definition.Script);
        json.WriteString("cwd", app.Definition.WorkingDirectory);
        json.WriteNumber("generation", app.Generation);
        json.WriteBoolean("rolling", app.Rolling);
        if (app.FailedReload is { } failed)
            Write(json, "failedReload", failed);
        json.WriteStartArray("listeners");
        foreach (var listener in app.Listeners)
        {
            json.WriteStartObject();
            json.WriteString("name", listener.Name);
            json.WriteString("address", listener.BoundAddress ?? listener.Address);
            if (listener.Queue is { } queue)
                json.WriteNumber("queue", queue);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("slots");
        foreach (var slot in app.Slots)
            Write(json, slot);
        json.WriteEndArray();
        json.WriteStartArray("draining");
        foreach (var worker in app.Draining)
            Write(json, worker);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SlotView slot)
    {
        json.WriteStartObject();
        json.WriteNumber("slot", slot.Slot);
        json.WriteNumber("id", slot.PmId);
        json.WriteString("status", slot.Status);
        json.WriteNumber("restarts", slot.Restarts);
        json.WriteNumber("unstableRestarts", slot.UnstableRestarts);
        json.WriteNumber("createdAtMs", slot.CreatedAtMs);
        if (slot.LastExitCode is { } code)
            json.WriteNumber("lastExitCode", code);
        if (slot.LastExitSignal is { } signal)
            json.WriteString("lastExitSignal", signal);
        if (slot.LastFailure is { } failure)
            Write(json, "lastFailure", failure);
        json.WriteString("outLog", slot.OutLog);
        json.WriteString("errorLog", slot.ErrorLog);
        if (slot.Worker is { } worker)
        {
            json.WritePropertyName("worker");
            Write(json, worker);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, FailureView failure)
    {
        json.WriteStartObject(name);
        json.WriteString("reason", failure.Reason);
        json.WriteNumber("atMs", failure.AtMs);
        if (failure.Generation is { } generation)
            json.WriteNumber("generation", generation);
        json.WriteStartArray("lastWords");
        foreach (var line in failure.LastWords)
            json.WriteStringValue(line);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, WorkerView worker)
    {
        json.WriteStartObject();
        json.WriteNumber("pid", worker.Pid);
        json.WriteNumber("slot", worker.Slot);
        json.WriteNumber("generation", worker.Generation);
        json.WriteString("status", worker.Status);
        if (worker.Newcomer)
            json.WriteBoolean("newcomer", true);
        json.WriteNumber("startedAtMs", worker.StartedAtMs);
        json.WriteNumber("cpuPercent", worker.CpuPercent);
        json.WriteNumber("memoryBytes", worker.MemoryBytes);
        if (worker.Connections is { } connections)
            json.WriteNumber("connections", connections);
        if (worker.StatusText is { } text)
            json.WriteString("statusText", text);
        if (worker.OwnPort is { } port)
            json.WriteString("ownPort", port);
        json.WriteEndObject();
    }
}
