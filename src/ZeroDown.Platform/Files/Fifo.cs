namespace ZeroDown.Platform;

/// <summary>What both FIFOs share: a name nobody else has, and room for a second or two of output.</summary>
internal static class Fifo
{
    /// <summary>What an unprivileged user may have at most by default (<c>fs.pipe-max-size</c>).</summary>
    private const int WantedCapacity = 1024 * 1024;

    private const uint OwnerOnly = 0x180; // 0600

    internal static string Make(string folder, int? ownerUid)
    {
        var path = Path.Combine(folder, $"{OutputFifo.NamePrefix}{Environment.ProcessId}-{Guid.NewGuid():N}");
        if (Interop.MkFifo(path, OwnerOnly) != 0)
        {
            throw SystemCallException.FromLast($"mkfifo {path}");
        }

        if (ownerUid is { } uid && Interop.Chown(path, (uint)uid, uint.MaxValue) != 0)
        {
            var failure = SystemCallException.FromLast($"chown {path} to uid {uid}");
            _ = Interop.Unlink(path);
            throw failure;
        }

        return path;
    }

    /// <summary>Silently stays at 64 KiB where more is not to be had: a per-user limit on pipe pages (EPERM), or macOS.</summary>
    internal static void Widen(FdHandle fifo)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Interop.Fcntl(fifo, Constants.F_SETPIPE_SZ, WantedCapacity);
        }
    }
}
