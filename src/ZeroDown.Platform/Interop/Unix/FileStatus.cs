namespace ZeroDown.Platform;

/// <summary>What stat(2) says, reduced to what we ask. On Linux through statx, whose layout is the same on every architecture.</summary>
internal readonly record struct FileStatus(ulong Device, ulong Inode, uint Mode, uint Uid, uint Gid, long Size, uint Links)
{
    internal bool IsSocket => (Mode & Constants.S_IFMT) == Constants.S_IFSOCK;

    internal bool IsFolder => (Mode & Constants.S_IFMT) == Constants.S_IFDIR;

    internal bool IsRegular => (Mode & Constants.S_IFMT) == Constants.S_IFREG;

    internal bool IsSameFile(FileStatus other) => Device == other.Device && Inode == other.Inode;

    /// <summary>Null where the answer cannot be had (Linux only).</summary>
    internal static FileStatus? Of(FdHandle fd)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var referenced = false;
        try
        {
            fd.DangerousAddRef(ref referenced);
            return Ask(fd.Number, "", Constants.AT_EMPTY_PATH);
        }
        finally
        {
            if (referenced)
            {
                fd.DangerousRelease();
            }
        }
    }

    /// <summary>Of the name itself, not of what a symbolic link points at. Null if it does not exist (<see cref="Errno.Last"/> says why), and on macOS.</summary>
    internal static FileStatus? Of(string path) => OperatingSystem.IsLinux() ? Ask(Constants.AT_FDCWD, path, Constants.AT_SYMLINK_NOFOLLOW) : null;

    /// <summary>Of what the name leads to, over symbolic links. Null as above.</summary>
    internal static FileStatus? Behind(string path) => OperatingSystem.IsLinux() ? Ask(Constants.AT_FDCWD, path, 0) : null;

    private static unsafe FileStatus? Ask(int folder, string path, int flags)
    {
        Span<byte> result = stackalloc byte[256];
        fixed (byte* at = result)
        {
            if (Interop.Statx(folder, path, flags, Constants.STATX_BASIC_STATS, at) != 0)
            {
                return null;
            }
        }

        // struct statx: links at 16, uid at 20, gid at 24, mode at 28, inode at 32, size at 40, device as two halves at 136.
        return new FileStatus(
            ((ulong)BitConverter.ToUInt32(result[136..]) << 32) | BitConverter.ToUInt32(result[140..]),
            BitConverter.ToUInt64(result[32..]),
            BitConverter.ToUInt16(result[28..]),
            BitConverter.ToUInt32(result[20..]),
            BitConverter.ToUInt32(result[24..]),
            BitConverter.ToInt64(result[40..]),
            BitConverter.ToUInt32(result[16..]));
    }
}
