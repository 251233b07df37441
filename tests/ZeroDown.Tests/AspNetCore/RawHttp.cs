using System.Net.Sockets;
using System.Text;

namespace ZeroDown.Tests.AspNetCore;

/// <summary>One HTTP/1.1 connection by hand, because a real client hides what these tests are about: when it ends and what its answers announce.</summary>
internal sealed class RawHttp : IDisposable
{
    private readonly Socket _socket;
    private readonly StringBuilder _received = new();

    private RawHttp(Socket socket) => _socket = socket;

    public static async Task<RawHttp> ConnectAsync(Socket listener)
    {
        var end = listener.LocalEndPoint!;
        var socket = new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(end);
        return new RawHttp(socket);
    }

    public static async Task<RawHttp> ConnectAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", port);
        return new RawHttp(socket);
    }

    /// <summary>Connects, asks, reads the whole answer and closes.</summary>
    public static async Task<RawAnswer> AskOnceAsync(Socket listener, string target)
    {
        using var connection = await ConnectAsync(listener);
        return await connection.AskAsync(target);
    }

    public async Task SendAsync(string target) => await SendBytesAsync($"GET {target} HTTP/1.1\r\nHost: test\r\n\r\n");

    public async Task SendBytesAsync(string text)
    {
        ReadOnlyMemory<byte> bytes = Encoding.ASCII.GetBytes(text);
        while (bytes.Length > 0)
            bytes = bytes[await _socket.SendAsync(bytes)..];
    }

    /// <summary>Asks and reads the whole answer.</summary>
    public async Task<RawAnswer> AskAsync(string target)
    {
        await SendAsync(target);
        return await ReadAnswerAsync();
    }

    public async Task<RawAnswer> ReadAnswerAsync()
    {
        var head = await ReadUntilAsync("\r\n\r\n");
        string body;
        if (Header(head, "Content-Length") is { } length)
        {
            body = await ReadAsync(int.Parse(length, System.Globalization.CultureInfo.InvariantCulture));
        }
        else
        {
            body = await ReadUntilAsync("0\r\n\r\n");
        }

        return new RawAnswer(head, body);
    }

    /// <summary>Waits for text within an answer that goes on.</summary>
    public Task<string> ReadUntilAsync(string mark) => TakeAsync(text => text.IndexOf(mark, StringComparison.Ordinal) is >= 0 and var at ? at + mark.Length : -1);

    /// <summary>Waits until the other side ends the connection.</summary>
    public Task WaitForEndAsync() => EndsCleanlyAsync();

    /// <summary>Waits until the other side ends the connection; false when it does so with a reset.</summary>
    public async Task<bool> EndsCleanlyAsync()
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        var buffer = new byte[4096];
        try
        {
            while (await _socket.ReceiveAsync(buffer, deadline.Token) > 0)
            {
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Dispose() => _socket.Dispose();

    internal static string? Header(string head, string name) => head.Split("\r\n")
        .Select(line => line.Split(": ", 2))
        .FirstOrDefault(pair => pair.Length == 2 && pair[0].Equals(name, StringComparison.OrdinalIgnoreCase))?[1];

    private Task<string> ReadAsync(int length) => TakeAsync(text => text.Length >= length ? length : -1);

    private async Task<string> TakeAsync(Func<string, int> end)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var text = _received.ToString();
            if (end(text) is >= 0 and var at)
            {
                _received.Remove(0, at);
                return text[..at];
            }

            var read = await _socket.ReceiveAsync(buffer, deadline.Token);
            if (read == 0)
            {
                throw new EndOfStreamException($"the connection ended after: {text}");
            }

            _received.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
    }
}

/// <summary>An answer as it came.</summary>
internal sealed record RawAnswer(string Head, string Body)
{
    public int Status => int.Parse(Head.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    public bool SaysClose => RawHttp.Header(Head, "Connection") == "close";
}
