using System.Globalization;

namespace ZeroDown.Cli.Views;

/// <summary>Times and sizes as pm2 shows them.</summary>
internal static class Units
{
    /// <summary>One unit: <c>12s 5m 3h 2D 1M 1Y</c>.</summary>
    public static string Uptime(TimeSpan time) => time switch
    {
        { TotalSeconds: < 0 } => "0s",
        { TotalMinutes: < 1 } => $"{(int)time.TotalSeconds}s",
        { TotalHours: < 1 } => $"{(int)time.TotalMinutes}m",
        { TotalDays: < 1 } => $"{(int)time.TotalHours}h",
        { TotalDays: < 30 } => $"{(int)time.TotalDays}D",
        { TotalDays: < 365 } => $"{(int)(time.TotalDays / 30)}M",
        _ => $"{(int)(time.TotalDays / 365)}Y",
    };

    /// <summary>One decimal, lower case, 1024-based: <c>12.3mb</c>.</summary>
    public static string Memory(long bytes) => bytes switch
    {
        < 1024 => $"{bytes}b",
        < 1024 * 1024 => Decimal(bytes / 1024.0, "kb"),
        < 1024L * 1024 * 1024 => Decimal(bytes / (1024.0 * 1024), "mb"),
        _ => Decimal(bytes / (1024.0 * 1024 * 1024), "gb"),
    };

    public static string Percent(double percent) => percent.ToString("0.#", CultureInfo.InvariantCulture) + "%";

    /// <summary>Milliseconds as a person would write them: <c>500 ms</c>, <c>30 s</c>, <c>5 min</c>.</summary>
    public static string Duration(long milliseconds) => milliseconds switch
    {
        < 1000 => $"{milliseconds} ms",
        < 120_000 => Decimal(milliseconds / 1000.0, " s"),
        _ => Decimal(milliseconds / 60_000.0, " min"),
    };

    private static string Decimal(double value, string unit) => value.ToString("0.#", CultureInfo.InvariantCulture) + unit;
}
