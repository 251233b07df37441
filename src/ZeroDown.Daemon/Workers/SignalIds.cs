using ZeroDown.Core.Supervision;
using ZeroDown.Keeper;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// Numbers by which the keeper knows the signals of one worker. Each is named after what it is: ordered again by a daemon that does not know
/// whether the one before it came to that, it is delivered once.
/// </summary>
internal static class SignalIds
{
    private const int ForGroups = 1000;
    private const int ForUsers = 10_000;

    /// <summary>One that we send for reasons of our own; each of them once.</summary>
    public static long Of(int signal, SignalScope scope) => scope == SignalScope.Group ? ForGroups + signal : signal;

    /// <summary>A user's own, once per command.</summary>
    public static long Relayed(RequestId request) => ForUsers + request.Number;
}
