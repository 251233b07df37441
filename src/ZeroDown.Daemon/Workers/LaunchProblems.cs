using ZeroDown.Core.Supervision;
using ZeroDown.Keeper;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>Which launch failures may pass by themselves: a machine without memory, processes or descriptors to spare, a home folder without room or in which nothing can be made just now.</summary>
internal static class LaunchProblems
{
    public static bool IsTemporary(Errno errno) =>
        errno == Errno.ENOMEM || errno == Errno.EAGAIN || errno == Errno.EMFILE || errno == Errno.ENFILE
        || errno == Errno.ENOSPC || errno == Errno.EDQUOT || errno == Errno.EROFS;

    /// <summary>What we ourselves could not make for the worker.</summary>
    public static LaunchProblem From(Exception problem)
    {
        var errno = ErrnoOf(problem);
        return new LaunchProblem("prepare", errno.Value, problem.Message, IsTemporary(errno));
    }

    /// <summary>The same of a daemon that could not start.</summary>
    public static bool IsTemporary(Exception problem) => IsTemporary(ErrnoOf(problem));

    /// <remarks>.NET keeps the errno of a file that could not be made in HResult.</remarks>
    private static Errno ErrnoOf(Exception problem) =>
        problem is SystemCallException failed ? failed.Errno : problem is IOException { HResult: > 0 and var number } ? new Errno(number) : Errno.None;

    public static LaunchProblem From(KeeperEvent.LaunchFailed failed) => From(new LaunchFailure(failed.Step, failed.Errno, failed.Text));

    public static LaunchProblem From(LaunchFailure failure) =>
        new(failure.Step.ToString().ToLowerInvariant(), failure.Errno.Value, failure.Text, IsTemporary(failure.Errno)) { Permanent = failure.Errno == Errno.ENOEXEC };
}
