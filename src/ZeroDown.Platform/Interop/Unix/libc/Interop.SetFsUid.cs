using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

internal static partial class Interop
{
    // Linux only, and of the calling thread only: the wrappers of glibc and musl do not tell other threads. Both give the number that was in force before.
    [LibraryImport(Libc, EntryPoint = "setfsuid")]
    internal static partial int SetFsUid(uint uid);

    [LibraryImport(Libc, EntryPoint = "setfsgid")]
    internal static partial int SetFsGid(uint gid);

    [LibraryImport(Libc, EntryPoint = "getgroups", SetLastError = true)]
    internal static unsafe partial int GetGroups(int count, uint* groups);

    /// <summary>Past the wrapper, which would change the groups of every thread.</summary>
    internal static unsafe int SetGroupsOfThread(ReadOnlySpan<uint> groups)
    {
        fixed (uint* at = groups)
        {
            return (int)Syscall(LaunchConstants.SYS_setgroups, groups.Length, (nint)at, 0, 0);
        }
    }
}
