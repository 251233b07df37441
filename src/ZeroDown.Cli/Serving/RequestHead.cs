using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace ZeroDown.Cli.Serving;

/// <summary>The head of an HTTP/1 request, as far as a file server cares.</summary>
internal sealed record RequestHead(string Method, string Target, bool IsOldVersion, IReadOnlyDictionary<string, string> Headers)
{
    public const int LongestHead = 16 * 1024;

    public bool IsHead => Method == "HEAD";

    public bool WantsFile => Method is "GET" or "HEAD";

    /// <summary>Bytes follow that nobody reads here.</summary>
    public bool HasBody => Headers.ContainsKey("transfer-encoding") || (Headers.TryGetValue("content-length", out var length) && length != "0");

    public bool IsLast
    {
        get
        {
            var connection = Headers.GetValueOrDefault("connection") ?? "";
            return HasBody || (IsOldVersion
                ? !connection.Contains("keep-alive", StringComparison.OrdinalIgnoreCase)
                : connection.Contains("close", StringComparison.OrdinalIgnoreCase));
        }
    }

    /// <summary>Null for what is no request, and for what a proxy in front of us could understand otherwise than we do: what it takes for a body we must not take for the next request.</summary>
    public static RequestHead? Parse(ReadOnlySpan<byte> bytes)
    {
        var lines = Encoding.Latin1.GetString(bytes).Split("\r\n");
        if (lines[0].Split(' ') is not [var method, var target, var version] || version is not ("HTTP/1.1" or "HTTP/1.0") || !IsToken(method) || target.Length == 0 || target.Any(char.IsControl))
            return null;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines[1..])
        {
            var colon = line.IndexOf(':');
            // A blank in front of the colon, or a line that goes on with the one before, is no token. (RFC 9112, 5)
            if (colon <= 0 || !IsToken(line[..colon]) || line.Any(letter => char.IsControl(letter) && letter != '\t'))
                return null;
            var (name, value) = (line[..colon], line[(colon + 1)..].Trim(' ', '\t'));
            if (headers.TryGetValue(name, out var earlier))
            {
                if (IsSaidOnce(name))
                    return null;
                value = $"{earlier}, {value}";
            }

            headers[name] = value;
        }

        var isOld = version == "HTTP/1.0";
        var (length, coding) = (headers.GetValueOrDefault("content-length"), headers.ContainsKey("transfer-encoding"));
        return (length is not null && (coding || length.Length == 0 || !length.All(char.IsAsciiDigit))) || (coding && isOld)
            ? null
            : new RequestHead(method, target, isOld, headers.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>True when a line ends without a carriage return, or has one elsewhere: some take that for a line's end, and others do not.</summary>
    public static bool HasBareBreak(ReadOnlySpan<byte> bytes)
    {
        for (var at = bytes.IndexOfAny((byte)'\r', (byte)'\n'); at >= 0;)
        {
            // A carriage return at the end may still get its line feed.
            if (bytes[at] == (byte)'\n' || (at + 1 < bytes.Length && bytes[at + 1] != (byte)'\n'))
                return true;
            if (at + 2 >= bytes.Length)
                return false;
            bytes = bytes[(at + 2)..];
            at = bytes.IndexOfAny((byte)'\r', (byte)'\n');
        }

        return false;
    }

    /// <summary>True if the client has this version already.</summary>
    public bool Knows(string tag, DateTimeOffset modified)
    {
        if (Headers.GetValueOrDefault("if-none-match") is { } tags)
            return tags == "*" || tags.Split(',').Any(one => one.Trim() == tag);
        return Headers.GetValueOrDefault("if-modified-since") is { } since
            && DateTimeOffset.TryParseExact(since, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var known)
            && modified.ToUnixTimeSeconds() <= known.ToUnixTimeSeconds();
    }

    /// <summary>
    /// The one stretch that is asked for, as first byte and count. Null: all of it, also for several stretches at once, which a server need not do. A count of
    /// 0: it lies behind the end.
    /// </summary>
    public (long From, long Count)? Range(long length, string tag)
    {
        if (Headers.GetValueOrDefault("range") is not { } range || !range.StartsWith("bytes=", StringComparison.Ordinal) || range.Contains(','))
            return null;
        if (Headers.GetValueOrDefault("if-range") is { } version && version != tag)
            return null;
        if (range["bytes=".Length..].Split('-') is not [var first, var last] || first.Length + last.Length == 0 || !IsNumber(first) || !IsNumber(last))
            return null;
        var (from, to) = (Number(first), Number(last));
        if (first.Length > 0 && last.Length > 0 && from > to)
            return null;
        if (first.Length == 0)
            return to == 0 || length == 0 ? (0, 0) : (Math.Max(0, length - to), Math.Min(length, to));
        return from >= length ? (from, 0) : (from, Math.Min(length - 1, last.Length > 0 ? to : length - 1) - from + 1);
    }

    private static bool IsNumber(string text) => text.All(char.IsAsciiDigit);

    /// <summary>One that is too large for a number is behind the end of every file.</summary>
    private static long Number(string digits) => digits.Length == 0 ? 0 : long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;

    private static bool IsToken(string text) => text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal));

    private static bool IsSaidOnce(string name) => name.ToLowerInvariant() is "content-length" or "transfer-encoding" or "host" or "authorization" or "range" or "if-range";
}
