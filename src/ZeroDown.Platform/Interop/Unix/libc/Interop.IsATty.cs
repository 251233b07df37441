using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    [LibraryImport(Libc, EntryPoint = "isatty", SetLastError = true)]
    internal static partial int IsATty(FdHandle fd);
}
