using System.Runtime.InteropServices;
using ZeroDown.AspNetCore;

namespace TestWebWorker;

internal static class Programs
{
    public static async Task RunWebApplicationAsync(WorkerOptions options)
    {
        var settings = new WebApplicationOptions { Args = options.Rest };
        var builder = options.Builder switch
        {
            "slim" => WebApplication.CreateSlimBuilder(settings),
            "empty" => WebApplication.CreateEmptyBuilder(settings),
            _ => WebApplication.CreateBuilder(settings),
        };
        if (options.Builder == "empty")
        {
            builder.Configuration.AddCommandLine(options.Rest);
            builder.WebHost.UseKestrelCore();
            builder.Services.AddRoutingCore();
        }

        builder.WebHost.ConfigureKestrel(kestrel => Endpoints.Configure(kestrel, options));
        ConfigureShutdown(builder.Services, options);
        Ways.Configure(builder.Services);
        if (options.ZeroDown)
        {
            builder.UseZeroDown();
        }

        var app = builder.Build();
        app.UseWebSockets();
        app.UseRouting();
        Answers.Map(app);
        app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine("listening"));
        await app.RunAsync();
    }

    public static async Task RunGenericAsync(WorkerOptions options)
    {
        var builder = Host.CreateDefaultBuilder(options.Rest).ConfigureWebHostDefaults(web => web
            .ConfigureKestrel(kestrel => Endpoints.Configure(kestrel, options))
            .Configure(app => app.UseWebSockets().UseRouting().UseEndpoints(Answers.Map)));
        builder.ConfigureServices(services => ConfigureShutdown(services, options));
        if (options.ZeroDown)
        {
            builder.UseZeroDown();
        }

        await builder.Build().RunAsync();
    }

    public static async Task RunConsoleAsync()
    {
        var signal = new TaskCompletionSource();
        using var handler = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            signal.TrySetResult();
        });
        Console.WriteLine("listening");
        await signal.Task;
    }

    private static void ConfigureShutdown(IServiceCollection services, WorkerOptions options)
    {
        if (options.ShutdownMs is { } ms)
        {
            services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(ms));
        }
    }
}
