using System.Text.Json;
using System.Text.Json.Serialization;

namespace LoadClient;

/// <summary>The result as one JSON object, for scripts.</summary>
internal sealed record ResultJson(
    long Requests,
    long Failed,
    Dictionary<string, long> Failures,
    Dictionary<string, long> ByPid,
    Dictionary<string, long> ByGeneration,
    long Connections,
    long RefusedByGoAway,
    double Seconds,
    double PerSecond,
    double MedianMs,
    double SlowestMs,
    string[] Examples)
{
    public static string Of(LoadResult result) => JsonSerializer.Serialize(
        new ResultJson(
            result.Requests,
            result.Failed,
            result.Failures.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value),
            result.ByPid.ToDictionary(pair => $"{pair.Key}", pair => pair.Value),
            result.ByGeneration.ToDictionary(pair => $"{pair.Key}", pair => pair.Value),
            result.Connections,
            result.RefusedByGoAway,
            result.Duration.TotalSeconds,
            result.PerSecond,
            result.Median.TotalMilliseconds,
            result.Slowest.TotalMilliseconds,
            [.. result.Examples.Select(example => example.ToString())]),
        ResultJsonContext.Default.ResultJson);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ResultJson))]
internal sealed partial class ResultJsonContext : JsonSerializerContext;
