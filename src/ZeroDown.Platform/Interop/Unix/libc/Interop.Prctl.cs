using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    // Linux only. Variadic in C, which x64 and arm64 Linux pass like any other arguments.
    [LibraryImport(Libc, EntryPoint = "prctl", SetLastError = true)]
    internal static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);
}
