using System.Globalization;

namespace ZeroDown.Config;

/// <summary>Names of signals for <c>kill_signal</c>, with Linux's numbers for x64 and arm64 (signal(7)).</summary>
public static class Signals
{
    private static readonly (string Name, int Number)[] Known =
    [
        ("SIGHUP", 1), ("SIGINT", 2), ("SIGQUIT", 3), ("SIGABRT", 6), ("SIGKILL", 9), ("SIGUSR1", 10), ("SIGUSR2", 12),
        ("SIGPIPE", 13), ("SIGALRM", 14), ("SIGTERM", 15), ("SIGCONT", 18), ("SIGWINCH", 28), ("SIGPWR", 30),
    ];

    /// <summary>All names, SIGHUP first.</summary>
    public static IEnumerable<string> Names => Known.Select(s => s.Name);

    /// <summary><c>SIGTERM</c>, <c>term</c> and <c>15</c> give <c>SIGTERM</c>; null for what is no signal that could end a worker.</summary>
    public static string? Canonical(string text)
    {
        text = text.Trim().ToUpperInvariant();
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return Array.Find(Known, s => s.Number == number).Name;
        var name = text.StartsWith("SIG", StringComparison.Ordinal) ? text : "SIG" + text;
        return Array.Find(Known, s => s.Name == name).Name;
    }
}
