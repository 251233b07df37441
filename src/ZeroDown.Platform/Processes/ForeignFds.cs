namespace ZeroDown.Platform;

/// <summary>
/// What can be had again of a living process's descriptors when nobody else has a copy any more: its standard FIFOs, opened anew through /proc, and its listening
/// sockets, copied with pidfd_getfd where the kernel allows it (the rights of ptrace; Yama refuses them for strangers). Linux; elsewhere there is nothing to be had.
/// </summary>
public static class ForeignFds
{
    /// <summary>The other end of a FIFO that the process has under a number: for reading what it prints, or for writing what it reads.</summary>
    /// <param name="process">Whose.</param>
    /// <param name="number">0, 1 or 2.</param>
    /// <param name="forWriting">Which end.</param>
    /// <returns>Null if it is no FIFO of ours, or cannot be opened.</returns>
    public static FdHandle? OpenFifo(ProcessIdentity process, int number, bool forWriting)
    {
        var path = $"/proc/{process.Pid}/fd/{number}";
        if (!OperatingSystem.IsLinux() || ProcFs.ReadLink(path)?.Contains($"/{OutputFifo.NamePrefix}", StringComparison.Ordinal) != true)
        {
            return null;
        }

        var opened = FdHandle.TryOpen(path, (forWriting ? Constants.O_WRONLY : Constants.O_RDONLY) | Constants.O_NONBLOCK);

        // Alive still: so it was this process that the path led to.
        if (opened is not null && !process.IsAlive())
        {
            opened.Dispose();
            return null;
        }

        return opened;
    }

    /// <summary>A copy of the socket that the process listens on at an address; the same socket, with its queue.</summary>
    /// <param name="process">Whose.</param>
    /// <param name="address">As it was bound.</param>
    /// <param name="holds">True if it has such a socket, also if we may not have a copy; and where that cannot be seen.</param>
    /// <returns>Null if there is none to be had.</returns>
    public static FdHandle? CopyListener(ProcessIdentity process, ListenAddress address, out bool holds)
    {
        holds = !OperatingSystem.IsLinux();
        if (holds || !process.IsAlive())
        {
            return null;
        }

        using var pidFd = process.OpenPidFd();
        var inodes = SocketTable.Read($"/proc/{process.Pid}/net").Where(socket => socket.IsListening && socket.IsAt(address)).Select(socket => socket.Inode).ToHashSet();
        foreach (var (number, target) in inodes.Count == 0 ? [] : ProcFs.OpenFiles(process.Pid) ?? [])
        {
            if (!inodes.Contains(ProcFs.SocketInode(target)))
            {
                continue;
            }

            holds = true;
            if (pidFd is not null && Interop.PidFdGetFd(pidFd, number) is >= 0 and var copy)
            {
                return new FdHandle(copy);
            }
        }

        return null;
    }
}
