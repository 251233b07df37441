using ZeroDown.Keeper;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// Numbers by which the keeper knows signals. One that we send for reasons of our own is named after what it is: ordered again by a daemon that
/// does not know whether the one before it came to that, it is delivered once. A user's is a new one each time.
/// </summary>
internal static class SignalIds
{
    /// <summary>Above every signal's number. What <see cref="Relayed"/> counts from is far above both.</summary>
    private const int ForGroups = 1000;

    public static long Of(int signal, SignalScope scope) => scope == SignalScope.Group ? ForGroups + signal : signal;

    /// <param name="order">A number that rises across the daemons of one boot.</param>
    public static long Relayed(long order) => order;
}
