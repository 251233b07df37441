using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ZeroDown.AspNetCore;

/// <summary>What a host gets, whether it asked by <c>UseZeroDown()</c> or had it injected; once, also when both happen.</summary>
internal static class ZeroDownServices
{
    public static void AddTo(IServiceCollection services)
    {
        if (Worker.OfThisProcess is not { } worker || services.Any(d => d.ServiceType == typeof(Worker)))
        {
            return;
        }

        services.AddSingleton(worker);
        services.AddSingleton<IHostedService>(sp => new WorkerLifecycle(
            worker, sp.GetRequiredService<IHostApplicationLifetime>(), sp.GetRequiredService<IOptions<HostOptions>>()));
        if (worker.Environment.DrainTimeout is { } drain)
        {
            services.PostConfigure<HostOptions>(o =>
                o.ShutdownTimeout = o.ShutdownTimeout < drain + WorkerLifecycle.Margin ? drain + WorkerLifecycle.Margin : o.ShutdownTimeout);
        }

        // By name: in a host without a web server, ASP.NET Core may not be there at all, and naming its types would load it.
        if (services.Any(d => d.ServiceType.FullName == "Microsoft.AspNetCore.Hosting.Server.IServer"))
        {
            AddToWebHost(services, worker);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddToWebHost(IServiceCollection services, Worker worker)
    {
        var sockets = WorkerSockets.OfThisProcess(worker);
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter>(new RequestTracking(worker)));

        // Kestrel asks the transports from the last registered to the first. One that is not its own socket transport is there on purpose.
        var transport = services.LastOrDefault(d => d.ServiceType == typeof(IConnectionListenerFactory));
        if (transport is null || transport.ImplementationType == typeof(SocketTransportFactory))
        {
            services.AddSingleton<IConnectionListenerFactory>(sp => new WorkerListenerFactory(
                sockets, sp.GetRequiredService<IOptions<SocketTransportOptions>>(), sp.GetRequiredService<ILoggerFactory>()));
        }
    }
}
