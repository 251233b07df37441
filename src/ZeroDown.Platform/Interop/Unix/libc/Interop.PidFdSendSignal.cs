namespace ZeroDown.Platform;

internal static partial class Interop
{
    // Linux 5.1; flags 6.9.
    internal static int PidFdSendSignal(FdHandle pidFd, int signal, nint flags)
    {
        var referenced = false;
        pidFd.DangerousAddRef(ref referenced);
        try
        {
            return (int)Syscall(Constants.SYS_pidfd_send_signal, pidFd.Number, signal, 0, flags);
        }
        finally
        {
            pidFd.DangerousRelease();
        }
    }
}
