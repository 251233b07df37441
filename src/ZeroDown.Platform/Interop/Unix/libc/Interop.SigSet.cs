using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    // sigset_t is 128 bytes in glibc, 4 on macOS.
    internal const int SigSetSize = 128;

    [LibraryImport(Libc, EntryPoint = "sigemptyset")]
    internal static unsafe partial int SigEmptySet(void* set);

    [LibraryImport(Libc, EntryPoint = "sigfillset")]
    internal static unsafe partial int SigFillSet(void* set);

    [LibraryImport(Libc, EntryPoint = "sigaddset")]
    internal static unsafe partial int SigAddSet(void* set, int signal);
}
