using System.Globalization;
using System.Text;

namespace ZeroDown.Platform;

/// <summary>"Only one of us": a lock on a file that the kernel lets go when its holder ends, however it ends. The file itself stays.</summary>
/// <remarks>flock(2) belongs to the open file: close-on-exec, so no child inherits it. The pid in the file is for people; only the lock decides.</remarks>
public sealed class InstanceLock : IDisposable
{
    private const int OwnerOnly = 0x180; // 0600

    private readonly FdHandle _file;

    private InstanceLock(string path, FdHandle file)
    {
        Path = path;
        _file = file;
    }

    public string Path { get; }

    /// <summary>Takes the lock if it is free.</summary>
    /// <param name="path">Created if missing.</param>
    /// <param name="holderPid">If the answer is null: who has it, as far as the file tells, else 0.</param>
    /// <returns>Null if another process holds it.</returns>
    /// <exception cref="SystemCallException">The file cannot be opened.</exception>
    public static unsafe InstanceLock? TryTake(string path, out int holderPid)
    {
        holderPid = 0;
        var file = FdHandle.Open(path, Constants.O_RDWR | Constants.O_CREAT, OwnerOnly);
        if (Interop.Flock(file, Constants.LOCK_EX | Constants.LOCK_NB) != 0)
        {
            var errno = Errno.Last;
            file.Dispose();
            holderPid = ReadHolder(path);
            return errno == Errno.EAGAIN ? null : throw new SystemCallException($"flock {path}", errno);
        }

        var pid = Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
        nint written;
        fixed (byte* at = pid)
        {
            // Over what the last one wrote, and only then cut to length: on a full disk there may be room for that and for nothing else.
            written = Interop.PWrite(file, at, pid.Length, 0);
        }

        _ = Interop.FTruncate(file, Math.Max(0, written));
        return new InstanceLock(path, file);
    }

    /// <summary>The one that an earlier image of this very process took: it is not lost over an exec as long as its descriptor stays open.</summary>
    internal static InstanceLock Adopt(string path, FdHandle file) => new(path, file);

    internal FdHandle Handle => _file;

    /// <summary>The pid that the last holder wrote; 0 if there is none. Nobody needs to be alive under it.</summary>
    public static int ReadHolder(string path)
    {
        // Not through FileStream: .NET takes a shared flock when it opens a file for reading, and ours is in its way.
        using var file = FdHandle.TryOpen(path, Constants.O_RDONLY);
        if (file is null)
        {
            return 0;
        }

        Span<byte> buffer = stackalloc byte[16];
        _ = file.Read(buffer, out var count);
        return int.TryParse(Encoding.ASCII.GetString(buffer[..count]), NumberStyles.Integer, CultureInfo.InvariantCulture, out var pid) ? pid : 0;
    }

    /// <summary>Lets go.</summary>
    public void Dispose() => _file.Dispose();
}
