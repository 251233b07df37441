using System.Globalization;

namespace ZeroDown.Platform.Launching;

/// <summary>Which of our descriptors survive an exec.</summary>
internal static class OpenFds
{
    /// <summary>Marks every descriptor close-on-exec but those named; closing them would pull them from under the runtime's feet.</summary>
    /// <param name="kept">Ascending.</param>
    internal static void CloseOnExecAllBut(IReadOnlyList<int> kept)
    {
        var from = 0;
        foreach (var number in kept)
        {
            Mark(from, number - 1);
            from = number + 1;
        }

        Mark(from, int.MaxValue);
    }

    private static void Mark(int first, int last)
    {
        // CLOSE_RANGE_CLOEXEC came with Linux 5.11: ENOSYS or EINVAL before.
        if (first <= last &&
            !(OperatingSystem.IsLinux() && Interop.Syscall(LaunchConstants.SYS_close_range, first, last, LaunchConstants.CLOSE_RANGE_CLOEXEC, 0) == 0))
        {
            MarkOneByOne(first, last);
        }
    }

    private static void MarkOneByOne(int first, int last)
    {
        foreach (var entry in Directory.GetFiles(OperatingSystem.IsLinux() ? "/proc/self/fd" : "/dev/fd"))
        {
            if (int.TryParse(Path.GetFileName(entry), CultureInfo.InvariantCulture, out var number) && number >= first && number <= last)
            {
                using var unowned = new UnownedFd(number);
                _ = Interop.Fcntl(unowned.Handle, Constants.F_SETFD, Constants.FD_CLOEXEC);
            }
        }
    }

    /// <summary>A number that somebody else owns, wrapped for one call.</summary>
    private readonly struct UnownedFd(int number) : IDisposable
    {
        internal FdHandle Handle { get; } = new(number);

        public void Dispose() => Handle.SetHandleAsInvalid();
    }
}
