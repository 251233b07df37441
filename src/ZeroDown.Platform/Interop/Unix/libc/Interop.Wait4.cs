using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    // usage: struct rusage, 144 bytes.
    [LibraryImport(Libc, EntryPoint = "wait4", SetLastError = true)]
    internal static unsafe partial int Wait4(int pid, int* status, int options, byte* usage);
}
