using System.Net.Sockets;
using System.Text;

namespace ZeroDown.AspNetCore;

/// <summary>Speaks sd_notify(3): one datagram per statement to the socket that <c>NOTIFY_SOCKET</c> names.</summary>
internal sealed class NotifySocket(string address)
{
    // An abstract name is written with a leading @, and really starts with a NUL byte.
    private readonly UnixDomainSocketEndPoint _supervisor = new(address.StartsWith('@') ? '\0' + address[1..] : address);

    /// <summary>Sends <c>READY=1</c> and the like. A supervisor that is gone must not stop the program: errors are swallowed.</summary>
    public void Say(string statement)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // The queue of a datagram socket is short (10 by default); with nobody reading for a while, we must not hang on it.
            socket.SendTimeout = 5_000;
            socket.SendTo(Encoding.UTF8.GetBytes(statement), _supervisor);
        }
        catch (SocketException)
        {
        }
    }
}
