using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    [LibraryImport(Libc, EntryPoint = "getppid")]
    internal static partial int GetPpid();
}
