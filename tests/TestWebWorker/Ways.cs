using System.Net;
using System.Net.Sockets;
using System.Reflection;

namespace TestWebWorker;

/// <summary>Ways in which a version of the program can be bad. The variable WAY names one, else the file way.txt beside the program.</summary>
internal static class Ways
{
    private const string Good = nameof(Good);

    public static string Current { get; } = Environment.GetEnvironmentVariable("WAY")
        ?? (Path.Combine(AppContext.BaseDirectory, "way.txt") is var file && File.Exists(file) ? File.ReadAllText(file).Trim() : Good);

    /// <summary>What happens before the program listens; returns only where it goes on.</summary>
    /// <param name="elsewhere">The port that a version which listens elsewhere takes.</param>
    public static async Task BootAsync(int elsewhere)
    {
        if (Current == Good)
            return;
        Console.WriteLine($"this is version {Current}");
        switch (Current)
        {
            case "ThrowsAtOnce":
                throw new InvalidOperationException("no database at db.example");
            case "ThrowsAfter500Ms":
                await Task.Delay(500);
                throw new InvalidOperationException("no database at db.example");
            case "ThrowsAfter2S":
                await Task.Delay(2000);
                throw new InvalidOperationException("no database at db.example");
            case "NeverListens":
                Console.Error.WriteLine("waiting for godot");
                await Task.Delay(Timeout.Infinite);
                break;
            case "ListensElsewhere":
                // Without Kestrel: the library would put an endpoint of Kestrel's on the inherited socket.
                using (var other = new TcpListener(IPAddress.Loopback, elsewhere))
                {
                    other.Start();
                    Console.WriteLine($"listening on {other.LocalEndpoint}");
                    await Task.Delay(Timeout.Infinite);
                }

                break;
            case "ExitsWithZero":
                Console.Error.WriteLine("nothing to do");
                Environment.Exit(0);
                break;
            case "IsKilled":
                Console.Error.WriteLine("out of memory");
                System.Diagnostics.Process.GetCurrentProcess().Kill();
                break;
            case "LacksModule":
                Assembly.Load("Nothing.Here");
                break;
            case "Hangs":
                Console.Error.WriteLine("thinking");
                while (true)
                    Thread.SpinWait(1000);
        }
    }

    /// <summary>A version that listens and dies: its endpoints are bound, and the host has not started.</summary>
    public static void Configure(IServiceCollection services)
    {
        if (Current == "ListensAndDies")
            services.AddHostedService<DiesWhenStarted>();
    }

    private sealed class DiesWhenStarted : IHostedLifecycleService
    {
        public Task StartingAsync(CancellationToken cancellation) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellation) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellation) => throw new InvalidOperationException("lost the database");

        public Task StoppingAsync(CancellationToken cancellation) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellation) => Task.CompletedTask;
    }
}
