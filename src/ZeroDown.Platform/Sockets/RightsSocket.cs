namespace ZeroDown.Platform;

/// <summary>One sendmsg, one recvmsg, with descriptors; what the channels and the notify socket have in common.</summary>
internal static unsafe class RightsSocket
{
    /// <summary>Sends head and body as one message with the descriptors attached to its first byte.</summary>
    /// <returns>Bytes sent, or -1 with the reason in <see cref="Errno.Last"/>.</returns>
    internal static nint Send(FdHandle socket, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, IReadOnlyList<FdHandle> fds)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fds.Count, ControlMessage.MaxFds);
        Span<int> numbers = stackalloc int[fds.Count];
        var referenced = 0;
        try
        {
            for (; referenced < fds.Count; referenced++)
            {
                var ok = false;
                fds[referenced].DangerousAddRef(ref ok);
                numbers[referenced] = fds[referenced].Number;
            }

            var control = stackalloc byte[ControlMessage.BufferSize];
            var header = stackalloc byte[ControlMessage.MessageHeaderSize];
            var vectors = stackalloc IoVec[2];
            var controlLength = ControlMessage.WriteRights(control, numbers);
            fixed (byte* headAt = head, bodyAt = body)
            {
                vectors[0] = new IoVec { Base = headAt, Length = (nuint)head.Length };
                vectors[1] = new IoVec { Base = bodyAt, Length = (nuint)body.Length };
                ControlMessage.FillHeader(header, vectors, 2, control, controlLength);
                nint sent;
                while ((sent = Interop.SendMsg(socket, header, Constants.MSG_NOSIGNAL | Constants.MSG_DONTWAIT)) < 0 && Errno.Last == Errno.EINTR)
                {
                }

                return sent;
            }
        }
        finally
        {
            for (var i = 0; i < referenced; i++)
            {
                fds[i].DangerousRelease();
            }
        }
    }

    /// <summary>Receives without waiting. Every descriptor that comes along is added to <paramref name="fds"/>, which then owns it.</summary>
    /// <param name="socket">Where from.</param>
    /// <param name="buffer">Where to. What of a datagram does not fit is lost.</param>
    /// <param name="fds">Collects descriptors.</param>
    /// <param name="flags">MSG_PEEK or 0. A peek that has room for descriptors gets duplicates of them each time.</param>
    /// <param name="sender">The sender's credentials, where SO_PASSCRED is on.</param>
    /// <param name="controlSize">Less than the full size leaves descriptors out: the kernel writes credentials first and drops what has no room.</param>
    /// <returns>Bytes received, 0 at the end of a stream, or -1 with the reason in <see cref="Errno.Last"/>.</returns>
    internal static nint Receive(FdHandle socket, Span<byte> buffer, List<FdHandle> fds, int flags, out LinuxUcred? sender, int controlSize = ControlMessage.BufferSize)
    {
        var control = stackalloc byte[controlSize];
        var header = stackalloc byte[ControlMessage.MessageHeaderSize];
        var cloexec = OperatingSystem.IsMacOS() ? 0 : Constants.MSG_CMSG_CLOEXEC;
        IoVec vector;
        fixed (byte* at = buffer)
        {
            vector = new IoVec { Base = at, Length = (nuint)buffer.Length };
            nint received = 0;
            var wasReset = false;
            do
            {
                // When the other side closes with something of ours unread, the kernel tells that once, ahead of what it had said before:
                // without a second look its last words would be lost.
                wasReset |= received < 0 && Errno.Last == Errno.ECONNRESET;
                ControlMessage.FillHeader(header, &vector, 1, control, controlSize);
                received = Interop.RecvMsg(socket, header, flags | cloexec | Constants.MSG_DONTWAIT);
            }
            while (received < 0 && (Errno.Last == Errno.EINTR || (Errno.Last == Errno.ECONNRESET && !wasReset)));

            sender = null;
            if (received >= 0)
            {
                ControlMessage.Read(control, ControlMessage.ControlLength(header), fds, out sender);
            }

            return received;
        }
    }
}
