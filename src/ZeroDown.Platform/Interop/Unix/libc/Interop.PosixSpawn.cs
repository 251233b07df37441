using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    // Returns the error number instead of setting errno.
    [LibraryImport(Libc, EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    internal static unsafe partial int PosixSpawn(int* pid, string path, void* fileActions, void* attributes, byte** argv, byte** envp);
}
