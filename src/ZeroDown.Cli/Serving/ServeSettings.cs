using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ZeroDown.Cli.Serving;

/// <summary>What the file server serves, and to whom: pm2's variables, as its own server reads them.</summary>
internal sealed record ServeSettings
{
    /// <summary>Absolute, without a slash at its end.</summary>
    public required string Folder { get; init; }

    /// <summary>The file that answers for the folder itself, and in <see cref="SinglePage"/> for all that is missing.</summary>
    public string HomePage { get; init; } = "/index.html";

    public bool SinglePage { get; init; }

    public bool Listing { get; init; }

    /// <summary>What the header must say behind <c>Basic</c>; null: everybody may.</summary>
    public string? Credentials { get; init; }

    /// <summary>After the stop signal.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public static ServeSettings Read(string folder, Func<string, string?> variable)
    {
        var home = variable("PM2_SERVE_HOMEPAGE") is { Length: > 0 } said ? said : "/index.html";
        return new ServeSettings
        {
            Folder = Path.GetFullPath(folder).TrimEnd('/'),
            HomePage = home.StartsWith('/') ? home : "/" + home,
            SinglePage = variable("PM2_SERVE_SPA") == "true",
            Listing = variable("PM2_SERVE_FTP") == "true" || variable("PM2_SERVE_DIRECTORY") == "true",
            Credentials = variable("PM2_SERVE_BASIC_AUTH") == "true"
                ? Convert.ToBase64String(Encoding.UTF8.GetBytes($"{variable("PM2_SERVE_BASIC_AUTH_USERNAME")}:{variable("PM2_SERVE_BASIC_AUTH_PASSWORD")}"))
                : null,
            DrainTimeout = long.TryParse(variable("ZD_DRAIN_TIMEOUT_MS"), NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
                ? TimeSpan.FromMilliseconds(ms)
                : TimeSpan.FromSeconds(30),
        };
    }

    /// <summary>Takes as long for a nearly right password as for a wrong one.</summary>
    public bool Admits(string? authorization) =>
        Credentials is null
        || (authorization is not null && authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(authorization[6..].Trim()), Encoding.UTF8.GetBytes(Credentials)));
}
