using System.Runtime.InteropServices;

namespace ZeroDown.Platform;

/// <summary>Owns one file descriptor of this process. Every one that is made here is close-on-exec.</summary>
/// <remarks>
/// A descriptor number is reused as soon as it is closed, so a bare <c>int</c> that outlives its owner points at somebody else's file. Above Platform
/// and Keeper there are only handles; a native call that gets a handle keeps it open until the call has returned.
/// </remarks>
public sealed class FdHandle : SafeHandle
{
    /// <summary>Below this number nothing of ours may land: 0, 1, 2 are the standard streams of whoever we launch next.</summary>
    private const int LowestDuplicate = 3;

    internal FdHandle(int fd)
        : base(-1, ownsHandle: true) => SetHandle(fd);

    public override bool IsInvalid => handle == -1;

    /// <summary>The number, for the kernel's eyes only. It is valid no longer than this handle is referenced.</summary>
    internal int Number => !IsInvalid && !IsClosed ? (int)handle : throw new ObjectDisposedException(nameof(FdHandle));

    /// <summary>Takes over a descriptor that was inherited under a known number, and marks it close-on-exec.</summary>
    /// <exception cref="SystemCallException">EBADF: nothing is open under that number.</exception>
    public static FdHandle Adopt(int number)
    {
        var adopted = new FdHandle(number);
        if (Interop.Fcntl(adopted, Constants.F_SETFD, Constants.FD_CLOEXEC) != 0)
        {
            var errno = Errno.Last;
            adopted.SetHandleAsInvalid();
            throw new SystemCallException($"adopt fd {number}", errno);
        }

        return adopted;
    }

    /// <summary>Opens <c>/dev/null</c> for reading and writing.</summary>
    public static FdHandle OpenNull() => Open("/dev/null", Constants.O_RDWR);

    /// <summary>A second descriptor for the same open file: position and non-blocking mode are shared, closing is not.</summary>
    public FdHandle Duplicate()
    {
        var duplicate = Interop.Fcntl(this, Constants.F_DUPFD_CLOEXEC, LowestDuplicate);
        return duplicate >= 0 ? new FdHandle(duplicate) : throw SystemCallException.FromLast("fcntl(F_DUPFD_CLOEXEC)");
    }

    /// <summary>True if both lead to the same file, socket or pipe (the same device and inode). Always false on macOS for sockets.</summary>
    public bool IsSame(FdHandle other)
    {
        var (mine, theirs) = (FileStatus.Of(this), FileStatus.Of(other));
        return mine is not null && theirs is not null && mine.Value.Device == theirs.Value.Device && mine.Value.Inode == theirs.Value.Inode;
    }

    /// <summary>"fd 12 (socket:[4711])", for logs.</summary>
    public override string ToString()
    {
        if (IsInvalid || IsClosed)
        {
            return "fd (closed)";
        }

        var target = OperatingSystem.IsLinux() ? ProcFs.ReadLink($"/proc/self/fd/{(int)handle}") : null;
        return target is null ? $"fd {(int)handle}" : $"fd {(int)handle} ({target})";
    }

    internal static FdHandle Open(string path, int flags, int mode = 0) =>
        TryOpen(path, flags, mode) ?? throw SystemCallException.FromLast($"open {path}");

    /// <summary>Null on failure; the reason is in <see cref="Errno.Last"/>.</summary>
    internal static FdHandle? TryOpen(string path, int flags, int mode = 0)
    {
        int fd;
        while ((fd = Interop.Open(path, flags | Constants.O_CLOEXEC, mode)) < 0 && Errno.Last == Errno.EINTR)
        {
        }

        return fd < 0 ? null : new FdHandle(fd);
    }

    /// <summary>True if reads and writes return EAGAIN instead of waiting. The mode belongs to the open file, so it is shared with every duplicate, also in other processes.</summary>
    public bool IsNonBlocking
    {
        get => (StatusFlags & Constants.O_NONBLOCK) != 0;
        set
        {
            var flags = StatusFlags;
            var wanted = value ? flags | Constants.O_NONBLOCK : flags & ~Constants.O_NONBLOCK;
            if (wanted != flags && Interop.Fcntl(this, Constants.F_SETFL, wanted) != 0)
            {
                throw SystemCallException.FromLast("fcntl(F_SETFL)");
            }
        }
    }

    /// <summary>Reads what is there. On a blocking descriptor it waits.</summary>
    /// <param name="buffer">Not empty.</param>
    /// <param name="count">Bytes read; more than 0 exactly if the answer is <see cref="ReadOutcome.Bytes"/>.</param>
    /// <exception cref="SystemCallException">An error other than "nothing yet".</exception>
    public unsafe ReadOutcome Read(Span<byte> buffer, out int count)
    {
        nint got;
        fixed (byte* at = buffer)
        {
            while ((got = Interop.Read(this, at, buffer.Length)) < 0 && Errno.Last == Errno.EINTR)
            {
            }
        }

        var errno = Errno.Last;
        count = (int)Math.Max(0, got);
        return got > 0 ? ReadOutcome.Bytes
            : got == 0 ? ReadOutcome.End
            : errno == Errno.EAGAIN ? ReadOutcome.Empty
            : throw new SystemCallException($"read {this}", errno);
    }

    /// <summary>Writes as much as there is room for. On a blocking descriptor it waits.</summary>
    /// <returns>Bytes written; 0 if there is no room now.</returns>
    /// <exception cref="SystemCallException">EPIPE: nobody reads any more; ENOSPC and so on.</exception>
    public unsafe int Write(ReadOnlySpan<byte> bytes)
    {
        nint put;
        fixed (byte* at = bytes)
        {
            while ((put = Interop.Write(this, at, bytes.Length)) < 0 && Errno.Last == Errno.EINTR)
            {
            }
        }

        var errno = Errno.Last;
        return put >= 0 ? (int)put : errno == Errno.EAGAIN ? 0 : throw new SystemCallException($"write {this}", errno);
    }

    /// <summary>Bytes that can be read now (pipes, FIFOs, stream sockets).</summary>
    public unsafe int BytesWaiting
    {
        get
        {
            int count;
            return Interop.Ioctl(this, Constants.FIONREAD, &count) == 0 ? count : throw SystemCallException.FromLast("ioctl(FIONREAD)");
        }
    }

    /// <summary>True for everything that is made here; false only for what is to stay open over an exec of ourselves.</summary>
    internal bool IsCloseOnExec
    {
        set
        {
            if (Interop.Fcntl(this, Constants.F_SETFD, value ? Constants.FD_CLOEXEC : 0) != 0)
            {
                throw SystemCallException.FromLast("fcntl(F_SETFD)");
            }
        }
    }

    private int StatusFlags
    {
        get
        {
            var flags = Interop.Fcntl(this, Constants.F_GETFL, 0);
            return flags >= 0 ? flags : throw SystemCallException.FromLast("fcntl(F_GETFL)");
        }
    }

    /// <remarks>No second try on EINTR: Linux has closed the descriptor by then, and the number may already be somebody else's.</remarks>
    protected override bool ReleaseHandle() => Interop.Close((int)handle) == 0 || Errno.Last == Errno.EINTR;
}

/// <summary>What a read found.</summary>
public enum ReadOutcome
{
    Bytes,

    /// <summary>Nothing yet, but somebody may still write (EAGAIN).</summary>
    Empty,

    /// <summary>Nothing, and nobody is left who could write.</summary>
    End,
}
