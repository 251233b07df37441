using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LoadClient;

/// <summary>An address to send requests to: host and port of a URL, or a unix domain socket.</summary>
public sealed record LoadTarget(Uri Url, string? UnixPath = null)
{
    internal async ValueTask<Socket> ConnectAsync(CancellationToken cancellation)
    {
        var socket = UnixPath is null
            ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(EndPoint(), cancellation).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal byte[] Request(bool close, string? pathAndQuery = null, string headers = "") => Encoding.ASCII.GetBytes(
        $"GET {pathAndQuery ?? Url.PathAndQuery} HTTP/1.1\r\nHost: {Url.Authority}\r\n{(close ? "Connection: close\r\n" : "")}{headers}\r\n");

    private EndPoint EndPoint() =>
        UnixPath is not null ? new UnixDomainSocketEndPoint(UnixPath)
        : IPAddress.TryParse(Url.DnsSafeHost, out var address) ? new IPEndPoint(address, Url.Port)
        : new DnsEndPoint(Url.DnsSafeHost, Url.Port);
}
