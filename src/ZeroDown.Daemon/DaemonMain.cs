using ZeroDown.Daemon.Survival;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon;

/// <summary>What <c>zd daemon --home HOME</c> does; started by the keeper only; and <c>--preflight</c>, which `zd update` asks first.</summary>
public static class DaemonMain
{
    /// <returns>0 after an ordered end, 1 when it could not start, 70 after a defect of its own.</returns>
    public static int Run(string[] args)
    {
        if (args is ["--preflight", "--home", var asked])
            return Preflight.Run(new HomeFolder(asked));
        if (args is not ["--home", var home])
        {
            Console.Error.WriteLine("zd daemon is started by the keeper; use `zd start`");
            return 2;
        }

        using var host = new DaemonHost(new HomeFolder(home));
        return host.Run();
    }
}
