using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace TestWorker;

/// <summary>One connection: reads request heads, answers by their path and query, and closes when either side wants to.</summary>
internal sealed class HttpConnection(Socket socket, HttpServer server) : IDisposable
{
    private readonly byte[] _buffer = new byte[8 * 1024];
    private int _length;

    public async Task RunAsync()
    {
        if (socket.ProtocolType == ProtocolType.Tcp)
            socket.NoDelay = true;
        while (await ReadHeadAsync() is { } head)
        {
            var path = head.Split(' ', 3)[1];
            var query = System.Web.HttpUtility.ParseQueryString(path.Contains('?', StringComparison.Ordinal) ? path[(path.IndexOf('?', StringComparison.Ordinal) + 1)..] : "");
            int Number(string name, int otherwise) => int.TryParse(query[name], CultureInfo.InvariantCulture, out var number) ? number : otherwise;
            if (Number("delay", 0) is > 0 and var delay)
                await Task.Delay(delay);
            // Asked after the delay: a drain that began while we worked must be told to the client too.
            var close = server.Draining || head.Contains("\r\nConnection: close", StringComparison.OrdinalIgnoreCase);
            switch (path.Split('?')[0])
            {
                case "/download":
                    await DownloadAsync(Number("kb", 1000), Number("ms", 3000), close);
                    break;
                case "/events":
                    await EventsAsync(Number("count", int.MaxValue), Number("every", 100));
                    close = true;
                    break;
                case "/exit":
                    Environment.Exit(Number("code", 1));
                    break;
                default:
                    await AnswerAsync(Number("status", 200), close);
                    break;
            }

            if (close)
            {
                socket.Shutdown(SocketShutdown.Send);
                return;
            }
        }
    }

    public void Dispose() => socket.Dispose();

    private async Task<string?> ReadHeadAsync()
    {
        int end;
        while ((end = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (_length == _buffer.Length)
                return null;
            var read = await ReceiveAsync();
            if (read == 0)
                return null;
            _length += read;
        }

        var head = Encoding.ASCII.GetString(_buffer, 0, end);
        _length -= end + 4;
        _buffer.AsSpan(end + 4, _length).CopyTo(_buffer);
        return head;
    }

    private async Task<int> ReceiveAsync()
    {
        if (server.IdleLimit == Timeout.InfiniteTimeSpan)
            return await socket.ReceiveAsync(_buffer.AsMemory(_length));
        using var limit = new CancellationTokenSource(server.IdleLimit);
        return await socket.ReceiveAsync(_buffer.AsMemory(_length), limit.Token);
    }

    private Task AnswerAsync(int status, bool close)
    {
        var body = Inspect.WhoAmI + "\n";
        return SendAsync($"HTTP/1.1 {status} Told\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\n{(close ? "Connection: close\r\n" : "")}\r\n{body}");
    }

    // Ten pieces a second, spread over the time asked for; the first one names the worker.
    private async Task DownloadAsync(int kilobytes, int ms, bool close)
    {
        var pieces = Math.Max(ms / 100, 1);
        var piece = new byte[kilobytes * 1024 / pieces];
        piece.AsSpan().Fill((byte)'.');
        Encoding.ASCII.GetBytes(Inspect.WhoAmI + "\n").CopyTo(piece, 0);
        await SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {(long)piece.Length * pieces}\r\n{(close ? "Connection: close\r\n" : "")}\r\n");
        for (var i = 0; i < pieces; i++)
        {
            await SendAsync(piece);
            await Task.Delay(ms / pieces);
        }
    }

    private async Task EventsAsync(int count, int everyMs)
    {
        await SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
        for (var i = 0; i < count; i++)
        {
            var text = $"data: event {i} {Inspect.WhoAmI}\n\n";
            await SendAsync($"{text.Length:x}\r\n{text}\r\n");
            await Task.Delay(everyMs);
        }

        await SendAsync("0\r\n\r\n");
    }

    private Task SendAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    private async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
            bytes = bytes[await socket.SendAsync(bytes)..];
    }
}
