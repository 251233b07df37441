using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    [LibraryImport(Libc, EntryPoint = "setgid", SetLastError = true)]
    internal static partial int SetGid(uint gid);
}
