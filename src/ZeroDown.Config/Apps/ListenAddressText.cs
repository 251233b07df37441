using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ZeroDown.Core.Apps;

namespace ZeroDown.Config;

/// <summary>
/// An address as people write it: <c>127.0.0.1:4000</c>, <c>localhost:4000</c> (127.0.0.1), <c>[::1]:4000</c>,
/// <c>0.0.0.0:80</c> (IPv4 only), <c>[::]:80</c> (IPv6 only), <c>:80</c>, <c>*:80</c> or just <c>80</c> (both in one socket),
/// <c>unix:/run/web.sock</c>.
/// </summary>
/// <param name="Address">For a unix socket the path may still be relative.</param>
internal readonly record struct ListenAddressText(ListenerAddress Address)
{
    /// <summary>sun_path is 108 bytes, with its final zero.</summary>
    public const int MaxUnixPathBytes = 107;

    /// <summary>Null with what is wrong and what to write instead.</summary>
    public static ListenAddressText? Parse(string text, Func<string, IPAddress[]> resolve, out string message, out string? hint)
    {
        message = $"'{Printable.Short(text)}' is no address";
        hint = "write host:port, [::]:port, :port or unix:/path";
        text = text.Trim();
        if (text.StartsWith("unix:", StringComparison.Ordinal))
            return Unix(text["unix:".Length..], out message, out hint);
        if (text.StartsWith('/') || text.StartsWith("./", StringComparison.Ordinal))
        {
            hint = $"for a unix socket write unix:{text}";
            return null;
        }

        if (text.Contains("://", StringComparison.Ordinal))
        {
            hint = "an address has no scheme: " + text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..].TrimEnd('/');
            return null;
        }

        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon];
        if (colon < 0 && !text.All(char.IsAsciiDigit))
        {
            message = $"'{Printable.Short(text)}' has no port";
            hint = $"write {text}:PORT";
            return null;
        }

        if (!TryPort(text[(colon + 1)..], out var port, ref message, ref hint))
            return null;
        if (host is "" or "*")
            return new(new ListenerAddress.Tcp(IPAddress.IPv6Any, port, DualStack: true));
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            if (IPAddress.TryParse(host[1..^1], out var six) && six.AddressFamily == AddressFamily.InterNetworkV6)
                return new(new ListenerAddress.Tcp(six, port));
            message = $"'{Printable.Short(host)}' is no IPv6 address";
            return null;
        }

        if (host.Contains(':'))
        {
            message = $"'{Printable.Short(text)}' could be read in two ways";
            hint = $"write an IPv6 address in brackets: [{host}]:{port}";
            return null;
        }

        return Tcp(host, port, resolve, ref message, ref hint);
    }

    private static ListenAddressText? Tcp(string host, int port, Func<string, IPAddress[]> resolve, ref string message, ref string? hint)
    {
        // Four numbers only: the parser would also take "1" for 0.0.0.1.
        if (host.Count(c => c == '.') == 3 && IPAddress.TryParse(host, out var address))
            return new(new ListenerAddress.Tcp(address, port));
        if (host == "localhost")
            return new(new ListenerAddress.Tcp(IPAddress.Loopback, port));
        if (host.Length > 253 || !host.Any(char.IsAsciiLetter) || host.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_')))
        {
            message = $"'{Printable.Short(host)}' is no host";
            return null;
        }

        try
        {
            var found = resolve(host);
            var first = Array.Find(found, a => a.AddressFamily == AddressFamily.InterNetwork) ?? found.FirstOrDefault();
            if (first is not null)
                return new(new ListenerAddress.Tcp(first, port));
        }
        catch (SocketException)
        {
        }

        message = $"the host '{Printable.Short(host)}' is not known";
        hint = "write an address of this machine";
        return null;
    }

    private static ListenAddressText? Unix(string path, out string message, out string? hint)
    {
        message = "'unix:' needs a path";
        hint = "write unix:/run/web.sock";
        if (path.Length == 0 || path.Contains('\0'))
            return null;
        if (path.EndsWith('/'))
        {
            message = $"'{Printable.Short(path)}' is a folder, not the path of a socket";
            return null;
        }

        return new(new ListenerAddress.Unix(path));
    }

    /// <summary>What is wrong with an absolute socket path, or null.</summary>
    public static string? TooLong(string path)
    {
        var bytes = Encoding.UTF8.GetByteCount(path);
        return bytes > MaxUnixPathBytes ? $"the socket's path is {bytes} bytes long; the kernel takes at most {MaxUnixPathBytes}" : null;
    }

    private static bool TryPort(string text, out int port, ref string message, ref string? hint)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535)
            return true;
        message = $"'{Printable.Short(text, 20)}' is no port";
        hint = "a port is a number from 0 to 65535; 0 lets the kernel choose once";
        return false;
    }
}
