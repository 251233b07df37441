using System.Net.Sockets;
using System.Text;
using Xunit;

namespace ZeroDown.Tests.Protocol;

/// <summary>A client that sends bytes, good or bad, as <c>socat</c> would.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly StreamReader _lines;

    public RawClient(string path)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(path));
        _lines = new StreamReader(new NetworkStream(_socket), Encoding.UTF8);
    }

    public void Send(string text) => Send(Encoding.UTF8.GetBytes(text));

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[_socket.Send(bytes)..];
    }

    /// <summary>Closes the sending half only, as <c>echo … | socat</c> does.</summary>
    public void EndOfInput() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The next line that is not blank; null at the end.</summary>
    public async Task<string?> ReadLineAsync()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Eventually.Deadline);
        while (await _lines.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line.Length > 0)
                return line;
        }

        return null;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _socket.Dispose();
    }
}
