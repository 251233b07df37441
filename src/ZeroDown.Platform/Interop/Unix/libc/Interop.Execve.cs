using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    [LibraryImport(Libc, EntryPoint = "execve", SetLastError = true)]
    internal static unsafe partial int Execve(byte* path, byte** argv, byte** envp);
}
