using System.Globalization;

namespace ZeroDown.Platform;

/// <summary>
/// How many more files a process could open. Asked before a worker is launched, in whose name a dozen are opened at once: what is left when that is refused is the reserve out
/// of which commands are answered, logs written and sockets held, so that somebody can still look and mend it.
/// </summary>
public static class DescriptorRoom
{
    /// <summary>Of a process of the same user; null where that cannot be seen.</summary>
    public static int? Of(int pid) =>
        OperatingSystem.IsLinux() && SystemLimits.OpenFilesOf(pid) is { } limit && CountOf(pid) is { } open ? (int)Math.Clamp(limit.Soft - open, 0, int.MaxValue) : null;

    /// <exception cref="SystemCallException">EMFILE: there is less than that.</exception>
    public static void Demand(int files, int pid, string who)
    {
        if (Of(pid) is { } room && room < files)
        {
            throw new SystemCallException(string.Create(CultureInfo.InvariantCulture, $"{who} (pid {pid}) has only {room} descriptors left, which are kept for everything else; raise its limit (prlimit --nofile, LimitNOFILE=)"), Errno.EMFILE);
        }
    }

    /// <summary>Since Linux 6.2 the folder's size is their number; before, they have to be counted one by one.</summary>
    private static long? CountOf(int pid) =>
        FileStatus.Of($"/proc/{pid}/fd") is { Size: > 0 } folder ? folder.Size : ProcFs.Numbers($"/proc/{pid}/fd")?.Count;
}
