namespace ZeroDown.Platform;

/// <summary>A log file that one process writes, at a position it knows, so that followers can be told exactly which bytes are new.</summary>
/// <remarks>
/// Opened without O_APPEND, because splice(2) refuses such files; the position is kept here instead and checked against the size before every write: when
/// somebody truncates (logrotate's copytruncate) or appends, writing goes on at the new end. Not thread-safe.
/// What is no regular file (a FIFO whose reader has died, a terminal after Ctrl-S) must not hold up the thread that moves everybody's output: a reader that is there gets a moment,
/// then it is as with a full disk.
/// </remarks>
public sealed unsafe class LogFile : IDisposable
{
    private const int Mode = 0x1A0; // 0640

    /// <summary>A living reader has made room long before; with a dead one it is spent once, and not again before something was taken.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    private bool _regular;
    private bool _stuck;

    private readonly FileUser? _user;

    private LogFile(string path, FdHandle handle, FileUser? user)
    {
        Path = path;
        Handle = handle;
        _user = user;
        Settle();
    }

    public string Path { get; }

    /// <summary>Where the next byte goes, in bytes from the start. Always 0 for what is not a regular file (/dev/null).</summary>
    public long Position { get; private set; }

    /// <summary>In bytes, whoever wrote them. Always 0 for what is not a regular file.</summary>
    public long Length => _regular ? Size : 0;

    internal FdHandle Handle { get; private set; }

    /// <summary>False for a device or a FIFO, which have no positions.</summary>
    internal bool IsRegular => _regular;

    /// <summary>Opens for writing at the end; creates it (0640 less the umask) and the folders above it if they are missing.</summary>
    /// <param name="path">Where.</param>
    /// <param name="user">Whose app prints there: where he can write on the way, it is done with his rights, so that a link of his leads nowhere else. Null: our own.</param>
    /// <exception cref="SystemCallException">It cannot be opened.</exception>
    /// <exception cref="IOException">A folder above it cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder above it may not be created.</exception>
    public static LogFile Open(string path, FileUser? user = null) => new(path, OpenHandle(path, user, withFolder: true), user);

    /// <summary>False when a FIFO, a terminal or a device lies there: what was written to it is gone for us.</summary>
    public static bool CanBeReadBack(string path) => FileStatus.Behind(path) is not { IsRegular: false };

    /// <summary>Writes bytes of our own (marker lines, rewritten lines) behind what is there.</summary>
    public LogWrite Append(ReadOnlySpan<byte> bytes)
    {
        FollowSize();
        var began = Position;
        var done = 0;
        var waitedAt = -1;
        fixed (byte* at = bytes)
        {
            while (done < bytes.Length)
            {
                var count = _regular ? Interop.PWrite(Handle, at + done, bytes.Length - done, Position) : Interop.Write(Handle, at + done, bytes.Length - done);
                if (count < 0 && Errno.Last == Errno.EINTR)
                {
                    continue;
                }

                var errno = Errno.Last;
                if (count < 0 && errno == Errno.EAGAIN && waitedAt != done && HasRoomSoon())
                {
                    waitedAt = done;
                    continue;
                }

                if (count <= 0)
                {
                    return new LogWrite(done, began, bytes.Length - done, errno, bytes[done..].Count((byte)'\n'));
                }

                Advance(count);
                done += (int)count;
            }
        }

        return new LogWrite(done, began, 0, Errno.None);
    }

    /// <summary>Reads back what was written, for followers.</summary>
    /// <returns>Bytes read; 0 at or after the end.</returns>
    public int ReadAt(long position, Span<byte> buffer)
    {
        fixed (byte* at = buffer)
        {
            var count = _regular ? Interop.PRead(Handle, at, buffer.Length, position) : 0;
            return count >= 0 ? (int)count : throw SystemCallException.FromLast($"read {Path}");
        }
    }

    /// <summary>Empties it.</summary>
    public void Truncate()
    {
        if (_regular && Interop.FTruncate(Handle, 0) != 0)
        {
            throw SystemCallException.FromLast($"truncate {Path}");
        }

        Position = 0;
    }

    /// <summary>Opens the path anew, after somebody has moved the file away. On failure the old one stays in use.</summary>
    public void Reopen()
    {
        var fresh = OpenHandle(Path, _user, withFolder: false);
        Handle.Dispose();
        Handle = fresh;
        Settle();
    }

    public void Dispose() => Handle.Dispose();

    /// <summary>Sets the position to the real end, which somebody else may have moved.</summary>
    internal void FollowSize()
    {
        if (_regular)
        {
            Position = Size;
        }
    }

    /// <summary>Waits a moment for the reader of what is full.</summary>
    internal bool HasRoomSoon()
    {
        if (_stuck)
        {
            return false;
        }

        var list = new PollList();
        var room = list.Add(Handle, FdInterest.Write);
        list.Wait(Patience);
        _stuck = !list.Happened(room).HasFlag(FdEvents.Writable);
        return !_stuck;
    }

    internal void Advance(long count)
    {
        _stuck = false;
        if (_regular)
        {
            Position += count;
        }
    }

    private long Size => OperatingSystem.IsLinux() ? FileStatus.Of(Handle)?.Size ?? Position : Math.Max(0, Interop.LSeek(Handle, 0, Constants.SEEK_END));

    private void Settle()
    {
        _regular = OperatingSystem.IsLinux() ? FileStatus.Of(Handle) is { IsRegular: true } : Interop.LSeek(Handle, 0, Constants.SEEK_END) >= 0;
        Position = 0;
        FollowSize();
    }

    private static FdHandle OpenHandle(string path, FileUser? user, bool withFolder)
    {
        if (OwnedFolder.RightsFor(path, user) is not { } rights)
        {
            return OpenHere(path, withFolder);
        }

        var handle = Impersonation.Run(rights, () => OpenHere(path, withFolder));
        if (FileStatus.Of(handle) is not { IsRegular: true, Links: 0 })
        {
            return handle;
        }

        // A link into /proc/self/fd leads past all rights to what we hold ourselves: our own memory has no name.
        handle.Dispose();
        throw new SystemCallException($"open {path}: it leads to a file without a name", Errno.ELOOP);
    }

    private static FdHandle OpenHere(string path, bool withFolder)
    {
        if (withFolder && System.IO.Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        return FdHandle.Open(path, Constants.O_RDWR | Constants.O_CREAT | Constants.O_NOCTTY | Constants.O_NONBLOCK, Mode);
    }
}

/// <summary>The outcome of one write to a <see cref="LogFile"/>.</summary>
/// <param name="Written">Bytes that are in the file now.</param>
/// <param name="Position">Where they begin.</param>
/// <param name="Lost">Bytes that could not be written and are gone.</param>
/// <param name="Error">Why (ENOSPC, EIO, EDQUOT, EFBIG; EAGAIN: nobody reads it), if any were lost.</param>
/// <param name="LostLines">Line ends among the lost bytes.</param>
public readonly record struct LogWrite(long Written, long Position, long Lost, Errno Error, long LostLines = 0);
