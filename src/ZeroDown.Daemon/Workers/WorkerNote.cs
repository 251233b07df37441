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
    /// <summary>The keeper takes no longer ones.</summary>
    private const int Longest = 16 * 1024;

    public int Version { get; init; } = 2;

    public required string Name { get; init; }

    public int Generation { get; init; }

    /// <summary>The signal that asks it to end.</summary>
    public required string StopSignal { get; init; }

    /// <summary>Null when its paths are too long for a note.</summary>
    public OutputCourse? Output { get; init; }

    public static byte[] Of(LaunchWorker order, OutputCourse output)
    {
        var note = new WorkerNote
        {
            Name = $"{order.Spec.Name}:{order.PmId}",
            Generation = order.Generation,
            StopSignal = order.Spec.Stop.Signal,
            Output = output,
        };
        var bytes = Bytes(note);
        return bytes.Length <= Longest ? bytes : Bytes(note with { Output = null });
    }

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

    private static byte[] Bytes(WorkerNote note) => JsonSerializer.SerializeToUtf8Bytes(note, WorkerNoteJson.Default.WorkerNote);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(WorkerNote))]
internal sealed partial class WorkerNoteJson : JsonSerializerContext;
