using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace LoadClient;

/// <summary>
/// Just enough HTTP/2 (RFC 9113, prior knowledge) to send GETs and to see exactly what becomes of each stream. HttpClient asks again by
/// itself after a GOAWAY and does not say so; here a refused stream is a fact that is reported.
/// HPACK: requests use only the static table and literals; of answers only the status is read, which servers send as a static index.
/// </summary>
internal sealed class Http2Connection : IDisposable
{
    private const byte Data = 0, Headers = 1, ResetStream = 3, Settings = 4, Ping = 6, GoAway = 7, WindowUpdate = 8;
    private const byte EndStream = 1, Acknowledge = 1, EndHeaders = 4, Padded = 8, Priority = 32;
    private const int FrameHeader = 9;
    private readonly Socket _socket;
    private readonly RequestLimit _limit;
    private readonly byte[] _headerBlock;
    private readonly Dictionary<int, Http2Stream> _open = [];
    private byte[] _buffer = new byte[32 * 1024];
    private int _start, _end;
    private int _nextStream = 1;
    private RequestFailedException? _sendFailed;

    private Http2Connection(Socket socket, RequestLimit limit, byte[] headerBlock)
    {
        _socket = socket;
        _limit = limit;
        _headerBlock = headerBlock;
    }

    /// <summary>True once the server has said that it takes no further stream.</summary>
    public bool GoingAway { get; private set; }

    public static async ValueTask<Http2Connection> OpenAsync(LoadTarget target, RequestLimit limit)
    {
        Socket socket;
        try
        {
            socket = await target.ConnectAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            throw new RequestFailedException(FailureKind.Connect, e is SocketException s ? s.SocketErrorCode.ToString() : "no connection in time");
        }

        var connection = new Http2Connection(socket, limit, HeaderBlock(target));
        await connection.SendAsync((byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, [])]).ConfigureAwait(false);
        return connection;
    }

    /// <summary>Sends so many GETs and reads until each stream is answered, reset or refused.</summary>
    public async ValueTask<IReadOnlyCollection<Http2Stream>> ExchangeAsync(int streams)
    {
        var all = new List<Http2Stream>(streams);
        var requests = new List<byte>();
        for (var i = 0; i < streams; i++)
        {
            var stream = new Http2Stream(_nextStream);
            _nextStream += 2;
            all.Add(stream);
            _open.Add(stream.Id, stream);
            requests.AddRange(Frame(Headers, EndHeaders | EndStream, stream.Id, _headerBlock));
        }

        try
        {
            await SendAsync(requests.ToArray()).ConfigureAwait(false);
            while (_open.Count > 0)
                await ReadFrameAsync().ConfigureAwait(false);
        }
        catch (RequestFailedException failure)
        {
            // Each stream that was open shares the connection's fate, as one failure each.
            foreach (var stream in _open.Values)
                stream.Failed = failure;
            _open.Clear();
            GoingAway = true;
        }

        return all;
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask ReadFrameAsync()
    {
        await FillAsync(FrameHeader).ConfigureAwait(false);
        var header = _buffer.AsSpan(_start, FrameHeader);
        var length = (header[0] << 16) | (header[1] << 8) | header[2];
        var (type, flags) = (header[3], header[4]);
        var stream = BinaryPrimitives.ReadInt32BigEndian(header[5..]) & int.MaxValue;
        await FillAsync(FrameHeader + length).ConfigureAwait(false);
        var payload = _buffer.AsMemory(_start + FrameHeader, length);
        _start += FrameHeader + length;

        switch (type)
        {
            case Settings when (flags & Acknowledge) == 0:
                await SendAsync(Frame(Settings, Acknowledge, 0, [])).ConfigureAwait(false);
                break;
            case Ping when (flags & Acknowledge) == 0:
                await SendAsync(Frame(Ping, Acknowledge, 0, payload.Span)).ConfigureAwait(false);
                break;
            case GoAway:
                Refuse(BinaryPrimitives.ReadInt32BigEndian(payload.Span) & int.MaxValue, BinaryPrimitives.ReadInt32BigEndian(payload.Span[4..]));
                break;
            case ResetStream when _open.Remove(stream, out var reset):
                reset.Failed = new RequestFailedException(FailureKind.Reset, $"RST_STREAM {BinaryPrimitives.ReadInt32BigEndian(payload.Span)}");
                break;
            case Headers when _open.TryGetValue(stream, out var answered):
                answered.Status = answered.Status != 0 ? answered.Status : StatusIn(Content(payload.Span, flags));
                End(answered, flags);
                break;
            case Data when _open.TryGetValue(stream, out var answered):
                answered.Append(Content(payload.Span, flags));
                if (length > 0)
                    await SendAsync(Frame(WindowUpdate, 0, 0, BigEndian(length))).ConfigureAwait(false);
                End(answered, flags);
                break;
            default:
                break; // WINDOW_UPDATE, PRIORITY, acknowledgements, unknown types
        }
    }

    private void End(Http2Stream stream, byte flags)
    {
        if ((flags & EndStream) != 0)
            _open.Remove(stream.Id);
    }

    private void Refuse(int lastStream, int code)
    {
        GoingAway = true;
        foreach (var refused in _open.Values.Where(stream => stream.Id > lastStream).ToList())
        {
            _open.Remove(refused.Id);
            if (code == 0)
                refused.Refused = true;
            else
                refused.Failed = new RequestFailedException(FailureKind.Reset, $"GOAWAY with error {code}");
        }
    }

    private static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> payload, byte flags)
    {
        var padding = (flags & Padded) != 0 ? payload[0] : 0;
        payload = (flags & Padded) != 0 ? payload[1..] : payload;
        return payload[((flags & Priority) != 0 ? 5 : 0)..^padding];
    }

    // RFC 7541: 001xxxxx is a table size update, 1xxxxxxx an indexed field; 8 to 14 are the statuses of the static table.
    private static int StatusIn(ReadOnlySpan<byte> block)
    {
        while (block.Length > 0 && (block[0] & 0xE0) == 0x20)
            block = block[1..];
        int[] statuses = [200, 204, 206, 304, 400, 404, 500];
        return block.Length > 0 && block[0] - 0x88 is >= 0 and < 7 and var index ? statuses[index] : -1;
    }

    private static byte[] HeaderBlock(LoadTarget target)
    {
        var path = Encoding.ASCII.GetBytes(target.Url.PathAndQuery);
        var authority = Encoding.ASCII.GetBytes(target.Url.Authority);
        return path.Length < 127 && authority.Length < 127
            ? [0x82, 0x86, 0x04, (byte)path.Length, .. path, 0x01, (byte)authority.Length, .. authority]
            : throw new ArgumentException("path and authority must be shorter than 127 bytes", nameof(target));
    }

    private static byte[] Frame(byte type, int flags, int stream, ReadOnlySpan<byte> payload) =>
        [(byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, (byte)flags, .. BigEndian(stream), .. payload];

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private async ValueTask FillAsync(int bytes)
    {
        if (_start > 0 && _start + bytes > _buffer.Length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (bytes > _buffer.Length)
            Array.Resize(ref _buffer, bytes);
        while (_end - _start < bytes)
        {
            int read;
            try
            {
                read = await _socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, _limit.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                throw _sendFailed ?? Translate(e);
            }

            if (read == 0)
                throw _sendFailed ?? new RequestFailedException(FailureKind.EndOfFile, GoingAway ? "closed with open streams, after GOAWAY" : "closed with open streams, without GOAWAY");
            _end += read;
        }
    }

    // A server that has said GOAWAY may close while we write. What it said is still to be read, and decides what became of the streams.
    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_sendFailed is not null)
            return;
        try
        {
            while (bytes.Length > 0)
                bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, _limit.Token).ConfigureAwait(false)..];
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            _sendFailed = Translate(e);
        }
    }

    private static RequestFailedException Translate(Exception e) => e is SocketException socket
        ? new RequestFailedException(FailureKind.Reset, $"{socket.SocketErrorCode} on an HTTP/2 connection")
        : new RequestFailedException(FailureKind.Timeout, "time was over on an HTTP/2 connection");
}

/// <summary>What became of one stream: answered (neither <see cref="Failed"/> nor <see cref="Refused"/>), failed or refused.</summary>
internal sealed class Http2Stream(int id)
{
    private readonly List<byte> _body = [];

    public int Id => id;

    public int Status { get; set; }

    public bool Refused { get; set; }

    public RequestFailedException? Failed { get; set; }

    public byte[] Body => [.. _body];

    public void Append(ReadOnlySpan<byte> bytes) => _body.AddRange(bytes);
}
