namespace ZeroDown.Keeper;

/// <summary>The CLI's side of the start: launches `zd keeper` detached and learns over an inherited pipe that the daemon listens. Nobody sleeps and retries.</summary>
public static class KeeperStarter
{
    /// <param name="home">Absolute, existing folder (0700); its files keeper.lock, daemon.lock, starting.lock and keeper.log are the keeper's.</param>
    /// <exception cref="IOException">The keeper could not be launched.</exception>
    public static KeeperStart StartDetached(string home) => throw new NotImplementedException();
}

/// <summary>A start that is under way.</summary>
public sealed class KeeperStart : IDisposable
{
    /// <summary>
    /// Waits until a daemon listens: the one that this start brought, or, if another start was quicker, that one's. Should the connection still fail then (that daemon
    /// has died or been stopped meanwhile), start again, a few times at most.
    /// </summary>
    public StartReport Wait(TimeSpan timeout) => throw new NotImplementedException();

    public void Dispose()
    {
    }
}

/// <param name="Outcome">What became of the start.</param>
/// <param name="Line">One line for the user if it failed, else empty.</param>
public sealed record StartReport(StartOutcome Outcome, string Line);

public enum StartOutcome
{
    /// <summary>A daemon listens.</summary>
    Ready,

    /// <summary>It could not start; the line says why.</summary>
    Failed,

    /// <summary>Neither yet.</summary>
    TimedOut,
}
