using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ZeroDown.EndToEnd.Harness;

/// <summary>
/// A shell starts what it puts into the background with SIGINT and SIGQUIT ignored, nohup with SIGHUP, and whoever is started with a signal ignored passes that on: a <c>zd run</c>
/// that a test presses Ctrl-C on would never hear it. So the tests begin as a program in a terminal does, whoever started them.
/// </summary>
internal static partial class InheritedSignals
{
    private const int SIGHUP = 1, SIGINT = 2, SIGQUIT = 3;

    /// <summary>SIG_DFL.</summary>
    private const nint Default = 0;

    /// <summary>SIG_IGN.</summary>
    private const nint Ignored = 1;

    [ModuleInitializer]
    internal static void Reset()
    {
        foreach (var signal in (int[])[SIGHUP, SIGINT, SIGQUIT])
        {
            // Not what .NET has put there itself.
            if (Signal(signal, Default) is var before && before != Ignored)
                _ = Signal(signal, before);
        }
    }

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int signal, nint handler);
}
