using ZeroDown.Core.Supervision;
using ZeroDown.Keeper;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>Which launch failures may pass by themselves: a machine without memory, processes or descriptors to spare.</summary>
internal static class LaunchProblems
{
    public static bool IsTemporary(Errno errno) =>
        errno == Errno.ENOMEM || errno == Errno.EAGAIN || errno == Errno.EMFILE || errno == Errno.ENFILE;

    public static LaunchProblem From(KeeperEvent.LaunchFailed failed) => From(new LaunchFailure(failed.Step, failed.Errno, failed.Text));

    public static LaunchProblem From(LaunchFailure failure) =>
        new(failure.Step.ToString().ToLowerInvariant(), failure.Errno.Value, failure.Text, IsTemporary(failure.Errno));
}
