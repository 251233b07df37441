using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    [LibraryImport(Libc, EntryPoint = "lseek", SetLastError = true)]
    internal static partial long LSeek(FdHandle fd, long offset, int whence);
}
