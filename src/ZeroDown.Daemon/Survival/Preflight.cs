using ZeroDown.Platform;
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
        try
        {
            if (File.Exists(home.State))
                _ = FleetCodec.Read(File.ReadAllBytes(home.State));
            return null;
        }
        catch (UnreadableStateException unreadable)
        {
            return $"zd {DaemonHost.Version} cannot read what the running daemon has written down ({home.State}): {unreadable.Message}";
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or SystemCallException)
        {
            // What cannot be read now says nothing about the program.
            return null;
        }
    }
}
