using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    [LibraryImport(Libc, EntryPoint = "pipe", SetLastError = true)]
    internal static unsafe partial int Pipe(int* pair);
}
