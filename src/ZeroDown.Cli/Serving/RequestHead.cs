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

    /// <summary>Null for what is no request.</summary>
    public static RequestHead? Parse(ReadOnlySpan<byte> bytes)
    {
        var lines = Encoding.Latin1.GetString(bytes).Split("\r\n");
        if (lines[0].Split(' ') is not [var method, var target, var version] || version is not ("HTTP/1.1" or "HTTP/1.0") || method.Length == 0 || target.Length == 0)
            return null;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines[1..])
        {
            var colon = line.IndexOf(':');
            if (colon <= 0 || line[..colon].Contains(' '))
                return null;
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        return new RequestHead(method, target, version == "HTTP/1.0", headers.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase));
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
        var ends = range["bytes=".Length..].Split('-');
        if (ends is not [var first, var last] || !(TryNumber(first, out var from) | TryNumber(last, out var to)) || (first.Length > 0 && last.Length > 0 && from > to))
            return null;
        if (first.Length == 0)
            return to == 0 || length == 0 ? (0, 0) : (Math.Max(0, length - to), Math.Min(length, to));
        return from >= length ? (from, 0) : (from, Math.Min(length - 1, last.Length > 0 ? to : length - 1) - from + 1);
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
