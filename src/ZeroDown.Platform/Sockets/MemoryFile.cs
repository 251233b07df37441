namespace ZeroDown.Platform;

/// <summary>Bytes in an anonymous file (memfd), so that they travel as one descriptor. Linux only.</summary>
internal static unsafe class MemoryFile
{
    internal static FdHandle Holding(ReadOnlySpan<byte> content)
    {
        var fd = Interop.MemFdCreate("zd-message", Constants.MFD_CLOEXEC);
        if (fd < 0)
        {
            throw SystemCallException.FromLast("memfd_create");
        }

        var file = new FdHandle(fd);
        fixed (byte* at = content)
        {
            for (nint done = 0; done < content.Length;)
            {
                var written = Interop.PWrite(file, at + done, (nint)content.Length - done, done);
                if (written <= 0)
                {
                    var failure = SystemCallException.FromLast("write to a memfd");
                    file.Dispose();
                    throw failure;
                }

                done += written;
            }
        }

        return file;
    }

    /// <summary>All of it, when its length is not known.</summary>
    internal static byte[] ReadAll(FdHandle file)
    {
        var length = Interop.LSeek(file, 0, Constants.SEEK_END);
        return length >= 0 ? Read(file, (int)length) : throw SystemCallException.FromLast("lseek");
    }

    /// <exception cref="InvalidDataException">It is shorter than promised.</exception>
    internal static byte[] Read(FdHandle file, int length)
    {
        var content = new byte[length];
        fixed (byte* at = content)
        {
            for (nint done = 0; done < length;)
            {
                var read = Interop.PRead(file, at + done, length - done, done);
                if (read <= 0)
                {
                    throw new InvalidDataException($"a message body of {length} bytes ended after {done}");
                }

                done += read;
            }
        }

        return content;
    }
}
