using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    // Only for SIG_DFL and SIG_IGN: a handler in managed code could run inside malloc.
    [LibraryImport(Libc, EntryPoint = "signal", SetLastError = true)]
    internal static partial nint Signal(int signal, nint disposition);
}
