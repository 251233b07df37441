using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace LoadClient;

/// <summary>
/// One HTTP/1.1 connection on a bare socket. HttpClient sends a request again, silently, when a pooled connection turns out to be stale,
/// which is exactly the failure that these tests look for; nothing here sends twice, and every end that is not an answer has a kind.
/// </summary>
internal sealed class Http1Connection : IDisposable
{
    /// <summary>What a head or a chunk's first line must fit into.</summary>
    public const int BufferBytes = 16 * 1024;

    private readonly Socket _socket;
    private readonly RequestLimit _limit;
    private readonly byte[] _buffer;
    private int _start, _end;
    private long _bodyLeft;
    private bool _chunked, _untilClose, _bodyBegun, _bodyDone;

    private Http1Connection(Socket socket, RequestLimit limit, byte[] buffer)
    {
        _socket = socket;
        _limit = limit;
        _buffer = buffer;
    }

    /// <summary>Connects; <paramref name="limit"/> must be armed by the caller around this and every later call.</summary>
    /// <param name="buffer">Of <see cref="BufferBytes"/>; a client uses one for all its connections, one after the other.</param>
    public static async ValueTask<Http1Connection> OpenAsync(LoadTarget target, RequestLimit limit, byte[] buffer)
    {
        try
        {
            return new Http1Connection(await target.ConnectAsync(limit.Token).ConfigureAwait(false), limit, buffer);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            throw new RequestFailedException(FailureKind.Connect, e is SocketException s ? s.SocketErrorCode.ToString() : "no connection in time");
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> request)
    {
        try
        {
            while (request.Length > 0)
                request = request[await _socket.SendAsync(request, SocketFlags.None, _limit.Token).ConfigureAwait(false)..];
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            throw Translate(e, "while sending");
        }
    }

    /// <summary>Reads status line and headers; the body follows through <see cref="ReadBodyAsync"/>.</summary>
    public async ValueTask<Http1Head> ReadHeadAsync()
    {
        int length;
        while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (await FillAsync().ConfigureAwait(false))
                continue;
            throw _end == _start
                ? new RequestFailedException(FailureKind.EndOfFile, "the server closed the connection without an answer")
                : new RequestFailedException(FailureKind.WrongBody, $"the connection ended within the headers, after {_end - _start} bytes");
        }

        var head = Http1Head.Parse(_buffer.AsSpan(_start, length));
        _start += length + 4;
        _chunked = head.Chunked;
        _untilClose = !head.Chunked && head.ContentLength < 0 && head.Status != 101;
        _bodyLeft = head.Chunked ? 0 : Math.Max(head.ContentLength, 0);
        _bodyBegun = _bodyDone = false;
        return head;
    }

    /// <summary>The next piece of the body, at most as much as fits; 0 at its announced end. An unannounced end is a failure.</summary>
    public async ValueTask<int> ReadBodyAsync(Memory<byte> into)
    {
        if (_chunked && _bodyLeft == 0 && !_bodyDone)
            await ReadChunkSizeAsync().ConfigureAwait(false);
        if (_bodyDone || (!_untilClose && _bodyLeft == 0))
            return 0;
        if (_start == _end && !await FillAsync().ConfigureAwait(false))
        {
            if (_untilClose)
                return 0;
            throw new RequestFailedException(FailureKind.WrongBody, $"the connection ended with {_bodyLeft} bytes of the body{(_chunked ? "'s chunk" : "")} missing");
        }

        var length = Math.Min(into.Length, _end - _start);
        if (!_untilClose)
            length = (int)Math.Min(length, _bodyLeft);
        _buffer.AsMemory(_start, length).CopyTo(into);
        _start += length;
        _bodyLeft -= _untilClose ? 0 : length;
        return length;
    }

    /// <summary>Waits until the server closes its side, as it does after <c>Connection: close</c>; then the TIME_WAIT is the server's.</summary>
    public async ValueTask AwaitCloseAsync()
    {
        try
        {
            while (await FillAsync().ConfigureAwait(false))
                _start = _end;
        }
        catch (RequestFailedException)
        {
            // The answer was whole; how the rest of the connection ends is not the request's concern.
        }
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask ReadChunkSizeAsync()
    {
        if (_bodyBegun)
            await ReadLineAsync().ConfigureAwait(false); // the CRLF that ends the chunk before
        _bodyBegun = true;
        var line = await ReadLineAsync().ConfigureAwait(false);
        var digits = line.Split(';')[0].Trim();
        if (!long.TryParse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out _bodyLeft))
            throw new RequestFailedException(FailureKind.WrongBody, $"'{digits}' is no chunk size");
        if (_bodyLeft > 0)
            return;
        while ((await ReadLineAsync().ConfigureAwait(false)).Length > 0)
        {
            // trailers
        }

        _bodyDone = true;
    }

    private async ValueTask<string> ReadLineAsync()
    {
        int length;
        while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
        {
            if (!await FillAsync().ConfigureAwait(false))
                throw new RequestFailedException(FailureKind.WrongBody, "the connection ended between two chunks of the body");
        }

        var line = Encoding.ASCII.GetString(_buffer, _start, length);
        _start += length + 2;
        return line;
    }

    /// <summary>False at end of file.</summary>
    private async ValueTask<bool> FillAsync()
    {
        if (_start == _end)
            _start = _end = 0;
        if (_end == _buffer.Length)
        {
            if (_start == 0)
                throw new RequestFailedException(FailureKind.WrongBody, $"a header or line of more than {_buffer.Length} bytes");
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        try
        {
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, _limit.Token).ConfigureAwait(false);
            _end += read;
            return read > 0;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            throw Translate(e, _end == _start ? "before an answer" : "within an answer");
        }
    }

    private static RequestFailedException Translate(Exception e, string when) => e is SocketException socket
        ? new RequestFailedException(FailureKind.Reset, $"{socket.SocketErrorCode} {when}")
        : new RequestFailedException(FailureKind.Timeout, $"time was over {when}");
}
