namespace ZeroDown.Platform;

/// <summary>A file of ours that is there whole or not at all: written beside, flushed, renamed. The one before it is kept under another name.</summary>
public static class WholeFile
{
    private const int OwnerOnly = 0x180; // 0600
    private const long Largest = 512L * 1024 * 1024;

    /// <param name="path">Its name, whatever stood there before (a symbolic link is replaced, not followed).</param>
    /// <param name="bytes">All of it.</param>
    /// <param name="previous">Where the one that it replaces is kept; null if that is not worth keeping.</param>
    /// <exception cref="SystemCallException">It could not be written; what was there before is untouched.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes, string? previous)
    {
        var next = path + ".new";
        _ = Interop.Unlink(next);
        using (var file = FdHandle.Open(next, Constants.O_WRONLY | Constants.O_CREAT | Constants.O_EXCL, OwnerOnly))
        {
            try
            {
                for (var rest = bytes; rest.Length > 0;)
                {
                    rest = rest[file.Write(rest)..];
                }

                if (Interop.FSync(file) != 0)
                {
                    throw SystemCallException.FromLast($"fsync {next}");
                }
            }
            catch (SystemCallException)
            {
                _ = Interop.Unlink(next);
                throw;
            }
        }

        if (previous is not null)
        {
            Keep(path, previous);
        }

        try
        {
            File.Move(next, path, overwrite: true);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            _ = Interop.Unlink(next);
            throw new IOException($"{path} cannot be replaced: {problem.Message}", problem);
        }

        // The rename itself is safe only when the folder is.
        using var folder = FdHandle.TryOpen(Path.GetDirectoryName(path)!, Constants.O_RDONLY);
        _ = folder is null ? 0 : Interop.FSync(folder);
    }

    /// <returns>Null when there is none.</returns>
    /// <exception cref="UntrustedFileException">What lies there is not for us to obey.</exception>
    /// <exception cref="SystemCallException">It cannot be read.</exception>
    public static byte[]? Read(string path)
    {
        using var file = FdHandle.TryOpen(path, Constants.O_RDONLY | Constants.O_NOFOLLOW | Constants.O_NONBLOCK);
        if (file is null)
        {
            return Errno.Last == Errno.ENOENT ? null
                : Errno.Last == Errno.ELOOP ? throw new UntrustedFileException($"{path} is a symbolic link, and zd reads only a file that it wrote itself")
                : throw SystemCallException.FromLast($"open {path}");
        }

        if (FileStatus.Of(file) is { } status)
        {
            if (!status.IsRegular)
            {
                throw new UntrustedFileException($"{path} is no regular file");
            }

            if (status.Uid != CurrentUser.Uid)
            {
                throw new UntrustedFileException($"{path} belongs to another user (uid {status.Uid}, and this is uid {CurrentUser.Uid}); zd reads only a file that it wrote itself");
            }

            if (status.Size > Largest)
            {
                throw new UntrustedFileException($"{path} has {status.Size} bytes, which is more than zd ever writes");
            }
        }

        using var bytes = new MemoryStream();
        Span<byte> buffer = stackalloc byte[16 * 1024];
        while (file.Read(buffer, out var count) == ReadOutcome.Bytes)
        {
            bytes.Write(buffer[..count]);
        }

        return bytes.ToArray();
    }

    /// <summary>A second name first, so that there is no moment without one under the old name.</summary>
    private static void Keep(string path, string previous)
    {
        _ = Interop.Unlink(previous);
        if (Interop.Link(path, previous) != 0 && Errno.Last != Errno.ENOENT)
        {
            // A file system without hard links.
            try
            {
                File.Move(path, previous, overwrite: true);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"{path} cannot be kept as {previous}: {problem.Message}", problem);
            }
        }
    }
}

/// <summary>A file that somebody else may have put there. The message is for people.</summary>
public sealed class UntrustedFileException(string message) : IOException(message);
