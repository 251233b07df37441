using System.Net.WebSockets;
using System.Text;

namespace LoadClient;

/// <summary>One websocket that echoes now and then; it tells whether it still lives and how it ended.</summary>
public sealed class WebSocketSession : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly long _opened = System.Diagnostics.Stopwatch.GetTimestamp();
    private readonly byte[] _buffer = new byte[8 * 1024];
    private long _received;

    private WebSocketSession()
    {
    }

    /// <summary>Connects; the handshake is sent once, so a failure throws.</summary>
    /// <param name="url">A <c>ws://</c> address.</param>
    public static async Task<WebSocketSession> OpenAsync(Uri url, TimeSpan within)
    {
        var session = new WebSocketSession();
        using var limit = new CancellationTokenSource(within);
        await session._socket.ConnectAsync(url, limit.Token).ConfigureAwait(false);
        return session;
    }

    /// <summary>Sends a text and returns the next text of the server; throws <see cref="WebSocketException"/> when the connection is gone.</summary>
    public async Task<string> AskAsync(string text, TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        await _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, limit.Token).ConfigureAwait(false);
        var answer = await _socket.ReceiveAsync(_buffer.AsMemory(), limit.Token).ConfigureAwait(false);
        if (answer.MessageType == WebSocketMessageType.Close)
            throw new WebSocketException($"closed by the server: {_socket.CloseStatus} {_socket.CloseStatusDescription}");
        _received++;
        return Encoding.UTF8.GetString(_buffer, 0, answer.Count);
    }

    /// <summary>Reads until the server ends it; call it when nothing is asked any more.</summary>
    public async Task<LongLivedEnd> WaitForEndAsync(TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        try
        {
            while (true)
            {
                var message = await _socket.ReceiveAsync(_buffer.AsMemory(), limit.Token).ConfigureAwait(false);
                if (message.MessageType == WebSocketMessageType.Close)
                    return End(EndKind.Complete, $"{_socket.CloseStatus} {_socket.CloseStatusDescription}");
                _received++;
            }
        }
        catch (WebSocketException e)
        {
            return End(e.WebSocketErrorCode == WebSocketError.ConnectionClosedPrematurely ? EndKind.Cut : EndKind.Reset, e.Message);
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private LongLivedEnd End(EndKind how, string detail) => new(how, System.Diagnostics.Stopwatch.GetElapsedTime(_opened), _received, detail);
}
