using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    [LibraryImport(Libc, EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    internal static unsafe partial int GetPwNam(string name, byte* entry, byte* buffer, nuint size, byte** found);

    [LibraryImport(Libc, EntryPoint = "getpwuid_r")]
    internal static unsafe partial int GetPwUid(uint uid, byte* entry, byte* buffer, nuint size, byte** found);

    [LibraryImport(Libc, EntryPoint = "getgrnam_r", StringMarshalling = StringMarshalling.Utf8)]
    internal static unsafe partial int GetGrNam(string name, byte* entry, byte* buffer, nuint size, byte** found);

    /// <summary>Gids are <c>int</c> on macOS and unsigned on Linux; the bits are the same.</summary>
    [LibraryImport(Libc, EntryPoint = "getgrouplist", StringMarshalling = StringMarshalling.Utf8)]
    internal static unsafe partial int GetGroupList(string user, uint gid, uint* groups, int* count);
}
