using System.Buffers.Binary;
using System.Net;

namespace ZeroDown.Platform;

/// <summary>TCP sockets as the kernel tells them over netlink, sock_diag(7): only those in certain states, and as numbers.</summary>
/// <remarks>
/// A busy server has tens of thousands of connections that are over and wait (TIME_WAIT). /proc/net/tcp prints a line for each, 10 MB at every look; here the kernel passes them over.
/// Where the interface is missing (a sandbox, a kernel without inet_diag), that file is still there to be read.
/// </remarks>
internal static class SocketDiag
{
    private const int HeaderSize = 16; // struct nlmsghdr
    private const int RequestSize = 56; // struct inet_diag_req_v2
    private const int AnswerSize = 72; // struct inet_diag_msg
    private const int RequestPortAt = 8;
    private const int PortAt = 4, AddressAt = 8, UnreadAt = 56, UidAt = 64, InodeAt = 68;

    /// <summary>More than the kernel puts into one part of a dump.</summary>
    private const int PartSize = 64 * 1024;

    /// <summary>Of our own network namespace, both families.</summary>
    /// <param name="states">A bit for each state.</param>
    /// <param name="port">Only sockets whose own port is this one; 0 for all.</param>
    /// <returns>Null if the kernel does not tell.</returns>
    internal static List<SocketEntry>? TryRead(int states, int port = 0)
    {
        if (!OperatingSystem.IsLinux() || Interop.Socket(Constants.AF_NETLINK, Constants.SOCK_DGRAM | Constants.SOCK_CLOEXEC, Constants.NETLINK_SOCK_DIAG) is not (>= 0 and var number))
        {
            return null;
        }

        using var kernel = new FdHandle(number);
        List<SocketEntry> sockets = [];
        return TryRead(kernel, Constants.AF_INET, states, port, sockets) && TryRead(kernel, Constants.AF_INET6, states, port, sockets) ? sockets : null;
    }

    private static bool TryRead(FdHandle kernel, int family, int states, int port, List<SocketEntry> into)
    {
        if (FdBytes.Write(kernel, Request(family, states, port)) != HeaderSize + RequestSize)
        {
            return false;
        }

        var part = new byte[PartSize];
        while (true)
        {
            var length = FdBytes.Read(kernel, part);
            if (length <= 0)
            {
                return false;
            }

            for (var rest = part.AsSpan(0, length); rest.Length >= HeaderSize;)
            {
                var size = BitConverter.ToInt32(rest);
                int type = BitConverter.ToUInt16(rest[4..]);
                if (type == Constants.NLMSG_DONE)
                {
                    return true;
                }

                if (type != Constants.SOCK_DIAG_BY_FAMILY || size < HeaderSize + AnswerSize || size > rest.Length)
                {
                    return false;
                }

                into.Add(Entry(rest.Slice(HeaderSize, AnswerSize), family));
                rest = rest[Math.Min(rest.Length, size + 3 & ~3)..];
            }
        }
    }

    private static byte[] Request(int family, int states, int port)
    {
        var request = new byte[HeaderSize + RequestSize];
        BitConverter.TryWriteBytes(request, request.Length);
        BitConverter.TryWriteBytes(request.AsSpan(4), (ushort)Constants.SOCK_DIAG_BY_FAMILY);
        BitConverter.TryWriteBytes(request.AsSpan(6), (ushort)(Constants.NLM_F_REQUEST | Constants.NLM_F_DUMP));
        request[HeaderSize] = (byte)family;
        request[HeaderSize + 1] = Constants.IPPROTO_TCP;
        BitConverter.TryWriteBytes(request.AsSpan(HeaderSize + 4), states);
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(HeaderSize + RequestPortAt), (ushort)port);
        return request;
    }

    private static SocketEntry Entry(ReadOnlySpan<byte> answer, int family)
    {
        var ip = new IPAddress(answer.Slice(AddressAt, family == Constants.AF_INET ? 4 : 16));
        return SocketEntry.OfTcp(
            BitConverter.ToUInt32(answer[InodeAt..]), ip, BinaryPrimitives.ReadUInt16BigEndian(answer[PortAt..]), state: answer[1], BitConverter.ToInt32(answer[UidAt..]), BitConverter.ToInt32(answer[UnreadAt..]));
    }
}
