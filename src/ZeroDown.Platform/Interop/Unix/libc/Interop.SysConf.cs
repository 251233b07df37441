using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    [LibraryImport(Libc, EntryPoint = "sysconf", SetLastError = true)]
    internal static partial long SysConf(int name);
}
