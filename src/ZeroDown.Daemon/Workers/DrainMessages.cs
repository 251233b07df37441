using System.Text.Json;
using System.Text.Json.Serialization;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// The words on <c>ZD_CHANNEL_FD</c>: newline-delimited JSON between the daemon and our library inside a worker. Frozen in
/// src/ZeroDown.AspNetCore/README.md; unknown messages are ignored on both sides.
/// </summary>
internal static class DrainMessages
{
    /// <summary>One line, with its line end.</summary>
    public static byte[] Drain(DrainOrder order)
    {
        var message = new ToWorker(new DrainWords(
            Why(order.Reason),
            (long)order.Idle.TotalMilliseconds,
            (long)order.Limit.TotalMilliseconds));
        return [.. JsonSerializer.SerializeToUtf8Bytes(message, DrainJson.Default.ToWorker), (byte)'\n'];
    }

    public static string Why(DrainReason reason) => reason switch
    {
        DrainReason.Reload => "reload",
        DrainReason.Scale => "scale",
        DrainReason.Stop => "stop",
        DrainReason.Restart => "restart",
        DrainReason.Delete => "delete",
        DrainReason.Shutdown => "shutdown",
        DrainReason.RollBack => "reload",
        DrainReason.Exited => "exit", // never told: nobody is left who could be
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };

    /// <summary>What a line from a worker says; null when it is no message that we know.</summary>
    public static FromWorker? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, DrainJson.Default.FromWorker);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

internal sealed record ToWorker(DrainWords Drain);

/// <param name="Why">reload, scale, stop, restart, delete, shutdown.</param>
/// <param name="IdleMs">How long idle connections may stay.</param>
/// <param name="DrainMs">How long requests in flight may go on.</param>
internal sealed record DrainWords(string Why, long IdleMs, long DrainMs);

/// <summary>Exactly one of them is set.</summary>
internal sealed record FromWorker(HelloWords? Hello, DrainingWords? Draining, DrainedWords? Drained);

internal sealed record HelloWords(string? Library, string? Version);

/// <param name="Requests">Requests in flight.</param>
/// <param name="Idle">Open connections without one.</param>
internal sealed record DrainingWords(int Requests, int Idle);

internal sealed record DrainedWords;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ToWorker))]
[JsonSerializable(typeof(FromWorker))]
internal sealed partial class DrainJson : JsonSerializerContext;
