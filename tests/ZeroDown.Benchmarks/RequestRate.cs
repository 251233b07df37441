using System.Globalization;
using LoadClient;

namespace ZeroDown.Benchmarks;

/// <summary>Requests per second that an address answers: by wrk when it is installed, else by LoadClient.</summary>
internal static class RequestRate
{
    private const int Connections = 50;

    public static string Tool { get; } = Commands.Find("wrk") is null ? "LoadClient" : "wrk";

    public static async Task<double> OfAsync(Uri url, int seconds)
    {
        if (Commands.Find("wrk") is not { } wrk)
        {
            await using var load = LoadRun.Start(new LoadPlan(url) { KeepAlive = Connections });
            await Task.Delay(TimeSpan.FromSeconds(seconds));
            return (await load.StopAsync()).PerSecond;
        }

        var (output, _) = await Commands.RunAsync(wrk, ["-t1", $"-c{Connections}", $"-d{seconds}s", url.ToString()]);
        if (output.Contains("Socket errors", StringComparison.Ordinal) || output.Contains("Non-2xx", StringComparison.Ordinal))
            throw new InvalidOperationException($"requests failed: {output}");
        var line = output.Split('\n').First(line => line.StartsWith("Requests/sec:", StringComparison.Ordinal));
        return double.Parse(line["Requests/sec:".Length..], CultureInfo.InvariantCulture);
    }
}
