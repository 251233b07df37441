using System.Text.Json;
using System.Text.Json.Serialization;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// What lies with the keeper about each worker from its launch on, opaque to it and never changed: whose worker it is, for people and for
/// a daemon that finds it and nothing else, and where its output goes. What it does now stands in the fleet's record.
/// </summary>
internal sealed record WorkerNote
{
    public int Version { get; init; } = 2;

    public int Generation { get; init; }

    public required OutputCourse Output { get; init; }

    /// <summary>The signal that asks it to end.</summary>
    public required string StopSignal { get; init; }

    [JsonIgnore]
    public string Name => $"{Output.App}:{Output.PmId}";

    public static byte[] Of(LaunchWorker order, OutputCourse output) => JsonSerializer.SerializeToUtf8Bytes(
        new WorkerNote { Generation = order.Generation, Output = output, StopSignal = order.Spec.Stop.Signal }, WorkerNoteJson.Default.WorkerNote);

    /// <summary>Null when another version wrote it in words of its own.</summary>
    public static WorkerNote? Read(ReadOnlySpan<byte> note)
    {
        try
        {
            return JsonSerializer.Deserialize(note, WorkerNoteJson.Default.WorkerNote);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(WorkerNote))]
internal sealed partial class WorkerNoteJson : JsonSerializerContext;
