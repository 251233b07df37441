using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace ZeroDown.Platform;

/// <summary>A socket in the kernel's lists.</summary>
/// <param name="Inode">By which a process's open files name it.</param>
/// <param name="Local">Its own address; an unnamed unix socket has an empty path.</param>
/// <param name="IsListening">LISTEN, or for unix sockets __SO_ACCEPTCON.</param>
/// <param name="IsEstablished">A connection that is open in both directions, or half closed by the other side (CLOSE_WAIT): somebody still serves it.</param>
/// <param name="Uid">Who opened it; unix sockets do not tell.</param>
/// <param name="Unread">Of one that listens, connections that wait to be accepted; else bytes.</param>
internal readonly record struct SocketEntry(long Inode, ListenAddress Local, bool IsListening, bool IsEstablished, int? Uid, int Unread = 0)
{
    // enum tcp_state, net/tcp_states.h
    internal const int Established = 1;
    internal const int CloseWait = 8;
    internal const int Listening = 10;

    /// <summary>It is bound to exactly this address.</summary>
    internal bool IsAt(ListenAddress address) => (Local, address) switch
    {
        (ListenAddress.Tcp one, ListenAddress.Tcp other) => one.Port == other.Port && one.Address.Equals(other.Address),
        (ListenAddress.Unix one, ListenAddress.Unix other) => one.Path == other.Path,
        _ => false,
    };

    internal static SocketEntry OfTcp(long inode, IPAddress ip, int port, int state, int uid, int unread) => new(
        inode,
        // A dual-stack socket that is bound to an IPv4 address (.NET's default kind, Java's) counts as IPv6, with ::ffff:a.b.c.d.
        new ListenAddress.Tcp(ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip, port),
        state == Listening,
        state is Established or CloseWait,
        uid,
        unread);
}

/// <summary>The kernel's lists of sockets, of one network namespace: those that listen, and the connections that are open.</summary>
internal static class SocketTable
{
    private const int LookedFor = 1 << SocketEntry.Established | 1 << SocketEntry.CloseWait | 1 << SocketEntry.Listening;
    private const uint AcceptsConnections = 0x10000;

    /// <param name="folder">/proc/net, or /proc/PID/net to see what that process sees.</param>
    internal static List<SocketEntry> Read(string folder)
    {
        var sockets = (SeesWhatWeSee(folder) ? SocketDiag.TryRead(LookedFor) : null) ?? ReadTcp(folder);
        sockets.AddRange(ReadUnix(folder));
        return sockets;
    }

    internal static List<SocketEntry> ReadUnix(string folder) => [.. Lines($"{folder}/unix").Select(ParseUnix).OfType<SocketEntry>()];

    /// <summary>Open TCP connections of our own network namespace whose own port is this one.</summary>
    internal static List<SocketEntry> ReadConnections(int port) =>
        (SocketDiag.TryRead(1 << SocketEntry.Established | 1 << SocketEntry.CloseWait, port) ?? ReadTcp("/proc/net"))
        .FindAll(socket => socket.IsEstablished && socket.Local is ListenAddress.Tcp tcp && tcp.Port == port);

    /// <summary>TCP sockets of our own network namespace that listen.</summary>
    internal static List<SocketEntry> ReadListening() => (SocketDiag.TryRead(1 << SocketEntry.Listening) ?? ReadTcp("/proc/net")).FindAll(socket => socket.IsListening);

    /// <summary>The lists as text: of any namespace, and on any Linux.</summary>
    internal static List<SocketEntry> ReadTcp(string folder)
    {
        List<SocketEntry> sockets = [];
        foreach (var line in Lines($"{folder}/tcp").Concat(Lines($"{folder}/tcp6")))
        {
            if (ParseTcp(line) is { } socket)
            {
                sockets.Add(socket);
            }
        }

        return sockets;
    }

    /// <summary>False also when that process's network namespace may not be seen.</summary>
    private static bool SeesWhatWeSee(string folder) =>
        folder == "/proc/net" || ProcFs.ReadLink($"{folder[..^"net".Length]}ns/net") is { } theirs && theirs == ProcFs.ReadLink("/proc/self/ns/net");

    /// <summary>"sl local remote st tx:rx tr:when retrnsmt uid timeout inode …", addresses as hexadecimal 32-bit words in the machine's byte order.</summary>
    internal static SocketEntry? ParseTcp(string line)
    {
        var words = line.AsSpan();
        Span<Range> fields = stackalloc Range[11];
        if (words.Split(fields, ' ', StringSplitOptions.RemoveEmptyEntries) < 10 || !int.TryParse(words[fields[3]], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var state))
        {
            return null;
        }

        // Most lines of a busy machine are connections that are over (TIME_WAIT): no more work for them than this.
        if ((LookedFor & 1 << state) == 0)
        {
            return null;
        }

        var local = words[fields[1]];
        var colon = local.IndexOf(':');
        var address = new byte[colon / 2];
        for (var word = 0; word < address.Length / 4; word++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(address.AsSpan(word * 4), uint.Parse(local.Slice(word * 8, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        }

        return SocketEntry.OfTcp(
            long.Parse(words[fields[9]], CultureInfo.InvariantCulture),
            new IPAddress(address),
            int.Parse(local[(colon + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            state,
            int.Parse(words[fields[7]], CultureInfo.InvariantCulture),
            (int)uint.Parse(words[fields[4]][9..], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    /// <summary>"Num: RefCount Protocol Flags Type St Inode [Path]"; state 3 is connected.</summary>
    internal static SocketEntry? ParseUnix(string line)
    {
        var fields = line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 7 || !uint.TryParse(fields[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var flags))
        {
            return null;
        }

        return new SocketEntry(
            long.Parse(fields[6], CultureInfo.InvariantCulture),
            new ListenAddress.Unix(fields.Length > 7 ? fields[7] : ""),
            (flags & AcceptsConnections) != 0,
            fields[5] == "03",
            null);
    }

    /// <summary>Without the heading.</summary>
    private static IEnumerable<string> Lines(string path) => ProcFs.ReadLines(path).Skip(1);
}
