using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    // macOS only.
    [LibraryImport(Libc, EntryPoint = "sysctlbyname", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static unsafe partial int SysCtlByName(string name, byte* value, nuint* length, byte* newValue, nuint newLength);
}
