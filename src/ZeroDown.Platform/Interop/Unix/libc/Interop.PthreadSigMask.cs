using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    // Returns the error number.
    [LibraryImport(Libc, EntryPoint = "pthread_sigmask")]
    internal static unsafe partial int PthreadSigMask(int how, void* set, void* oldSet);
}
