using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    // Variadic in C. Apple's arm64 convention passes variadic arguments on the stack only, so there the eight argument registers are filled up first.
    internal static unsafe int Ioctl(FdHandle fd, nuint request, void* argument) => AppleArm64
        ? IoctlOnAppleArm64(fd, request, 0, 0, 0, 0, 0, 0, argument)
        : IoctlElsewhere(fd, request, argument);

    [LibraryImport(Libc, EntryPoint = "ioctl", SetLastError = true)]
    private static unsafe partial int IoctlElsewhere(FdHandle fd, nuint request, void* argument);

    [LibraryImport(Libc, EntryPoint = "ioctl", SetLastError = true)]
    private static unsafe partial int IoctlOnAppleArm64(FdHandle fd, nuint request, nint pad0, nint pad1, nint pad2, nint pad3, nint pad4, nint pad5, void* argument);
}
