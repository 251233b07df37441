using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    [LibraryImport(Libc, EntryPoint = "splice", SetLastError = true)]
    internal static unsafe partial nint Splice(FdHandle from, long* fromOffset, FdHandle to, long* toOffset, nint count, uint flags);
}
