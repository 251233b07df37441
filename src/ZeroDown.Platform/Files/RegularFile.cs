namespace ZeroDown.Platform;

/// <summary>A regular file that is open for reading. FIFOs, terminals and devices are refused: a read would wait, or take bytes that are meant for another reader.</summary>
public sealed unsafe class RegularFile : IDisposable
{
    private readonly FdHandle _handle;

    private RegularFile(FdHandle handle) => _handle = handle;

    /// <returns>Null when there is no such file, it may not be read, or it is not a regular file.</returns>
    public static RegularFile? TryOpen(string path)
    {
        // O_NONBLOCK: the open of a FIFO without a writer would wait.
        if (FdHandle.TryOpen(path, Constants.O_RDONLY | Constants.O_NONBLOCK | Constants.O_NOCTTY) is not { } handle)
        {
            return null;
        }

        if (OperatingSystem.IsLinux() ? FileStatus.Of(handle) is { IsRegular: true } : Interop.LSeek(handle, 0, Constants.SEEK_END) >= 0)
        {
            return new RegularFile(handle);
        }

        handle.Dispose();
        return null;
    }

    /// <summary>All of a file that somebody else wrote, where he may have put anything in its place: never waits, never without an end.</summary>
    /// <param name="path">Links are followed.</param>
    /// <param name="most">In bytes; a larger file is not read at all.</param>
    /// <param name="user">With whose rights it is opened; null: with our own.</param>
    /// <returns>Null when there is no such file, it may not be read, it is not a regular file, or it is too large.</returns>
    public static byte[]? TryRead(string path, int most, FileUser? user = null)
    {
        using var file = TryOpen(path, user);
        if (file is null || file.Length > most)
        {
            return null;
        }

        // What grows meanwhile is cut: one byte more than may be there shows it.
        var bytes = new byte[Math.Min(most, file.Length) + 1];
        var count = 0;
        for (int read; count < bytes.Length && (read = file.ReadAt(count, bytes.AsSpan(count))) > 0;)
        {
            count += read;
        }

        return count <= most ? bytes[..count] : null;
    }

    private static RegularFile? TryOpen(string path, FileUser? user)
    {
        try
        {
            return Impersonation.Run(user, () => TryOpen(path));
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>In bytes, now.</summary>
    public long Length => OperatingSystem.IsLinux() ? FileStatus.Of(_handle)?.Size ?? 0 : Math.Max(0, Interop.LSeek(_handle, 0, Constants.SEEK_END));

    /// <returns>Bytes read; 0 at or after the end, and when the file cannot be read (an I/O error).</returns>
    public int ReadAt(long position, Span<byte> buffer)
    {
        fixed (byte* at = buffer)
        {
            return (int)Math.Max(0, Interop.PRead(_handle, at, buffer.Length, position));
        }
    }

    public void Dispose() => _handle.Dispose();
}
