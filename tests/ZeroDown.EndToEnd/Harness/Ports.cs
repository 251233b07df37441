using System.Net;
using System.Net.Sockets;

namespace ZeroDown.EndToEnd.Harness;

/// <summary>
/// Free ports below the kernel's ephemeral range: a port that a load client's own connections may be given as their source would
/// sometimes be "in use".
/// </summary>
internal static class Ports
{
    private const int First = 21_000, Count = 10_000;
    private static int _next = Random.Shared.Next(Count);

    public static int Free()
    {
        while (true)
        {
            var port = First + Interlocked.Increment(ref _next) % Count;
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Any, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}
