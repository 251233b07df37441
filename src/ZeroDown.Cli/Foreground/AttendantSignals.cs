using System.Runtime.InteropServices;
using ZeroDown.Platform;

namespace ZeroDown.Cli.Foreground;

/// <summary>What the keeper passes on. SIGTERM: everything is being drained, our part is to show the rest. SIGHUP: reload all. The others are for the apps.</summary>
internal sealed class AttendantSignals : IDisposable
{
    private static readonly string[] ForApps = ["SIGUSR1", "SIGUSR2"];
    private readonly PosixSignalRegistration[] _registrations;

    public AttendantSignals(Action end, Action reload, Action<string> relay) => _registrations =
    [
        Register("SIGTERM", _ => end()),
        // Of a keyboard; the keeper hears it too and says what it means.
        Register("SIGINT", _ => { }),
        Register("SIGHUP", _ => reload()),
        .. ForApps.Select(name => Register(name, relay)),
    ];

    public void Dispose() => Array.ForEach(_registrations, registration => registration.Dispose());

    private static PosixSignalRegistration Register(string name, Action<string> heard)
    {
        _ = Signals.TryParse(name, out var number);
        return PosixSignalRegistration.Create((PosixSignal)number, context =>
        {
            context.Cancel = true;
            heard(name);
        });
    }
}
