namespace ZeroDown.Platform;

internal static partial class Interop
{
    // Linux 5.3. Close-on-exec by itself.
    internal static int PidFdOpen(int pid) => (int)Syscall(Constants.SYS_pidfd_open, pid, 0, 0, 0);
}
