using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    // macOS only (libproc is part of libSystem).
    [LibraryImport(Libc, EntryPoint = "proc_pidinfo", SetLastError = true)]
    internal static unsafe partial int ProcPidInfo(int pid, int flavor, ulong argument, byte* buffer, int size);
}
