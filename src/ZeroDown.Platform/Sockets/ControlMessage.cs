namespace ZeroDown.Platform;

/// <summary>msghdr and cmsghdr by hand: Linux counts in size_t, macOS in 32 bits, and both align control messages differently.</summary>
internal static unsafe class ControlMessage
{
    /// <summary>SCM_MAX_FD of Linux; the kernel answers EINVAL for more in one message.</summary>
    internal const int MaxFds = 253;

    /// <summary>Room for <see cref="MaxFds"/> descriptors and the sender's credentials.</summary>
    internal const int BufferSize = 16 + ((MaxFds + 1) * sizeof(int)) + 64;

    /// <summary>Room for credentials and nothing else, so that a peek does not open descriptors. CMSG_SPACE(struct ucred).</summary>
    internal const int BufferSizeForCredentials = 32;

    internal const int MessageHeaderSize = 56;

    private static bool Mac => OperatingSystem.IsMacOS();

    private static int HeaderSize => Mac ? 12 : 16;

    private static int Align(int length) => Mac ? (length + 3) & ~3 : (length + 7) & ~7;

    /// <summary>Fills <paramref name="header"/> (<see cref="MessageHeaderSize"/> bytes) for one sendmsg or recvmsg on a connected or bound socket.</summary>
    internal static void FillHeader(byte* header, IoVec* vectors, int vectorCount, byte* control, int controlLength)
    {
        new Span<byte>(header, MessageHeaderSize).Clear();
        *(IoVec**)(header + 16) = vectors;
        *(int*)(header + 24) = vectorCount;
        *(byte**)(header + 32) = controlLength == 0 ? null : control;
        *(int*)(header + 40) = controlLength;
    }

    /// <summary>The bytes of control data that a recvmsg left.</summary>
    internal static int ControlLength(byte* header) => *(int*)(header + 40);

    /// <summary>Writes one SCM_RIGHTS message and returns its length (0 for no descriptors).</summary>
    internal static int WriteRights(byte* control, ReadOnlySpan<int> fds)
    {
        if (fds.IsEmpty)
        {
            return 0;
        }

        var length = HeaderSize + (fds.Length * sizeof(int));
        new Span<byte>(control, Align(length)).Clear();
        *(int*)control = length;
        *(int*)(control + HeaderSize - 8) = Constants.SOL_SOCKET;
        *(int*)(control + HeaderSize - 4) = Constants.SCM_RIGHTS;
        fds.CopyTo(new Span<int>(control + HeaderSize, fds.Length));
        return Align(length);
    }

    /// <summary>Takes ownership of every descriptor in the control data: whoever calls this must keep or dispose all of them.</summary>
    internal static void Read(byte* control, int controlLength, List<FdHandle> fds, out LinuxUcred? sender)
    {
        sender = null;
        for (var at = 0; at + HeaderSize <= controlLength;)
        {
            var length = *(int*)(control + at);
            if (length < HeaderSize || at + length > controlLength)
            {
                return;
            }

            var level = *(int*)(control + at + HeaderSize - 8);
            var type = *(int*)(control + at + HeaderSize - 4);
            var data = control + at + HeaderSize;
            if (level == Constants.SOL_SOCKET && type == Constants.SCM_RIGHTS)
            {
                for (var i = 0; i < (length - HeaderSize) / sizeof(int); i++)
                {
                    var fd = new FdHandle(((int*)data)[i]);
                    if (Mac)
                    {
                        _ = Interop.Fcntl(fd, Constants.F_SETFD, Constants.FD_CLOEXEC);
                    }

                    fds.Add(fd);
                }
            }
            else if (!Mac && level == Constants.SOL_SOCKET && type == Constants.SCM_CREDENTIALS && length >= HeaderSize + sizeof(LinuxUcred))
            {
                sender = *(LinuxUcred*)data;
            }

            at += Align(length);
        }
    }
}
