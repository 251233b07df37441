using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    [LibraryImport(Libc, EntryPoint = "setuid", SetLastError = true)]
    internal static partial int SetUid(uint uid);
}
