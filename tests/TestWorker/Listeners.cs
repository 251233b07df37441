using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TestWorker;

/// <summary>
/// The sockets that LISTEN_FDS names, from fd 3 on. They belong to whoever launched us: the handles are not owned, because a .NET socket
/// that owns its handle changes linger and connect state of the shared listener when it is disposed.
/// </summary>
internal static class Listeners
{
    private const int FirstFd = 3;

    public static List<Socket> Inherited()
    {
        var forUs = Environment.GetEnvironmentVariable("LISTEN_PID") is not { Length: > 0 } pid
            || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        if (!forUs || !int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), CultureInfo.InvariantCulture, out var count))
            return [];
        return [.. Enumerable.Range(FirstFd, count).Select(fd => new Socket(new SafeSocketHandle(fd, ownsHandle: false)))];
    }

    public static Socket Bind(IPEndPoint address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(address);
        socket.Listen(512);
        return socket;
    }
}
