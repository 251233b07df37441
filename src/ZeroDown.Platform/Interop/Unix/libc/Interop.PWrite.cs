using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    [LibraryImport(Libc, EntryPoint = "pwrite", SetLastError = true)]
    internal static unsafe partial nint PWrite(FdHandle fd, byte* buffer, nint count, long offset);
}
