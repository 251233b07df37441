using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;

namespace ZeroDown.AspNetCore;

/// <summary>
/// Makes a program a good worker of ZeroDown: it serves the listening sockets that the supervisor passes, says when it is ready, and drains
/// without losing a request. Started by anybody else the program behaves as if the call were not there.
/// </summary>
public static class UseZeroDownExtensions
{
    /// <summary>Makes the web application a worker of ZeroDown. Call it after the builder's own configuration of Kestrel.</summary>
    public static WebApplicationBuilder UseZeroDown(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ZeroDownServices.AddTo(builder.Services);
        return builder;
    }

    /// <summary>Makes a host without a web server a worker of ZeroDown: it says when it is ready and stops on order.</summary>
    public static IHostApplicationBuilder UseZeroDown(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ZeroDownServices.AddTo(builder.Services);
        return builder;
    }

    /// <summary>Makes a generic host a worker of ZeroDown. Call it after <c>ConfigureWebHostDefaults</c>.</summary>
    public static IHostBuilder UseZeroDown(this IHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices((_, services) => ZeroDownServices.AddTo(services));
    }

    /// <summary>Makes a web host a worker of ZeroDown. Call it after the web host's own configuration of Kestrel.</summary>
    public static IWebHostBuilder UseZeroDown(this IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureServices((_, services) => ZeroDownServices.AddTo(services));
    }
}
