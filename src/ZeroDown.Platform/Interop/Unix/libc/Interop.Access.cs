using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    /// <summary>By the real uid, which is the effective one here: zd is never set-uid.</summary>
    [LibraryImport(Libc, EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Access(string path, int mode);
}
