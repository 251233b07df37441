using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Survival;

/// <summary>
/// Before an update the new program is asked, while the old one still runs: does it start on this machine at all, and can it read what the old one has written down?
/// </summary>
internal static class Preflight
{
    /// <returns>0 and the version on stdout, or 1 and why not on stderr.</returns>
    public static int Run(HomeFolder home)
    {
        if (WhyNot(home) is { } problem)
        {
            Console.Error.WriteLine(problem);
            return 1;
        }

        Console.Out.WriteLine(DaemonHost.Version);
        return 0;
    }

    private static string? WhyNot(HomeFolder home)
    {
        var found = new StateFile(home).Read(setAside: false);
        return found.Problems.IsEmpty ? null : $"zd {DaemonHost.Version} cannot read what the running daemon has written down: {string.Join("; ", found.Problems)}";
    }
}
