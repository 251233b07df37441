namespace ZeroDown.Cli;

internal static class Versions
{
    /// <summary>Of this zd: <c>0.1.0</c>.</summary>
    public static string Zd { get; } = typeof(Versions).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
