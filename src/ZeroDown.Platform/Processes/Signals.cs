using System.Globalization;

namespace ZeroDown.Platform;

/// <summary>Names and numbers of signals, of this system.</summary>
public static class Signals
{
    private static readonly (string Name, int Linux, int Mac)[] Table =
    [
        ("SIGHUP", 1, 1), ("SIGINT", 2, 2), ("SIGQUIT", 3, 3), ("SIGILL", 4, 4), ("SIGTRAP", 5, 5), ("SIGABRT", 6, 6), ("SIGBUS", 7, 10), ("SIGFPE", 8, 8),
        ("SIGKILL", 9, 9), ("SIGUSR1", 10, 30), ("SIGSEGV", 11, 11), ("SIGUSR2", 12, 31), ("SIGPIPE", 13, 13), ("SIGALRM", 14, 14), ("SIGTERM", 15, 15),
        ("SIGSTKFLT", 16, 0), ("SIGCHLD", 17, 20), ("SIGCONT", 18, 19), ("SIGSTOP", 19, 17), ("SIGTSTP", 20, 18), ("SIGTTIN", 21, 21), ("SIGTTOU", 22, 22),
        ("SIGURG", 23, 16), ("SIGXCPU", 24, 24), ("SIGXFSZ", 25, 25), ("SIGVTALRM", 26, 26), ("SIGPROF", 27, 27), ("SIGWINCH", 28, 28), ("SIGIO", 29, 23),
        ("SIGPWR", 30, 0), ("SIGSYS", 31, 12),
    ];

    public static int Terminate => 15;

    public static int Interrupt => 2;

    public static int Kill => 9;

    /// <summary>All names ("SIGTERM") with their numbers here.</summary>
    public static IEnumerable<(string Name, int Number)> All =>
        Table.Select(row => (row.Name, Number: OperatingSystem.IsMacOS() ? row.Mac : row.Linux)).Where(row => row.Number != 0);

    /// <summary>Reads "SIGTERM", "TERM", "term" or "15".</summary>
    /// <returns>False for a name that this system does not have, and for numbers that are no signal.</returns>
    public static bool TryParse(string text, out int signal)
    {
        var wanted = text.Trim();
        if (int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out signal))
        {
            return signal is >= 1 and <= 64;
        }

        foreach (var (name, number) in All)
        {
            if (name.Equals(wanted, StringComparison.OrdinalIgnoreCase) || name.AsSpan(3).Equals(wanted, StringComparison.OrdinalIgnoreCase))
            {
                signal = number;
                return true;
            }
        }

        signal = 0;
        return false;
    }

    /// <summary>"SIGTERM" for 15; "signal 34" for one without a name.</summary>
    public static string NameOf(int signal)
    {
        foreach (var (name, number) in All)
        {
            if (number == signal)
            {
                return name;
            }
        }

        return $"signal {signal}";
    }
}
