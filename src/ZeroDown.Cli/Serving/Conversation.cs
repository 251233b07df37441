using System.Globalization;
using System.Net.Sockets;
using System.Text;
using ZeroDown.Platform;

namespace ZeroDown.Cli.Serving;

/// <summary>
/// One connection, from its first request to its last answer. While the server goes, an idle connection may still speak: its next answer
/// says that it was the last one, and only then it is closed, by halves, so that no byte of the answer is lost to a reset.
/// </summary>
internal sealed class Conversation(Socket socket, ServeSettings settings, CancellationToken leaving)
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(65);
    private static readonly TimeSpan IdleWhenLeaving = TimeSpan.FromSeconds(5);

    /// <summary>For the rest of a head that has begun, and for a client to take a piece of an answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    private readonly byte[] _buffer = new byte[RequestHead.LongestHead];
    private int _length;

    public async Task HoldAsync()
    {
        using (socket)
        {
            try
            {
                socket.NoDelay = true;
                while (await NextHeadAsync() is { } head)
                {
                    if (!await AnswerAsync(head))
                    {
                        await FarewellAsync();
                        return;
                    }
                }
            }
            catch (Exception gone) when (gone is SocketException or OperationCanceledException or IOException)
            {
                // The client has gone, or was silent for too long; a file became shorter while it was sent.
            }
        }
    }

    /// <summary>Null when the client is done.</summary>
    private async Task<RequestHead?> NextHeadAsync()
    {
        int end;
        while ((end = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (RequestHead.HasBareBreak(_buffer.AsSpan(0, _length)))
                return await RefuseAsync(400, "Bad Request");
            if (_length == _buffer.Length)
                return await RefuseAsync(431, "Request Header Fields Too Large");
            var read = await ReceiveAsync(_buffer.AsMemory(_length));
            if (read == 0)
                return null;
            _length += read;
        }

        var head = RequestHead.Parse(_buffer.AsSpan(0, end));
        _length -= end + 4;
        _buffer.AsSpan(end + 4, _length).CopyTo(_buffer);
        return head ?? await RefuseAsync(400, "Bad Request");
    }

    private async Task<int> ReceiveAsync(Memory<byte> into)
    {
        using var limit = new CancellationTokenSource();
        limit.CancelAfter(_length > 0 ? Patience : Idle);
        var hurry = settings.DrainTimeout < IdleWhenLeaving ? settings.DrainTimeout : IdleWhenLeaving;
        await using var whenLeaving = leaving.Register(() => limit.CancelAfter(hurry));
        return await socket.ReceiveAsync(into, limit.Token);
    }

    /// <returns>False after the last answer.</returns>
    private async Task<bool> AnswerAsync(RequestHead head)
    {
        if (!settings.Admits(head.Headers.GetValueOrDefault("authorization")))
            return await TextAsync(head, "401 Unauthorized", "401 Unauthorized\n", "WWW-Authenticate: Basic realm=\"files\", charset=\"UTF-8\"\r\n");
        if (!head.WantsFile)
            return await TextAsync(head, "405 Method Not Allowed", "405 Method Not Allowed\n", "Allow: GET, HEAD\r\n");
        try
        {
            return FileChoice.Of(head.Target, settings) switch
            {
                FileChoice.File file => await FileAsync(head, file.Path),
                FileChoice.Elsewhere elsewhere => await TextAsync(head, "301 Moved Permanently", "", $"Location: {elsewhere.Location}\r\n"),
                FileChoice.Listing listing => await TextAsync(head, "200 OK", FolderListing.Html(listing.Folder, listing.Shown), "Cache-Control: no-cache\r\n", ContentTypes.Html),
                FileChoice.Missing { Page: { } page } => await FileAsync(head, page, "404 Not Found"),
                FileChoice.Missing => await TextAsync(head, "404 Not Found", "404 Not Found\n"),
                _ => await TextAsync(head, "400 Bad Request", "400 Bad Request\n"),
            };
        }
        catch (UnauthorizedAccessException)
        {
            return await TextAsync(head, "403 Forbidden", "403 Forbidden\n");
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return await TextAsync(head, "404 Not Found", "404 Not Found\n"); // it was there a moment ago
        }
    }

    private async Task<bool> FileAsync(RequestHead head, string path, string? status = null)
    {
        // A FIFO or a device in a file's place would hold us up, or never end.
        using var file = RegularFile.TryOpen(path) ?? throw (Path.Exists(path) ? new UnauthorizedAccessException(path) : new FileNotFoundException(path));
        var (length, modified) = (file.Length, new DateTimeOffset(File.GetLastWriteTimeUtc(path)));
        var tag = $"\"{modified.UtcTicks:x}-{length:x}\"";
        var more = new StringBuilder($"Last-Modified: {modified.ToString("R", CultureInfo.InvariantCulture)}\r\nETag: {tag}\r\nCache-Control: no-cache\r\nAccept-Ranges: bytes\r\n");
        if (status is null && head.Knows(tag, modified))
            return await SendHeadAsync(head, "304 Not Modified", null, null, more.ToString());
        var (from, count) = (0L, length);
        if (status is null && head.Range(length, tag) is var (start, asked))
        {
            if (asked == 0)
                return await TextAsync(head, "416 Range Not Satisfiable", "", $"Content-Range: bytes */{length}\r\n");
            (from, count, status) = (start, asked, "206 Partial Content");
            more.Append(CultureInfo.InvariantCulture, $"Content-Range: bytes {from}-{from + count - 1}/{length}\r\n");
        }

        var goesOn = await SendHeadAsync(head, status ?? "200 OK", ContentTypes.Of(path), count, more.ToString());
        if (head.IsHead)
            return goesOn;
        var piece = new byte[(int)Math.Min(64 * 1024, count)];
        while (count > 0)
        {
            var read = file.ReadAt(from, piece.AsSpan(0, (int)Math.Min(piece.Length, count)));
            if (read == 0)
                throw new IOException("the file became shorter");
            await SendAsync(piece.AsMemory(0, read));
            (from, count) = (from + read, count - read);
        }

        return goesOn;
    }

    private async Task<bool> TextAsync(RequestHead head, string status, string text, string more = "", string type = "text/plain; charset=utf-8")
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var goesOn = await SendHeadAsync(head, status, bytes.Length > 0 ? type : null, bytes.Length, more);
        if (!head.IsHead && bytes.Length > 0)
            await SendAsync(bytes);
        return goesOn;
    }

    /// <returns>False if this is the connection's last answer.</returns>
    private async Task<bool> SendHeadAsync(RequestHead head, string status, string? type, long? length, string more)
    {
        var isLast = head.IsLast || leaving.IsCancellationRequested;
        var text = new StringBuilder($"HTTP/1.1 {status}\r\nDate: {DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture)}\r\nX-Content-Type-Options: nosniff\r\n").Append(more);
        if (type is not null)
            text.Append($"Content-Type: {type}\r\n");
        if (length is { } bytes)
            text.Append(CultureInfo.InvariantCulture, $"Content-Length: {bytes}\r\n");
        text.Append(isLast ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n");
        await SendAsync(Encoding.Latin1.GetBytes(text.ToString()));
        return !isLast;
    }

    private async Task<RequestHead?> RefuseAsync(int code, string reason)
    {
        await SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {code} {reason}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        await FarewellAsync();
        return null;
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        using var limit = new CancellationTokenSource(Patience);
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes[sent..], limit.Token);
            limit.CancelAfter(Patience);
        }
    }

    /// <summary>A close with unread bytes would be a reset, and the client might lose what it has not read yet.</summary>
    private async Task FarewellAsync()
    {
        socket.Shutdown(SocketShutdown.Send);
        using var limit = new CancellationTokenSource(Linger);
        while (await socket.ReceiveAsync(_buffer, limit.Token) > 0)
        {
        }
    }
}
