using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace TestWebWorker;

/// <summary>The ways in which a program can say in code where it listens.</summary>
internal static class Endpoints
{
    public static void Configure(KestrelServerOptions kestrel, WorkerOptions options)
    {
        kestrel.Limits.MinRequestBodyDataRate = null; // a test may be slow with the rest of a request
        if (options.Http2)
        {
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2);
        }

        if (options.Https)
        {
            var certificate = SelfSigned();
            kestrel.ConfigureHttpsDefaults(https => https.ServerCertificate = certificate);
        }

        switch (options.Listen)
        {
            case "any":
                kestrel.ListenAnyIP(options.Port, UseHttps);
                break;
            case "loopback":
                kestrel.Listen(System.Net.IPAddress.Loopback, options.Port, UseHttps);
                break;
            case "localhost":
                kestrel.ListenLocalhost(options.Port, UseHttps);
                break;
            case "unix":
                kestrel.ListenUnixSocket(options.Path, UseHttps);
                break;
            case "handle":
                kestrel.ListenHandle(3, UseHttps);
                break;
            case "systemd":
                kestrel.UseSystemd(UseHttps);
                break;
        }

        void UseHttps(ListenOptions endpoint)
        {
            if (options.Https)
            {
                endpoint.UseHttps();
            }
        }
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
