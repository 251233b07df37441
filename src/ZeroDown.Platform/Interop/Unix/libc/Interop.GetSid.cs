using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    [LibraryImport(Libc, EntryPoint = "getsid", SetLastError = true)]
    internal static partial int GetSid(int pid);
}
