using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>One OS process in a slot, from the order to launch it until it is forgotten. Never used twice, so late news
/// about a worker that is gone finds nobody. The keeper knows the worker by the same number.</summary>
public readonly record struct WorkerId(long Number)
{
    public override string ToString() => $"w{Number}";
}

/// <summary>One command of one user; it gets exactly one answer.</summary>
public readonly record struct RequestId(long Number)
{
    public override string ToString() => $"r{Number}";
}

/// <summary>What a deadline is for.</summary>
public enum DeadlineKind
{
    /// <summary>A worker that needs no word has lived long enough to count as ready.</summary>
    Settle,

    /// <summary>A worker has shown its sign of readiness and has lived on long enough since.</summary>
    Confirm,

    /// <summary><c>listen_timeout</c> of a starting worker.</summary>
    Ready,

    /// <summary>The end of a drain: the stop signal is due.</summary>
    Drain,

    /// <summary>A worker that was told to take no new connection has not said yet that it takes none; from here on nobody waits for its word.</summary>
    Heed,

    /// <summary><c>kill_timeout</c> after the stop signal: SIGKILL is due unless connections are still being served.</summary>
    Kill,

    /// <summary>The last moment for a worker that got its stop signal and still serves: SIGKILL.</summary>
    KillAtLast,

    /// <summary>A worker has closed a listener that it asked for and lives on: the listener is given up.</summary>
    Unlisten,

    /// <summary>A slot's pause before the next start is over.</summary>
    Backoff,
}

/// <summary>
/// Names one armed deadline. <see cref="Epoch"/> grows with every arming, so a deadline that was already in the mailbox
/// when it was disarmed or armed anew is recognised as old news and does nothing.
/// </summary>
/// <param name="App">The app it belongs to.</param>
/// <param name="Slot">The slot it belongs to.</param>
/// <param name="Worker">The worker it belongs to; null for a slot's own (backoff).</param>
/// <param name="Kind">What it is for.</param>
/// <param name="Epoch">Fleet-wide number, unique per arming.</param>
public readonly record struct DeadlineId(AppName App, int Slot, WorkerId? Worker, DeadlineKind Kind, long Epoch);
