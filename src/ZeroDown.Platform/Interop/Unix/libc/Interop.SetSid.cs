using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    [LibraryImport(Libc, EntryPoint = "setsid", SetLastError = true)]
    internal static partial int SetSid();
}
