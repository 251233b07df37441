using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    // Variadic in C. Apple's arm64 convention passes variadic arguments on the stack only, so there the eight argument registers are filled up first.
    internal static int Open(string path, int flags, nint mode) => AppleArm64
        ? OpenOnAppleArm64(path, flags, 0, 0, 0, 0, 0, 0, mode)
        : OpenElsewhere(path, flags, mode);

    [LibraryImport(Libc, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenElsewhere(string path, int flags, nint mode);

    [LibraryImport(Libc, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenOnAppleArm64(string path, int flags, nint pad0, nint pad1, nint pad2, nint pad3, nint pad4, nint pad5, nint mode);
}
