namespace ZeroDown.Protocol.Wire;

/// <summary>
/// Cuts a byte stream into lines, and takes no more of a line than it may have, so whatever a peer sends costs at most
/// <c>maxBytes</c>. A last line without its line end counts: a truncated JSON object is never valid, so nothing can be
/// misread, and <c>printf '{…}' | socat</c> works.
/// </summary>
/// <param name="stream">Where the bytes come from; not disposed.</param>
/// <param name="maxBytes">The longest line that is accepted, in bytes, without its line end.</param>
internal sealed class LineReader(Stream stream, int maxBytes)
{
    private const int SmallBuffer = 4096;

    /// <summary>A line end may be of two bytes.</summary>
    private const int LineEnd = 2;

    private byte[] _buffer = new byte[SmallBuffer];
    private int _start;
    private int _scanned;
    private int _end;
    private bool _ended;

    /// <summary>The next line that is not blank, without its line end; null when the peer has finished.
    /// The memory is valid until the next call.</summary>
    /// <exception cref="LineTooLongException">No line end came within the limit. The stream is no longer usable.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var newline = _buffer.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                var line = Trimmed(_start, _scanned + newline);
                _start = _scanned = _scanned + newline + 1;
                if (line.Length > 0)
                    return line;
                continue;
            }

            _scanned = _end;
            if (_ended)
            {
                var rest = Trimmed(_start, _end);
                _start = _scanned = _end;
                // Without the cast null would become an empty memory, which is not null.
                return rest.Length > 0 ? rest : (ReadOnlyMemory<byte>?)null;
            }

            // A sender that is as fast as we are fills whatever room one read has.
            var allowed = maxBytes + LineEnd - (_end - _start);
            if (allowed <= 0)
                throw new LineTooLongException(maxBytes);
            MakeRoom();
            var room = _buffer.AsMemory(_end, Math.Min(allowed, _buffer.Length - _end));
            var read = await stream.ReadAsync(room, cancellation).ConfigureAwait(false);
            _ended = read == 0;
            _end += read;
        }
    }

    private ReadOnlyMemory<byte> Trimmed(int start, int end)
    {
        if (end > start && _buffer[end - 1] == (byte)'\r')
            end--;
        return end - start <= maxBytes ? _buffer.AsMemory(start, end - start) : throw new LineTooLongException(maxBytes);
    }

    /// <summary>Moves what is left to the front; grows when that is not enough, and gives a big buffer back when it is empty.</summary>
    private void MakeRoom()
    {
        var length = _end - _start;
        var target = _buffer;
        var larger = Math.Min(_buffer.Length * 2, Math.Max(maxBytes + LineEnd, SmallBuffer));
        if (length == 0 && _buffer.Length > SmallBuffer * 16)
            target = new byte[SmallBuffer];
        else if (length > _buffer.Length / 2 && larger > _buffer.Length)
            target = new byte[larger];
        if (target != _buffer || _start > 0)
            Buffer.BlockCopy(_buffer, _start, target, 0, length);
        _buffer = target;
        _scanned -= _start;
        _start = 0;
        _end = length;
    }
}

/// <summary>A peer sent more than a line may have.</summary>
public sealed class LineTooLongException(int maxBytes)
    : IOException($"a line is longer than the {maxBytes / (1024 * 1024)} MiB that one request may have");
