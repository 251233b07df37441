using System.Net;
using System.Net.Sockets;

namespace ZeroDown.Core.Apps;

/// <summary>One <c>listen:</c> entry: an address that the daemon binds once and keeps open across every worker's life.</summary>
/// <param name="Address">Where to listen.</param>
/// <param name="Name">Name for <c>LISTEN_FDNAMES</c>; letters, digits, <c>-</c>, <c>_</c>, <c>.</c>; at most 255 characters.</param>
/// <param name="Backlog">Connections the kernel queues; capped by <c>net.core.somaxconn</c>.</param>
public sealed record ListenerSpec(ListenerAddress Address, string Name, int Backlog = ListenerSpec.DefaultBacklog)
{
    public const int DefaultBacklog = 511;
}

/// <summary>
/// An address as the user wrote it, in canonical form. Two specs that mean the same socket have equal addresses, because
/// the address is the listener's identity in the fleet.
/// </summary>
public abstract record ListenerAddress
{
    private protected ListenerAddress()
    {
    }

    /// <summary>A TCP address. <see cref="IPAddress.IPv6Any"/> with <paramref name="DualStack"/> also takes IPv4.</summary>
    /// <param name="Address">The address itself; names are resolved before.</param>
    /// <param name="Port">0 to 65535; 0 lets the kernel choose once, and the choice is kept.</param>
    /// <param name="DualStack">Only with an IPv6 address: IPV6_V6ONLY off.</param>
    public sealed record Tcp(IPAddress Address, int Port, bool DualStack = false) : ListenerAddress
    {
        public override string ToString() =>
            Address.AddressFamily == AddressFamily.InterNetworkV6
                ? DualStack && Address.Equals(IPAddress.IPv6Any) ? $":{Port}" : $"[{Address}]:{Port}"
                : $"{Address}:{Port}";
    }

    /// <summary>A unix domain stream socket.</summary>
    /// <param name="Path">Absolute path; at most 107 bytes on Linux. Beginning with a NUL: an abstract name, which is no file.</param>
    /// <param name="Mode">Permission bits of the socket file, null for what the umask leaves.</param>
    public sealed record Unix(string Path, int? Mode = null) : ListenerAddress
    {
        public override string ToString() => $"unix:{Path.Replace('\0', '@')}";
    }

    /// <summary>A UDP address. Only workers of a Node cluster ask for one: datagrams have no backlog to wait in.</summary>
    /// <param name="Address">The address itself.</param>
    /// <param name="Port">0 to 65535; 0 only within <see cref="Chosen"/>.</param>
    /// <param name="DualStack">Only with an IPv6 address: IPV6_V6ONLY off.</param>
    /// <param name="Reuse">SO_REUSEADDR: others may have the address too, as multicast wants it.</param>
    public sealed record Udp(IPAddress Address, int Port, bool DualStack = false, bool Reuse = false) : ListenerAddress
    {
        public override string ToString() => $"udp:{new IPEndPoint(Address, Port)}";
    }

    /// <summary>An address without a port, for which the kernel chooses one for this app. The choice is kept for the next worker that
    /// asks for its first (second, …) such address.</summary>
    /// <param name="App">Whose: another app that asks for the same gets another port.</param>
    /// <param name="Index">0 for the first in a program, 1 for the second, …</param>
    /// <param name="From">With port 0.</param>
    public sealed record Chosen(AppName App, int Index, ListenerAddress From) : ListenerAddress
    {
        public override string ToString() => $"{From} (number {Index + 1} of {App})";
    }
}
