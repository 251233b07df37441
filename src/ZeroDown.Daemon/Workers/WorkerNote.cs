using System.Text.Json;
using System.Text.Json.Serialization;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// What a daemon leaves with the keeper about each worker, so that its successor can go on where it stopped: whose worker it
/// is and where it stands. Opaque to the keeper; replaced before anything is done outwards.
/// </summary>
internal sealed record WorkerNote
{
    public int Version { get; init; } = 1;

    public required string App { get; init; }

    public int Slot { get; init; }

    public int PmId { get; init; }

    public int Generation { get; init; }

    /// <summary>Name of the <see cref="WorkerPhase"/>.</summary>
    public required string Phase { get; init; }

    public int Pid { get; init; }

    /// <summary>CLOCK_MONOTONIC, milliseconds.</summary>
    public long LaunchedAtMs { get; init; }

    public long? ReadyAtMs { get; init; }

    public bool HasChannel { get; init; }

    /// <summary>Name of the <see cref="DrainReason"/>, when it was told to leave.</summary>
    public string? Leaving { get; init; }

    public static byte[] Of(LaunchWorker order, FleetState fleet)
    {
        var worker = fleet.Find(order.Spec.Name)?.Workers.GetValueOrDefault(order.Worker.Number);
        var note = new WorkerNote
        {
            App = order.Spec.Name.Value,
            Slot = order.Slot,
            PmId = order.PmId,
            Generation = order.Generation,
            Phase = (worker?.Phase ?? WorkerPhase.Starting).ToString(),
            Pid = worker?.Pid ?? 0,
            LaunchedAtMs = (long)(worker?.LaunchedAt.TotalMilliseconds ?? 0),
            ReadyAtMs = (long?)worker?.ReadyAt?.TotalMilliseconds,
            HasChannel = worker?.HasChannel ?? false,
            Leaving = worker?.Leaving?.ToString(),
        };
        return JsonSerializer.SerializeToUtf8Bytes(note, WorkerNoteJson.Default.WorkerNote);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(WorkerNote))]
internal sealed partial class WorkerNoteJson : JsonSerializerContext;
