using System.Runtime.InteropServices;

namespace ZeroDown.AspNetCore;

/// <summary>
/// Marks an inherited descriptor so that the program's own children do not get it. A child that holds a listening socket keeps the port
/// open, and one that holds the channel makes the supervisor wait for an end that never comes. .NET does this only for descriptors that it
/// opened itself.
/// </summary>
internal static class CloseOnExec
{
    // ioctl(2) FIOCLEX rather than fcntl(2) F_SETFD: it needs no variadic third argument, which a P/Invoke cannot pass on Apple arm64.
    private const nuint LinuxFioclex = 0x5451;
    private const nuint AppleFioclex = 0x20006601;

    /// <summary>Best effort: a descriptor that is not open stays what it is, and the later use of it reports the error.</summary>
    public static void Set(int descriptor) =>
        _ = ioctl(descriptor, OperatingSystem.IsLinux() ? LinuxFioclex : AppleFioclex);

    [DllImport("libc", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ioctl(int descriptor, nuint request);
}
