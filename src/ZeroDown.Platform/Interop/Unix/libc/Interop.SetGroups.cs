using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    // The count is size_t on Linux, int on macOS; passed in a register both read the same.
    [LibraryImport(Libc, EntryPoint = "setgroups", SetLastError = true)]
    internal static unsafe partial int SetGroups(nint count, uint* groups);
}
