namespace ZeroDown.Platform;

/// <summary>An anonymous file in memory (memfd). It lives for as long as any process holds it, so what one process wrote is there for its successor,
/// whatever became of the writer: a write that was cut short by a kill is there in part. Linux only.</summary>
public sealed unsafe class HeldMemory : IDisposable
{
    private HeldMemory(FdHandle handle) => Handle = handle;

    /// <summary>To be handed to whoever shall hold it too.</summary>
    public FdHandle Handle { get; }

    /// <param name="name">Shown in /proc/PID/fd.</param>
    public static HeldMemory Create(string name)
    {
        var fd = Interop.MemFdCreate(name, Constants.MFD_CLOEXEC);
        return fd >= 0 ? new HeldMemory(new FdHandle(fd)) : throw SystemCallException.FromLast("memfd_create");
    }

    /// <summary>Goes on with one that was held.</summary>
    /// <param name="handle">Owned from now on.</param>
    public static HeldMemory Adopt(FdHandle handle) => new(handle);

    /// <summary>The end of what was ever written; nothing lies in the gaps before it, and they cost nothing.</summary>
    public long Length
    {
        get
        {
            var length = Interop.LSeek(Handle, 0, Constants.SEEK_END);
            return length >= 0 ? length : throw SystemCallException.FromLast("lseek");
        }
    }

    /// <exception cref="SystemCallException">ENOSPC, ENOMEM: the machine has no memory for it; a part may be written.</exception>
    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* at = bytes)
        {
            for (nint done = 0; done < bytes.Length;)
            {
                var written = Interop.PWrite(Handle, at + done, bytes.Length - done, offset + done);
                if (written > 0)
                {
                    done += written;
                }
                else if (Errno.Last != Errno.EINTR)
                {
                    throw SystemCallException.FromLast("write to memory that is held");
                }
            }
        }
    }

    /// <returns>Bytes read; fewer than asked for only at the end.</returns>
    public int Read(long offset, Span<byte> bytes)
    {
        fixed (byte* at = bytes)
        {
            nint done = 0;
            while (done < bytes.Length)
            {
                var read = Interop.PRead(Handle, at + done, bytes.Length - done, offset + done);
                if (read == 0)
                {
                    break;
                }

                if (read > 0)
                {
                    done += read;
                }
                else if (Errno.Last != Errno.EINTR)
                {
                    throw SystemCallException.FromLast("read from memory that is held");
                }
            }

            return (int)done;
        }
    }

    public void Dispose() => Handle.Dispose();
}
