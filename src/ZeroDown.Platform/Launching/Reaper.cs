namespace ZeroDown.Platform.Launching;

/// <summary>Learning that a child has ended, and giving its pid back to the system: two steps, so that whoever still wants to signal it can do so in between.</summary>
/// <remarks>
/// A dead child that nobody has waited for (a zombie) keeps its pid, and while it is a group leader, its group's number. After the reaping both may belong to a
/// stranger. So: look with WNOWAIT, do what has to be done to pid and group, then reap.
/// </remarks>
internal static unsafe class Reaper
{
    private const int SiginfoSize = 128;
    private const int RusageSize = 144;

    /// <summary>Waits until some child (or, for a subreaper or pid 1, some adopted orphan) has ended; it stays unreaped.</summary>
    /// <returns>False if there are no children at all.</returns>
    internal static bool WaitForAny() => Look(LaunchConstants.WEXITED | LaunchConstants.WNOWAIT, out _);

    /// <summary>The same without waiting.</summary>
    /// <param name="pid">Whose; only meaningful if the answer is true.</param>
    /// <returns>False if none has ended.</returns>
    internal static bool TryFindEnded(out int pid) => Look(LaunchConstants.WEXITED | LaunchConstants.WNOWAIT | LaunchConstants.WNOHANG, out pid) && pid != 0;

    /// <summary>Takes the child off the process table. It must have ended.</summary>
    internal static ChildExit Reap(int pid)
    {
        int status;
        var usage = stackalloc byte[RusageSize];
        int reaped;
        while ((reaped = Interop.Wait4(pid, &status, 0, usage)) < 0 && Errno.Last == Errno.EINTR)
        {
        }

        return reaped == pid ? Describe(status, usage) : throw SystemCallException.FromLast($"wait4({pid})");
    }

    private static bool Look(int options, out int pid)
    {
        var info = stackalloc byte[SiginfoSize];
        int result;
        do
        {
            // With WNOHANG and nothing to tell, the kernel leaves the buffer as it is.
            new Span<byte>(info, SiginfoSize).Clear();
            result = Interop.WaitId(LaunchConstants.P_ALL, 0, info, options);
        }
        while (result != 0 && Errno.Last == Errno.EINTR);

        pid = *(int*)(info + LaunchConstants.SiginfoPidOffset);
        return result == 0 || (Errno.Last == Errno.ECHILD ? false : throw SystemCallException.FromLast("waitid"));
    }

    /// <summary>ru_maxrss is KiB on Linux, bytes on macOS.</summary>
    private static ChildExit Describe(int status, byte* usage) => ChildExit.FromStatus(status) with
    {
        MaxRssBytes = *(long*)(usage + 32) * (OperatingSystem.IsMacOS() ? 1 : 1024),
        UserTime = ToTime(usage),
        SystemTime = ToTime(usage + 16),
    };

    /// <summary>A struct timeval: seconds, and microseconds in 64 bits on Linux, 32 on macOS.</summary>
    private static TimeSpan ToTime(byte* timeval) =>
        TimeSpan.FromSeconds(*(long*)timeval) + TimeSpan.FromMicroseconds(*(int*)(timeval + 8));
}
