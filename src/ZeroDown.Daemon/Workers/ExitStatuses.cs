using ZeroDown.Core.Supervision;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Daemon.Workers;

/// <summary>How a process ended, in the core's words.</summary>
internal static class ExitStatuses
{
    public static ExitStatus Of(ChildExit exit) =>
        exit.IsUnknown ? ExitStatus.Unknown
        : exit.Signal is { } signal ? new ExitStatus(0, Signals.NameOf(signal), exit.CoreDumped)
        : new ExitStatus(exit.ExitCode ?? 0);
}
