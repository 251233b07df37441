using System.Net;

namespace ZeroDown.Platform;

/// <summary>Where to listen, in the kernel's terms. The text form of people is parsed above.</summary>
public abstract record ListenAddress
{
    private protected ListenAddress()
    {
    }

    /// <param name="Address">IPv4 or IPv6; <see cref="IPAddress.IPv6Any"/> with <paramref name="DualStack"/> for both.</param>
    /// <param name="Port">0 lets the kernel choose.</param>
    /// <param name="DualStack">IPv6 only: also take IPv4 clients. Always said to the kernel, because a sysctl may turn its default round.</param>
    public sealed record Tcp(IPAddress Address, int Port, bool DualStack = false) : ListenAddress
    {
        public override string ToString() => new IPEndPoint(Address, Port).ToString();
    }

    /// <param name="Path">Absolute path of the socket file; at most 107 bytes (macOS 103).</param>
    /// <param name="Mode">Permissions of the file (connecting needs write); null: 0777 less the umask, as bind(2) makes it.</param>
    public sealed record Unix(string Path, UnixFileMode? Mode = null) : ListenAddress
    {
        /// <summary>Linux: a name in the kernel's own table, which begins with a NUL and goes with its last holder.</summary>
        public bool IsAbstract => Path.StartsWith('\0');

        /// <summary>As /proc/net/unix has it: with an @ for the NUL.</summary>
        internal string Shown => Path.Replace('\0', '@');

        public override string ToString() => $"unix:{Shown}";
    }

    /// <summary>Datagrams: bound, and nothing to accept.</summary>
    /// <param name="Address">IPv4 or IPv6.</param>
    /// <param name="Port">0 lets the kernel choose.</param>
    /// <param name="DualStack">IPv6 only: also take IPv4 senders.</param>
    /// <param name="Reuse">SO_REUSEADDR: others may bind it too.</param>
    public sealed record Udp(IPAddress Address, int Port, bool DualStack = false, bool Reuse = false) : ListenAddress
    {
        public override string ToString() => $"udp:{new IPEndPoint(Address, Port)}";
    }
}
