using System.Text;

namespace ZeroDown.Platform;

/// <summary>Where a worker says READY=1 and the rest (sd_notify): a unix datagram socket, one per worker.</summary>
/// <remarks>
/// Reading is in two steps. <see cref="TryPeek"/> looks; after its consequences are safe, <see cref="Consume"/> takes it, which also closes the descriptors that came
/// along: for BARRIER=1 that closing is the acknowledgement the sender waits for. A daemon killed in between leaves the message for the next one.
/// </remarks>
public sealed class NotifySocket : IDisposable
{
    private const int MaxText = 8 * 1024;

    private NotifySocket(FdHandle handle, string path)
    {
        Handle = handle;
        Path = path;
    }

    /// <summary>For the poller and the keeper (a datagram to a closed socket is lost, and most senders do not try again).</summary>
    public FdHandle Handle { get; }

    /// <summary>The value of NOTIFY_SOCKET.</summary>
    public string Path { get; }

    /// <param name="path">At most 107 bytes (macOS 103). What lies there is replaced.</param>
    /// <param name="ownerUid">The worker's user, if it is not ours.</param>
    /// <exception cref="SystemCallException">It cannot be bound.</exception>
    public static unsafe NotifySocket Bind(string path, int? ownerUid = null)
    {
        if (Encoding.UTF8.GetByteCount(path) > SocketName.MaxPathBytes)
        {
            throw new SystemCallException($"bind {path}", Errno.ENAMETOOLONG);
        }

        _ = Interop.Unlink(path);
        var handle = NewSocket.Create(Constants.AF_UNIX, Constants.SOCK_DGRAM, nonBlocking: true);
        try
        {
            if (OperatingSystem.IsLinux())
            {
                handle.SetOption(Constants.SOL_SOCKET, Constants.SO_PASSCRED, 1);
            }

            var name = SocketName.Of(path);
            fixed (byte* at = name.Bytes)
            {
                if (Interop.Bind(handle, at, (uint)name.Bytes.Length) != 0)
                {
                    throw SystemCallException.FromLast($"bind {path}");
                }
            }

            if (ownerUid is { } uid && Interop.Chown(path, (uint)uid, uint.MaxValue) != 0)
            {
                throw SystemCallException.FromLast($"chown {path} to uid {uid}");
            }

            return new NotifySocket(handle, path);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Adopts one that the keeper gave back.</summary>
    public static NotifySocket FromHandle(FdHandle handle) =>
        new(handle, SocketName.Of(handle).ToAddress(false) is ListenAddress.Unix { Path: var path } ? path : "");

    /// <summary>Looks at the oldest message. The same one is seen again until it is consumed.</summary>
    public bool TryPeek(out Notification notification)
    {
        Span<byte> buffer = stackalloc byte[MaxText];
        var count = RightsSocket.Receive(Handle, buffer, [], Constants.MSG_PEEK, out var sender, ControlMessage.BufferSizeForCredentials);
        notification = default;
        if (count < 0)
        {
            return Errno.Last == Errno.EAGAIN ? false : throw SystemCallException.FromLast($"recvmsg {Path}");
        }

        notification = new Notification(Encoding.UTF8.GetString(buffer[..(int)count]), sender?.Pid ?? 0, sender is { } known ? (int)known.Uid : null);
        return true;
    }

    /// <summary>Takes the oldest message away and acknowledges its barrier, if it has one.</summary>
    public void Consume()
    {
        List<FdHandle> fds = [];
        Span<byte> buffer = stackalloc byte[1];
        _ = RightsSocket.Receive(Handle, buffer, fds, 0, out _);
        fds.ForEach(fd => fd.Dispose());
    }

    /// <summary>Removes the name.</summary>
    public void Unlink() => _ = Interop.Unlink(Path);

    /// <summary>Closes our descriptor; the name stays.</summary>
    public void Dispose() => Handle.Dispose();
}

/// <summary>One datagram.</summary>
/// <param name="Text">At most 8 KiB of it; see <see cref="NotifyMessage.Parse"/>.</param>
/// <param name="SenderPid">As the kernel vouches for it, but it may have ended since; 0 if unknown (macOS, another pid namespace).</param>
/// <param name="SenderUid">As the kernel vouches for it; null if unknown.</param>
public readonly record struct Notification(string Text, int SenderPid, int? SenderUid);
