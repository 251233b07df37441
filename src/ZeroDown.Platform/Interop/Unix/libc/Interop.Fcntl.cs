using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    // Variadic in C. Apple's arm64 convention passes variadic arguments on the stack only, so there the eight argument registers are filled up first.
    internal static int Fcntl(FdHandle fd, int command, nint argument) => AppleArm64
        ? FcntlOnAppleArm64(fd, command, 0, 0, 0, 0, 0, 0, argument)
        : FcntlElsewhere(fd, command, argument);

    [LibraryImport(Libc, EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FcntlElsewhere(FdHandle fd, int command, nint argument);

    [LibraryImport(Libc, EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FcntlOnAppleArm64(FdHandle fd, int command, nint pad0, nint pad1, nint pad2, nint pad3, nint pad4, nint pad5, nint argument);
}
