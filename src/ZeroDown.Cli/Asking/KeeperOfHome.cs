using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

/// <summary>The keeper, seen from outside: who has no daemon to ask can still see whether somebody is there who will bring one, and what may keep him from it.</summary>
internal static class KeeperOfHome
{
    /// <summary>Its pid, if it lives: its number may be somebody else's by now.</summary>
    public static int? Pid(HomeFolder home)
    {
        var pid = InstanceLock.ReadHolder(home.KeeperLock);
        if (pid <= 0 || ProcessIdentity.Of(pid)?.IsAlive() != true)
            return null;
        var words = ProcessWords.Of(pid);
        return !OperatingSystem.IsLinux() || (words.Contains("keeper") && words.Contains(home.Path)) ? pid : null;
    }

    /// <summary>As far as it can be seen, and what to do about it; the middle of a sentence.</summary>
    public static string WhyNoDaemon(HomeFolder home)
    {
        if (home.WhyNotWritable() is { } problem)
            return $"nothing can be written in that folder ({problem}), and as soon as something can, one comes by itself";
        if (Pid(home) is { } keeper && RunningProgram.IsReplaced(keeper) == true)
        {
            return $"the program that the keeper was started from, {RunningProgram.PathOf(keeper)}, was removed or replaced, and {home.KeeperLog} says whether that is why. "
                + $"Put back, it brings one by itself; or end the keeper (kill -9 {keeper}), and `zd list` finds its workers again";
        }

        return $"{home.KeeperLog} and {home.DaemonLog} may say why";
    }
}
