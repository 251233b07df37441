using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ZeroDown.Platform;

/// <summary>A sockaddr in bytes, both ways. macOS has a length byte before a family byte where Linux has a 16-bit family.</summary>
internal readonly struct SocketName
{
    private const int PathOffset = 2;

    private readonly byte[] _bytes;

    private SocketName(byte[] bytes) => _bytes = bytes;

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>sun_path with its terminating zero: 108 bytes on Linux, 104 on macOS.</summary>
    internal static int MaxPathBytes => OperatingSystem.IsMacOS() ? 103 : 107;

    internal int Family => OperatingSystem.IsMacOS() ? _bytes[1] : BitConverter.ToUInt16(_bytes);

    internal static SocketName Of(IPAddress address, int port)
    {
        var v6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        var bytes = New(v6 ? Constants.AF_INET6 : Constants.AF_INET, v6 ? 28 : 16);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)port);
        address.TryWriteBytes(bytes.AsSpan(v6 ? 8 : 4), out _);
        if (v6)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(24), (uint)address.ScopeId);
        }

        return new SocketName(bytes);
    }

    /// <summary>The path must have been checked against <see cref="MaxPathBytes"/>.</summary>
    internal static SocketName Of(string path)
    {
        var text = Encoding.UTF8.GetBytes(path);
        // An abstract name is as long as the address says; a zero at its end would be a part of it.
        var bytes = New(Constants.AF_UNIX, PathOffset + text.Length + (path.StartsWith('\0') ? 0 : 1));
        text.CopyTo(bytes, PathOffset);
        return new SocketName(bytes);
    }

    /// <summary>What getsockname(2) says.</summary>
    internal static unsafe SocketName Of(FdHandle socket)
    {
        var bytes = stackalloc byte[128];
        uint length = 128;
        if (Interop.GetSockName(socket, bytes, &length) != 0)
        {
            throw SystemCallException.FromLast("getsockname");
        }

        return new SocketName(new Span<byte>(bytes, (int)Math.Min(length, 128)).ToArray());
    }

    internal ListenAddress ToAddress(bool dualStack)
    {
        if (Family == Constants.AF_UNIX)
        {
            var path = _bytes.Length > PathOffset ? _bytes.AsSpan(PathOffset) : [];
            var end = path is [0, ..] ? -1 : path.IndexOf((byte)0);
            return new ListenAddress.Unix(Encoding.UTF8.GetString(end >= 0 ? path[..end] : path));
        }

        var port = BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(2));
        return Family == Constants.AF_INET6
            ? new ListenAddress.Tcp(new IPAddress(_bytes.AsSpan(8, 16), BitConverter.ToUInt32(_bytes, 24)), port, dualStack)
            : new ListenAddress.Tcp(new IPAddress(_bytes.AsSpan(4, 4)), port);
    }

    private static byte[] New(int family, int length)
    {
        var bytes = new byte[length];
        if (OperatingSystem.IsMacOS())
        {
            bytes[0] = (byte)length;
            bytes[1] = (byte)family;
        }
        else
        {
            BitConverter.TryWriteBytes(bytes, (ushort)family);
        }

        return bytes;
    }
}
