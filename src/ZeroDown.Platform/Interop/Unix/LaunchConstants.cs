using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

/// <summary>Numbers of the kernel's headers for starting and reaping processes; the sibling of <see cref="Constants"/>.</summary>
internal static class LaunchConstants
{
    private static bool Mac => OperatingSystem.IsMacOS();

    // spawn.h
    internal const short POSIX_SPAWN_SETSIGDEF = 4;
    internal const short POSIX_SPAWN_SETSIGMASK = 8;
    internal static short POSIX_SPAWN_SETSID => Mac ? (short)0x400 : (short)0x80;

    // sys/wait.h
    internal const int P_ALL = 0;
    internal const int WNOHANG = 1;
    internal const int WEXITED = 4;
    internal static int WNOWAIT => Mac ? 0x20 : 0x1000000;

    /// <summary>Where si_pid lies in a siginfo_t of SIGCHLD, bytes.</summary>
    internal static int SiginfoPidOffset => Mac ? 12 : 16;

    // sys/file.h
    internal const int LOCK_UN = 8;

    // signal.h
    internal const nint SIG_DFL = 0;
    internal const int SIGKILL = 9;
    internal const int SIGPIPE = 13;
    internal static int SIGCHLD => Mac ? 20 : 17;
    internal static int SIG_BLOCK => Mac ? 1 : 0;
    internal static int SIG_UNBLOCK => Mac ? 2 : 1;
    internal static int SIG_SETMASK => Mac ? 3 : 2;
    internal const int SIGCANCEL = 32; // Linux, not in any header: glibc's own
    internal const int SIGSETXID = 33; // Linux, likewise
    internal const int KernelSigSetSize = 8; // Linux
    internal const int KernelSigactionSize = 32; // Linux

    // sys/resource.h
    internal const int PRIO_PROCESS = 0;
    internal const int RLIMIT_CPU = 0;
    internal const int RLIMIT_FSIZE = 1;
    internal const int RLIMIT_DATA = 2;
    internal const int RLIMIT_STACK = 3;
    internal const int RLIMIT_CORE = 4;
    internal static int RLIMIT_AS => Mac ? 5 : 9;
    internal static int RLIMIT_NPROC => Mac ? 7 : 6;
    internal static int RLIMIT_MEMLOCK => Mac ? 6 : 8;
    internal static ulong RLIM_INFINITY => Mac ? long.MaxValue : ulong.MaxValue;

    // sys/prctl.h, linux/close_range.h, sys/syscall.h (the same on x64 and arm64)
    internal const int PR_GET_DUMPABLE = 3;
    internal const int PR_SET_DUMPABLE = 4;
    internal const int PR_SET_CHILD_SUBREAPER = 36;
    internal const int SYS_close_range = 436;
    internal static int SYS_setgroups => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 116 : 159;
    internal static int SYS_rt_sigaction => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 13 : 134;
    internal const nint CLOSE_RANGE_CLOEXEC = 4;
}
