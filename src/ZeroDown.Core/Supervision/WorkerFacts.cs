namespace ZeroDown.Core.Supervision;

/// <summary>How a process ended: by itself with a code, or by a signal.</summary>
/// <param name="Code">Exit code; 0 when it was a signal.</param>
/// <param name="Signal">Name with the SIG prefix, null for an ordinary exit.</param>
/// <param name="CoreDumped">The kernel wrote a core file.</param>
public sealed record ExitStatus(int Code, string? Signal = null, bool CoreDumped = false)
{
    /// <summary>It is gone, and whoever could have seen how was gone too.</summary>
    public static readonly ExitStatus Unknown = new(0) { IsKnown = false };

    /// <summary>False: the other values say nothing.</summary>
    public bool IsKnown { get; init; } = true;

    public override string ToString() =>
        !IsKnown ? "nobody knows how" : Signal is null ? $"exit code {Code}" : CoreDumped ? $"{Signal} (core dumped)" : Signal;
}

/// <summary>Why a program could not be executed.</summary>
/// <param name="Step">What was being done, in the trampoline's words: <c>execve</c>, <c>chdir</c>, <c>setuid</c>, …</param>
/// <param name="Errno">The kernel's number, 0 if there is none.</param>
/// <param name="Text">A sentence for the user, with the path it is about.</param>
/// <param name="Temporary">True for a lack of resources (ENOMEM, EAGAIN, EMFILE, ENOSPC): a later try may work.</param>
public sealed record LaunchProblem(string Step, int Errno, string Text, bool Temporary = false)
{
    /// <summary>The file can be executed by no later try either (ENOEXEC): the worker is not tried again.</summary>
    public bool Permanent { get; init; }
}

/// <summary>Why a worker is to leave. It decides how long its idle connections may linger.</summary>
public enum DrainReason
{
    Reload,
    Scale,
    Stop,
    Restart,
    Delete,
    Shutdown,

    /// <summary>A newcomer of a roll that failed.</summary>
    RollBack,

    /// <summary>The launched process exited by itself; what it had started is ended.</summary>
    Exited,
}

/// <summary>What a draining worker is told.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Idle">How long idle and long-lived connections may stay.</param>
/// <param name="Limit">How long requests in flight may go on.</param>
public sealed record DrainOrder(DrainReason Reason, TimeSpan Idle, TimeSpan Limit);

/// <summary>Where a worker, or a slot without one, stands.</summary>
public enum WorkerPhase
{
    /// <summary>Launched, not ready yet. Public word: launching.</summary>
    Starting,

    /// <summary>Public word: online.</summary>
    Ready,

    /// <summary>Told to take nothing new; finishes what is open. Public word: draining (stopping in stop, restart, delete).</summary>
    Draining,

    /// <summary>Has its stop signal. Public word: stopping.</summary>
    Stopping,

    /// <summary>A slot that waits to start again. Public word: waiting restart.</summary>
    Backoff,

    /// <summary>A slot that gave up after too many crashes. Public word: errored.</summary>
    Errored,

    /// <summary>A slot without a worker, by intent. Public word: stopped.</summary>
    Stopped,
}
