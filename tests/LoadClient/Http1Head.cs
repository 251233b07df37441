using System.Buffers.Text;

namespace LoadClient;

/// <summary>What the client needs from an answer's status line and headers.</summary>
/// <param name="ContentLength">In bytes; -1 when not told.</param>
internal readonly record struct Http1Head(int Status, long ContentLength, bool Chunked, bool KeepAlive)
{
    /// <summary>Parses everything before the blank line; throws when it is not HTTP/1.x.</summary>
    public static Http1Head Parse(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("HTTP/1."u8) || text.Length < 12 || !Utf8Parser.TryParse(text[9..12], out int status, out _))
            throw new RequestFailedException(FailureKind.WrongBody, "the answer is not HTTP/1.x");
        var head = new Http1Head(status, -1, Chunked: false, KeepAlive: text[7] == (byte)'1');
        foreach (var range in text.Split("\r\n"u8))
        {
            var line = text[range];
            var colon = line.IndexOf((byte)':');
            if (colon > 0)
                head = head.With(line[..colon], line[(colon + 1)..].Trim((byte)' '));
        }

        return head;
    }

    private Http1Head With(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (Is(name, "content-length"u8))
            return this with { ContentLength = Utf8Parser.TryParse(value, out long length, out _) ? length : -1 };
        if (Is(name, "transfer-encoding"u8))
            return this with { Chunked = Is(value, "chunked"u8) };
        return Is(name, "connection"u8) ? this with { KeepAlive = Is(value, "keep-alive"u8) || (KeepAlive && !Is(value, "close"u8)) } : this;
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word) => System.Text.Ascii.EqualsIgnoreCase(text, word);
}
