using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    // info: siginfo_t, 128 bytes.
    [LibraryImport(Libc, EntryPoint = "waitid", SetLastError = true)]
    internal static unsafe partial int WaitId(int idType, int id, byte* info, int options);
}
