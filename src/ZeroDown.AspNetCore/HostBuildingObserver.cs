using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Hosting;

namespace ZeroDown.AspNetCore;

/// <summary>
/// How we get into a program that does not know of us. Every host of Microsoft.Extensions.Hosting (full, slim and empty
/// <c>WebApplication</c> builders, <c>Host.CreateDefaultBuilder</c>) announces itself on a <see cref="DiagnosticListener"/> just before it is
/// built, and hands over its builder; services that are registered there come last and therefore win. Hosting startups, the documented
/// way, do not run under the slim builders.
/// </summary>
internal sealed class HostBuildingObserver : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    private const string HooksVariable = "DOTNET_STARTUP_HOOKS";

    public static void Install()
    {
        RemoveOurselvesFromEnvironment();

        // Read now, in a single thread, before the program can start a child that would inherit the channel.
        if (WorkerEnvironment.OfThisProcess is null)
        {
            return;
        }

        DiagnosticListener.AllListeners.Subscribe(new HostBuildingObserver());
    }

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.Extensions.Hosting")
        {
            value.Subscribe(this);
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key != "HostBuilding" || value.Value is null)
        {
            return;
        }

        try
        {
            Register(value.Value);
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"zerodown: not injected into this host, it runs without lossless drain: {e.Message}");
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    // A method of its own: Microsoft.Extensions.Hosting.Abstractions is loaded when this is compiled, not before.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Register(object builder)
    {
        if (builder is IHostBuilder host)
        {
            host.ConfigureServices(static (_, services) => ZeroDownServices.AddTo(services));
        }
    }

    // A child of the program that happens to run on .NET is not our worker.
    private static void RemoveOurselvesFromEnvironment()
    {
        var hooks = Environment.GetEnvironmentVariable(HooksVariable);
        var ourFile = typeof(HostBuildingObserver).Assembly.GetName().Name + ".dll";
        if (hooks is null)
        {
            return;
        }

        var others = hooks.Split(Path.PathSeparator)
            .Where(hook => !string.Equals(Path.GetFileName(hook), ourFile, StringComparison.OrdinalIgnoreCase));
        var rest = string.Join(Path.PathSeparator, others);
        Environment.SetEnvironmentVariable(HooksVariable, rest.Length == 0 ? null : rest);
    }
}
