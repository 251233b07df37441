namespace ZeroDown.Platform;

internal static partial class Interop
{
    // Linux 5.6; needs the rights of ptrace. The copy is close-on-exec.
    internal static int PidFdGetFd(FdHandle pidFd, int number)
    {
        var referenced = false;
        pidFd.DangerousAddRef(ref referenced);
        try
        {
            return (int)Syscall(Constants.SYS_pidfd_getfd, pidFd.Number, number, 0, 0);
        }
        finally
        {
            pidFd.DangerousRelease();
        }
    }
}
