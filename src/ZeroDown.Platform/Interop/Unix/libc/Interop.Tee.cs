using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    [LibraryImport(Libc, EntryPoint = "tee", SetLastError = true)]
    internal static partial nint Tee(FdHandle from, FdHandle to, nint count, uint flags);
}
