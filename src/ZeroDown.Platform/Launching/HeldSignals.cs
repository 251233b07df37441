namespace ZeroDown.Platform.Launching;

/// <summary>
/// Keeps the signals that mean something to a keeper waiting while it becomes another program: between the exec and the new runtime's handlers they would
/// kill it. A blocked signal stays blocked over an exec and is delivered when it is let through.
/// </summary>
internal sealed unsafe class HeldSignals : IDisposable
{
    private static readonly string[] Names = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2"];

    private HeldSignals()
    {
    }

    /// <summary>In this thread; the one that calls exec is the only one that is left then.</summary>
    internal static HeldSignals Block()
    {
        Change(LaunchConstants.SIG_BLOCK);
        return new HeldSignals();
    }

    /// <summary>The handlers are there. Of the threads it is enough that one lets them through.</summary>
    internal static void LetThrough() => Change(LaunchConstants.SIG_UNBLOCK);

    /// <summary>Lets them through.</summary>
    public void Dispose() => LetThrough();

    private static void Change(int how)
    {
        var set = stackalloc byte[Interop.SigSetSize];
        _ = Interop.SigEmptySet(set);
        foreach (var name in Names)
        {
            _ = Signals.TryParse(name, out var number);
            _ = Interop.SigAddSet(set, number);
        }

        _ = Interop.PthreadSigMask(how, set, null);
    }
}
